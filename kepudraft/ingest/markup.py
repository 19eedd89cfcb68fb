"""HTML -> lines: what a reader of the page sees, block by block, each with its line in the file.

Scripts, styles and the parts that a page marks as furniture (nav, footer, …) go at once; whether a block is mostly
links is kept, for `clean` to judge. Only the standard library's parser: it never fails, and fetches nothing.
"""

from __future__ import annotations

from html.parser import HTMLParser

from kepudraft.ingest.prose import Line
from kepudraft.ingest.rules import load_rules

_SKIPPED = frozenset((
    "script", "style", "nav", "footer", "aside", "form", "noscript", "iframe", "button", "select", "template", "svg", "head",
    "object", "video", "audio", "canvas",
))
_BLOCKS = frozenset((
    "p", "div", "br", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article",
    "header", "main", "blockquote", "dd", "dt", "dl", "hr", "pre", "body", "center",
))
_VOID = frozenset((
    "br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr", "param",
))
_MAX_DEPTH = 400


def read_html(text: str) -> list[Line]:
    """Return the visible blocks of a page; where its parts marked as furniture hold nearly all, these too."""
    reader = _Reader(skip_furniture=True)
    reader.feed(text)
    reader.close()
    lines = reader.finished()
    if sum(len(line.text) for line in lines) >= 200:
        return lines
    reader = _Reader(skip_furniture=False)
    reader.feed(text)
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    def __init__(self, *, skip_furniture: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._furniture = load_rules().furniture_block if skip_furniture else None
        self._lines: list[Line] = []
        self._pieces: list[str] = []
        self._start = 0
        self._linked = 0
        self._links = 0
        self._open: list[tuple[str, bool]] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._flush()
        if tag in _VOID:
            return
        if tag == "a":
            self._links += 1
        skipped = tag in _SKIPPED or self._is_furniture(tag, attrs)
        if len(self._open) < _MAX_DEPTH:
            self._open.append((tag, skipped))
            self._skipping += skipped

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
        if all(name != tag for name, _ in self._open):
            return
        if tag == "a":
            self._links = max(0, self._links - 1)
        while self._open:
            name, skipped = self._open.pop()
            self._skipping -= skipped
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._skipping or not data.strip():
            return
        if not self._pieces:
            leading = len(data) - len(data.lstrip())
            self._start = self.getpos()[0] + data[:leading].count("\n")
        self._pieces.append(" ".join(data.split()))
        if self._links:
            self._linked += len(self._pieces[-1])

    def finished(self) -> list[Line]:
        self._flush()
        return self._lines

    def _is_furniture(self, tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        if self._furniture is None or tag in ("body", "html", "main", "article", "p", "a", "span"):
            return False
        names = " ".join(value or "" for key, value in attrs if key in ("class", "id", "role"))
        return bool(self._furniture.search(names))

    def _flush(self) -> None:
        text = "".join(self._pieces).strip()
        if text and not self._skipping:
            self._lines.append(Line(self._start, text, linked=self._linked * 2 > len(text)))
        self._pieces, self._linked = [], 0
