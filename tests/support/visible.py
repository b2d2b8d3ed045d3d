"""What of a page can be seen: its HTML without the white space that no browser shows.

White space beside a block is not shown, a run of it is one space; inside ``textarea`` and ``pre`` every character is.
"""

import re
from html.parser import HTMLParser
from typing import Final

# fmt: off
BLOCKS: Final = frozenset({
    "article", "aside", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "legend", "li",
    "main", "nav", "ol", "optgroup", "option", "p", "section", "table", "tbody", "td", "tfoot", "th", "thead",
    "title", "tr", "ul",
})
VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})
# fmt: on
INNER_BLOCKS: Final = frozenset({"button"})
"""White space at both ends inside is not shown, outside it is."""
UNSEEN: Final = frozenset({"script", "link", "meta", "template", "base"})
VERBATIM: Final = frozenset({"textarea", "pre"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.at_edge = True
        self.open: list[str] = []

    def edge(self) -> None:
        """Nothing is seen of the white space on either side of here."""
        if self.found and self.found[-1] == " ":
            self.found.pop()
        self.at_edge = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.edge()
        said = " ".join(sorted(f'{name}="{" ".join((value or "").split())}"' for name, value in attrs))
        self.found.append(f"<{tag} {said}>")
        if tag in INNER_BLOCKS:
            self.at_edge = True
        elif tag not in BLOCKS | UNSEEN and (tag in VOID or tag in VERBATIM):
            self.at_edge = False
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag in BLOCKS | INNER_BLOCKS:
            self.edge()
        self.found.append(f"</{tag}>")
        if tag in INNER_BLOCKS | VERBATIM:
            self.at_edge = False

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in VERBATIM:
            self.found.append(data)
            return
        for part in re.findall(r"[ \t\r\n\f]+|[^ \t\r\n\f]+", data):
            if not part.isspace():
                self.found.append(part)
            elif not self.at_edge:
                self.found.append(" ")
            self.at_edge = part.isspace()


def visible(html: str) -> list[str]:
    """Tags, words and the spaces between them, in order; two pages that look the same give the same."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found
