"""What an exported Word file remembers of its sentences, so that an edited copy can be compared with the export.

It stands in a custom XML part, which Word and LibreOffice keep when they save. It holds a digest of every sentence and
the ids of the facts told there, never the wording: a sentence that a person deletes before the file goes out must not
travel on inside it. The wording of the export stands in the JSON record, whose hash is held here too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from kepudraft.assemble import Draft
from kepudraft.export.lines import DATE_MISSING, Line, lines, printable, signature
from kepudraft.export.records import content_hash
from kepudraft.figures.sentences import sentence_spans

TRACE_PART = "customXml/item1.xml"
NAMESPACE = "urn:kepudraft:trace:1"
MAX_BYTES = 4 * 1024 * 1024
_DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class Traced:
    """A sentence of the export: its digest, the facts it told, and its wording where that is known, else ""."""

    digest: str
    fact_ids: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """All sentences of an export in order, title, headings and signature among them; `record` is its content hash."""

    record: str
    sentences: tuple[Traced, ...]


def trace_of(draft: Draft) -> Trace:
    """The trace of a draft, wording included."""
    printed = (*lines(draft), *signature(draft.sheet))
    return Trace(content_hash(draft), tuple(traced for line in printed for traced in _traced(line)))


def written(trace: Trace) -> bytes:
    """The trace as an XML part, without any wording."""
    rows = "".join(f"<s d={quoteattr(s.digest)} f={quoteattr(printable(' '.join(s.fact_ids)))}/>" for s in trace.sentences)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<trace xmlns="{NAMESPACE}" record="{trace.record}">{rows}</trace>\n'.encode()


def read_trace(data: bytes) -> Trace | None:
    """The trace that an XML part holds; None if it holds none, or was tampered with."""
    from lxml import etree

    if len(data) > MAX_BYTES:
        return None
    try:
        # No entity is resolved and nothing is fetched: the part comes from whoever sent the file.
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.tag != f"{{{NAMESPACE}}}trace":
        return None
    found = root.findall(f"{{{NAMESPACE}}}s")
    return Trace(root.get("record", ""), tuple(Traced(s.get("d", ""), tuple(s.get("f", "").split())) for s in found))


def trace_of_record(record: Mapping[str, Any]) -> Trace | None:
    """The trace of a draft's JSON record, wording included; None if it is no such record."""
    text, sections, digest = record.get("text"), record.get("sections"), record.get("sha256")
    if not isinstance(text, str) or not isinstance(sections, list) or not isinstance(digest, str):
        return None
    facts: dict[str, tuple[str, ...]] = {}
    for sentence in _sentences_of(sections):
        told, ids = sentence.get("text"), sentence.get("facts")
        if isinstance(told, str) and isinstance(ids, list):
            facts |= {digest_of(part): tuple(str(i) for i in ids) for line in told.split("\n") for part in parts(line)}
    shown = [part for line in (*text.split("\n"), *_signed(record)) for part in parts(printable(line))]
    return Trace(digest, tuple(Traced(digest_of(p), facts.get(digest_of(p), ()), p) for p in shown))


def _signed(record: Mapping[str, Any]) -> tuple[str, str]:
    """Unit and date as they are printed at the end."""
    date = str(record.get("date") or "").split("-")
    told = f"{date[0]}年{int(date[1])}月{int(date[2])}日" if len(date) == 3 and all(d.isdecimal() and len(d) <= 4 for d in date) else DATE_MISSING
    return str(record.get("unit", "")), told


def parts(line: str) -> tuple[str, ...]:
    """The sentences of one line without blanks at their ends; none for a blank line."""
    cut = (line[s.start : s.end].strip() for s in sentence_spans(line))
    return tuple(part for part in cut if part)


def digest_of(sentence: str) -> str:
    """Digest of a sentence whatever blanks and line breaks stand in it (a title is broken by sense)."""
    return hashlib.sha256("".join(sentence.split()).encode("utf-8", "replace")).hexdigest()[:_DIGEST_CHARS]


def _traced(line: Line) -> Iterator[Traced]:
    text = printable(line.text)
    at, spans = 0, []
    for piece in line.pieces:
        spans.append((at, at + len(piece.text), piece.sentence.fact_ids if piece.sentence else ()))
        at += len(piece.text)
    for span in sentence_spans(text):
        part = text[span.start : span.end].strip()
        told = (i for start, end, ids in spans if start < span.end and span.start < end for i in ids)
        if part:
            yield Traced(digest_of(part), tuple(dict.fromkeys(told)), part)


def _sentences_of(sections: list[Any]) -> Iterator[Mapping[str, Any]]:
    for section in sections:
        if not isinstance(section, dict):
            continue
        for paragraph in _list(section.get("paragraphs")):
            yield from (s for s in _list(paragraph) if isinstance(s, dict))
        yield from _sentences_of(_list(section.get("parts")))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
