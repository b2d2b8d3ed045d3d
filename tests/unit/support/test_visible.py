"""What two ways of writing the same page have in common, and what tells them apart."""

import pytest

from tests.support.visible import visible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<ul><li>一</li><li>二</li></ul>", "<ul>\n  <li>一</li>\n  <li>\n二 </li>\n</ul>\n"),
        ('<p><b class="a b">一</b>二</p>', '<p><b\n  class="a\n  b">一</b\n  >二</p>'),
        ("<p>一 二</p>", "<p>一\n    二</p>"),
        ("<button>一</button>", "<button>\n  一\n</button>"),
        ("<p>一 <b> 二</b></p>", "<p>一 <b>二</b></p>"),
    ],
)
def test_what_no_browser_shows_makes_no_difference(one: str, other: str) -> None:
    assert visible(one) == visible(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p><b>一</b><b>二</b></p>", "<p><b>一</b>\n<b>二</b></p>"),
        ("<p>一<button>二</button></p>", "<p>一 <button>二</button></p>"),
        ("<p>一<input>二</p>", "<p>一<input> 二</p>"),
        ("<textarea>一</textarea>", "<textarea>一 </textarea>"),
        ("<p>一二</p>", "<p>一 二</p>"),
    ],
)
def test_what_is_seen_does(one: str, other: str) -> None:
    assert visible(one) != visible(other)
