"""A summary taken in -> the Markdown of an exemplar, and the record that keeps what the Markdown has no place for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from kepudraft.genre import Genre, Role
from kepudraft.ingest.defects import TITLES
from kepudraft.ingest.label import Label, LabelledSection
from kepudraft.ingest.prose import place
from kepudraft.ingest.sections import Section
from kepudraft.ingest.simplify import with_full_marks
from kepudraft.ingest.take import Taken

RECORD = 1
"""Form of a record; to be raised when files should be taken in anew."""

_CHINESE: tuple[str, ...] = ("", *"一二三四五六七八九", "十", *(f"十{digit}" for digit in "一二三四五六七八九"), "二十")
_MIN_SUB = 40
_PLAIN_STYLE = 2  # headings of roles.toml in plain words, for sections that have none


def exemplar_id(taken: Taken) -> str:
    """Return the id of a summary: the same for the same text, whatever file it comes in."""
    text = re.sub(r"\s", "", taken.title + "".join(one.section.heading + one.section.text for one in taken.sections))
    return "own-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def markdown(taken: Taken, genre: Genre, source: str) -> str:
    """Return a summary in the strict form of an exemplar file.

    Args:
        taken: The summary.
        genre: Gives headings to sections that have none.
        source: Where it comes from, for its front matter.
    """
    front = [
        "---", f"id: {exemplar_id(taken)}", f"unit_type: {taken.unit_type.value}", f"level: {taken.level.value}",
        f"year: {taken.year.value or 0}", f"title: {_line(taken.title)}", "fictional: false", f"facts_from: {_line(source)}", "---",
    ]  # fmt: skip
    return "\n".join([*front, *_body(taken, genre)]) + "\n"


def record(taken: Taken, *, source: str, digest: str, parts: int, added: str) -> dict[str, Any]:
    """Return all that is known of a summary as values that JSON can hold.

    Args:
        taken: The summary.
        source: Name of its file.
        digest: SHA-256 of its file.
        parts: How many summaries the file holds; until all are stored the file is not done.
        added: ISO date.
    """
    return {
        "form": RECORD,
        "id": exemplar_id(taken),
        "title": taken.title,
        "source": source,
        "digest": digest,
        "part": taken.number,
        "parts": parts,
        "added": added,
        "unit_type": _label(taken.unit_type),
        "level": _label(taken.level),
        "year": _label(taken.year),
        "chars": taken.chars,
        "sections": [_section(one) for one in taken.sections],
        "defects": [
            {"kind": d.kind.value, "title": TITLES[d.kind], "lines": [place(n) for n in d.lines], "message": d.message}
            for d in taken.defects
        ],
        "severe": bool(taken.severe),
    }


def _label(label: Label[Any]) -> dict[str, Any]:
    kept = {"value": label.value, "confidence": label.confidence, "sure": label.sure}
    return kept if label.also is None else {**kept, "also": label.also}


def _section(one: LabelledSection) -> dict[str, Any]:
    section = one.section
    return {"heading": section.heading, "level": section.level, "line": place(section.line), "role": _label(one.role),
            "chars": len(section.text)}  # fmt: skip


def _body(taken: Taken, genre: Genre) -> Iterator[str]:
    """Sections under ## and ###; deeper ones, and empty ones, go into the text of the one above."""
    sections = list(taken.sections)
    top = sub = 0
    closing = sections.pop() if len(sections) > 1 and _is_closing(sections[-1]) else None
    for at, one in enumerate(sections):
        section = one.section
        if at == 0 and not section.heading and one.role.value is Role.OVERVIEW:
            yield from _prose(section)
            continue
        below = section.level > 1 and top > 0
        if below and not _worth_heading(one):
            yield from _inline(section)
        elif below:
            sub += 1
            yield f"\n### （{_number(sub)}）{_heading(one, genre)} {{{_roles(one)}}}\n"
            yield from _prose(section)
        elif section.paragraphs or _has_below(sections, at):
            top, sub = top + 1, 0
            yield f"\n## {_number(top)}、{_heading(one, genre)} {{{_roles(one)}}}\n"
            yield from _prose(section)
    if closing is not None:
        yield "\n## {role=closing}\n"
        yield from _prose(closing.section)


def _roles(one: LabelledSection) -> str:
    also = one.role.also
    # Only the last part of a text, without heading, may be its closing.
    return f"role={one.role.value}" + (f" also={also}" if also not in (None, Role.CLOSING) else "")


def _is_closing(one: LabelledSection) -> bool:
    return one.role.value is Role.CLOSING and not one.section.heading and bool(one.section.paragraphs)


def _worth_heading(one: LabelledSection) -> bool:
    return one.section.level == 2 and len(one.section.text) >= _MIN_SUB


def _has_below(sections: list[LabelledSection], at: int) -> bool:
    level = sections[at].section.level
    below = sections[at + 1] if at + 1 < len(sections) else None
    return level > 0 and below is not None and below.section.level > level and bool(below.section.paragraphs)


def _inline(section: Section) -> Iterator[str]:
    heading = _line(section.heading)
    first = section.paragraphs[0].text if section.paragraphs else ""
    yield _line(f"{section.number}{heading}。{first}" if heading else first)
    yield from (_line(piece.text) for piece in section.paragraphs[1:])


def _prose(section: Section) -> Iterator[str]:
    yield from (_line(piece.text) for piece in section.paragraphs)


def _heading(one: LabelledSection, genre: Genre) -> str:
    plain = genre.roles[one.role.value]
    return _line(one.section.heading) or plain.headings[_PLAIN_STYLE % len(plain.headings)] or plain.title


def _number(value: int) -> str:
    return _CHINESE[min(value, 20)]


def _line(text: str) -> str:
    """Return text as one line that no reader takes for markup."""
    flat = " ".join(with_full_marks(text).split()).replace("{", "（").replace("}", "）")
    return flat.lstrip("#- ") if flat.startswith(("#", "---")) else flat
