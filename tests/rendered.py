"""What a page shows of Markdown: a parser of CommonMark and of HTML, for the tests of what is written for GitHub."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

EMPTY = {"br", "wbr"}


@dataclass
class Element:
    """A tag with what is in it; a text is a string."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self):
        return "".join("\n" if one == Element("br", {}) else one if isinstance(one, str) else one.text
                       for one in self.inside)  # fmt: skip

    def all(self, tag):
        """The elements of that tag, at any depth, in order."""
        below = [one for one in self.inside if isinstance(one, Element)]
        return [found for one in below for found in ([one] if one.tag == tag else []) + one.all(tag)]

    def tags(self):
        return {self.tag}.union(*(one.tags() for one in self.inside if isinstance(one, Element)))


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = [Element("page", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def rendered(markdown):
    """The page that the Markdown is, with GitHub's tables and the HTML in it."""
    builder = _Builder()
    builder.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.open[0]
