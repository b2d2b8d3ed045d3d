"""Dates in sentences stay whole; everything else stays escaped text."""

import pytest

from common.templatetags.govtrack import whole_dates


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "最迟 11月27日（星期五）答复您。",
            '最迟 <span class="nowrap">11月27日</span><span class="nowrap">（星期五）</span>答复您。',
        ),
        ("已退回重办（第2次），", '已退回重办<span class="nowrap">（第2次）</span>，'),
        ("<b>您已撤回</b>", "&lt;b&gt;您已撤回&lt;/b&gt;"),
        ("", ""),
    ],
)
def test_whole_dates(text: str, html: str) -> None:
    assert whole_dates(text) == html
