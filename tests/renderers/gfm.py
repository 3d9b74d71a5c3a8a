"""Markdown as GitHub renders it, and what a reader, a browser and GitHub's filters find in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

_VOID = frozenset({"br", "hr", "img", "input", "source"})


def by_github(markdown: str) -> str:
    """HTML by GitHub's own C library, all extensions and footnotes on, HTML let through."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    html: str = cmarkgfm.github_flavored_markdown_to_html(markdown, options)
    return html


def by_markdown_it(markdown: str) -> str:
    """HTML by a second library, with links from whatever looks like one, HTML let through."""
    return MarkdownIt("gfm-like", {"html": True}).render(markdown)


RENDERERS: tuple[Callable[[str], str], ...] = (by_github, by_markdown_it)


@dataclass
class Seen(HTMLParser):
    """A page taken apart."""

    tags: set[str] = field(default_factory=set)
    attributes: set[tuple[str, str]] = field(default_factory=set)
    code: list[str] = field(default_factory=list)
    """Texts of code."""
    loose: list[str] = field(default_factory=list)
    """Texts outside of code, where GitHub looks for mentions and references."""
    tables: list[list[int]] = field(default_factory=list)
    """Cells of each row, by table; the head first."""
    comments: list[str] = field(default_factory=list)
    text: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append(0)
        if tag in {"td", "th"}:
            self.tables[-1][-1] += 1
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> closes <{self._open[-1]}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if "code" in self._open or "pre" in self._open:
            if self.code:
                self.code[-1] += data
        else:
            self.loose.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data.strip())


def seen(html: str) -> Seen:
    """Take a page apart; every element is closed where it should be."""
    page = Seen()
    page.feed(html)
    page.close()
    assert not page._open, f"never closed: {page._open}"
    return page
