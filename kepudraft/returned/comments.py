"""Findings as Word comments at the very place, in a copy of the file that is otherwise as it was.

Runs are cut where a comment begins or ends, and each part keeps the run's properties: no character changes its look, and
everything else in the file stays as it is.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from kepudraft.export.lines import printable
from kepudraft.figures.figure import Span
from kepudraft.verify.word_text import PlacedText, Stretch, shown_by

AUTHOR, INITIALS = "数字核对", "核"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_COMMENT_POINTS = 9


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said at a place of the text; without a span at its beginning."""

    span: Span | None
    text: str


def commented(placed: PlacedText, notes: Iterable[Note]) -> bytes:
    """The file with a comment for every note, in reading order.

    Args:
        placed: The file; its document is changed and must not be used again.
        notes: Spans index into `placed.text`.
    """
    anchored = [(note, _stretches(placed, note.span)) for note in sorted(notes, key=lambda n: n.span.start if n.span else -1)]
    cut = _cut_runs([stretch for _, stretches in anchored for stretch in stretches])
    for note, stretches in anchored:
        if stretches:
            first, last = stretches[0], stretches[-1]
            _comment(placed.document, _part_at(cut, first.run, first.start), _part_at(cut, last.run, last.end - 1), note.text)
    saved = io.BytesIO()
    placed.document.save(saved)
    return saved.getvalue()


def _stretches(placed: PlacedText, span: Span | None) -> tuple[Stretch, ...]:
    """The runs of a span; those before it where it covers only what is in no run; the first one without a span."""
    if not placed.pieces:
        return ()
    if span is not None and (found := placed.runs(span.start, max(span.end, span.start + 1))):
        return found
    if span is None:
        first = placed.pieces[0]
        return placed.runs(first.start, first.start + len(first.raw))
    before = [p for p in placed.pieces if p.start <= span.start]
    nearest = before[-1] if before else placed.pieces[0]
    return placed.runs(nearest.start, nearest.start + 1)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run, or what was cut off it: it holds the raw text from `start` on."""

    start: int
    run: Any


def _cut_runs(stretches: list[Stretch]) -> dict[int, list[_Part]]:
    """Cut every run where a stretch begins or ends; the parts of each by the identity of the run as it was."""
    cuts: dict[int, set[int]] = defaultdict(set)
    runs: dict[int, Any] = {}
    for stretch in stretches:
        cuts[id(stretch.run)] |= {stretch.start, stretch.end}
        runs[id(stretch.run)] = stretch.run
    made: dict[int, list[_Part]] = {}
    for key, run in runs.items():
        size = sum(len(shown_by(child)) for child in run)
        parts = [_Part(at, _cut_off(run, at)) for at in sorted(cuts[key], reverse=True) if 0 < at < size]
        made[key] = [_Part(0, run), *reversed(parts)]
    return made


def _part_at(cut: dict[int, list[_Part]], run: Any, offset: int) -> Any:  # noqa: ANN401 - lxml is untyped
    return [part.run for part in cut[id(run)] if part.start <= offset][-1]


def _cut_off(run: Any, at: int) -> Any:  # noqa: ANN401
    """Take the text from `at` on, and what stands behind it, out of the run into a new one with the same properties."""
    rest = deepcopy(run)
    offset = 0
    for child, copy in zip(list(run), list(rest), strict=True):
        if child.tag == f"{_W}rPr":
            continue
        size = len(shown_by(child))
        if offset + size <= at:
            rest.remove(copy)
        elif offset >= at:
            run.remove(child)
        else:
            text = child.text or ""
            child.text, copy.text = text[: at - offset], text[at - offset :]
            for half in (child, copy):
                half.set(_SPACE, "preserve")
        offset += size
    run.addnext(rest)
    return rest


def _comment(document: Any, first: Any, last: Any, text: str) -> None:  # noqa: ANN401
    from docx.shared import Pt
    from docx.text.run import Run

    parent = document.paragraphs[0] if document.paragraphs else document
    comment = document.add_comment([Run(first, parent), Run(last, parent)], text=printable(text), author=AUTHOR, initials=INITIALS)
    for paragraph in comment.paragraphs:
        # The text style of a 公文 is far too large and its line spacing fixed: a comment is set small whatever the file.
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.first_line_indent = 0
        for run in paragraph.runs:
            run.font.size = Pt(_COMMENT_POINTS)
