"""Reading pages in tests: what the reader sees as text, and the fields of the one form that a page shows."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponseBase


class _Inputs(HTMLParser):
    """Collects the values of one form's controls."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.select, self.area = action, False, "", ""
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action", "").endswith(self.action)
        if not self.inside:
            return
        if tag == "input" and given.get("name"):
            if given.get("type") == "file" or (given.get("type") in ("radio", "checkbox") and "checked" not in given):
                return
            self.values[given["name"]] = given.get("value", "on")
        elif tag == "select":
            self.select = given.get("name", "")
            self.values.setdefault(self.select, "")
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value", "")
        elif tag == "textarea":
            self.area = given.get("name", "")
            self.values[self.area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.area:
            self.values[self.area] += data


def html_of(answer: HttpResponseBase) -> str:
    """The page."""
    content: bytes = answer.content  # type: ignore[attr-defined]
    return content.decode()


def text_of(answer: HttpResponseBase) -> str:
    """The page without its marks, white space folded."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html_of(answer))))


def form_of(answer: HttpResponseBase, action: str) -> dict[str, str]:
    """The values that a browser would send from the form whose action ends with ``action``."""
    parser = _Inputs(action)
    parser.feed(html_of(answer))
    parser.values.pop("csrfmiddlewaretoken", None)
    return parser.values


def statements(captured: Any) -> list[str]:
    """The statements of a page: transactions and savepoints are not counted."""
    skipped = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(skipped)]
