"""A pytest plugin for whoever changes how templates are written and not what they show.

``OLD_TEMPLATES=/tmp/old/templates make test TESTS="-p tests.support.same_pages tests/integration/console"`` renders
every page of these tests a second time from the templates as they were (``git worktree add /tmp/old main``), and fails
where the two can be told apart.
"""

import difflib
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.template.base import Template

from tests.support.visible import visible


def _old_engine() -> Engine:
    options: Any = settings.TEMPLATES[0]["OPTIONS"]
    return Engine(dirs=[os.environ["OLD_TEMPLATES"]], app_dirs=True, **options)


@pytest.fixture(autouse=True, scope="session")
def same_pages(django_test_environment: None) -> Iterator[None]:
    """Each page that is rendered is rendered from the old templates too, in the same context."""
    kind: Any = Template
    engine, render = _old_engine(), kind._render
    inside = False

    def both(self: Template, context: Context) -> Any:
        nonlocal inside
        if inside or not self.name:
            return render(self, context)
        inside = True
        try:
            before = _before(engine, self.name, context)
            after = render(self, context)
        finally:
            inside = False
        _compare(self.name, visible(before), visible(str(after)))
        return after

    kind._render = both
    yield
    kind._render = render


def _before(engine: Engine, name: str, context: Context) -> str:
    old, new = engine.get_template(name), context.template
    context.template = old
    try:
        with context.render_context.push_state(old):
            return str(old.nodelist.render(context))
    finally:
        context.template = new


def _compare(name: str, before: list[str], after: list[str]) -> None:
    if before != after:
        told = "\n".join(difflib.unified_diff(before, after, "before", "after", n=4, lineterm=""))
        pytest.fail(f"{name} looks different\n{told[:4000]}", pytrace=False)
