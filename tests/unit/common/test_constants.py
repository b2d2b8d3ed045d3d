"""Tags that hang on nothing but the language are rendered once in each, and say the same as Django's own."""

from collections.abc import Mapping

import pytest
from django.conf import settings
from django.template import Context, Engine, Template
from django.utils import translation

from common.templatetags.constants import ConstantNode

TAGS = [
    ('{% translate "提交" %}', True),
    ('{% translate "提交" as word %}{{ word }}', False),
    ("{% translate word %}", False),
    ('{% translate "一" context "weekday" %}', True),
    ('{% static "css/phone.css" %}', True),
    ("{% static path %}", False),
    ('{% include "components/icon.html" with name="home" only %}', True),
    ('{% include "components/icon.html" with name=word only %}', False),
    ('{% include "components/icon.html" with name="home" %}', False),
]
_DJANGOS = Engine(
    dirs=[str(settings.BASE_DIR / "templates")], builtins=["django.templatetags.i18n", "django.templatetags.static"]
)
VALUES: Mapping[str, str] = {"word": "home", "path": "css/phone.css"}


@pytest.mark.parametrize(("text", "constant"), TAGS)
def test_they_say_what_djangos_say_in_every_language(text: str, constant: bool) -> None:
    made = Template(text)
    assert any(isinstance(node, ConstantNode) for node in made.nodelist) is constant
    plain = _DJANGOS.from_string(text)
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            assert made.render(Context(VALUES)) == plain.render(Context(VALUES))
