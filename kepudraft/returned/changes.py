"""What a person changed in an exported draft, sentence by sentence.

In come the edited text and the trace of the export (`export.trace`), out goes what was changed, added, removed or moved.
The trace of a Word file holds no wording: the old sentence is shown where the JSON record of the export is at hand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Any

from kepudraft.errors import DraftTextError, os_reason
from kepudraft.export.trace import MAX_BYTES, Trace, Traced, digest_of, read_trace, trace_of_record
from kepudraft.facts.material import MAX_BYTES as MAX_RECORD_BYTES
from kepudraft.figures.figure import Span
from kepudraft.figures.sentences import sentence_spans

_ALIKE = 0.45  # share of characters from which a sentence is a changed one and not another
_MAX_PAIRS = 2500
_MAX_CELLS = 4_000_000
_MAX_TITLE_LINES = 4
_MAX_RECORDS = 40


class ChangeKind(StrEnum):
    """What happened to a sentence."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"

    @property
    def label(self) -> str:
        """What the person reads."""
        return {"changed": "改过", "added": "新加", "removed": "删去", "moved": "移动"}[self.value]


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence that is not as it was exported.

    Attributes:
        kind: What happened.
        span: Where it stands in the edited text; None for REMOVED.
        text: As it stands there; "" for REMOVED.
        before: As it was exported, where that is known, else "".
        fact_ids: Facts that it told when it was exported.
    """

    kind: ChangeKind
    span: Span | None
    text: str
    before: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes, in reading order, and how many sentences stand as they were."""

    items: tuple[Change, ...]
    unchanged: int

    def count(self, kind: ChangeKind) -> int:
        """How many sentences this happened to."""
        return sum(c.kind is kind for c in self.items)

    @property
    def edited(self) -> tuple[Span, ...]:
        """Where a person's wording stands: what was changed or added."""
        return tuple(c.span for c in self.items if c.span and c.kind in (ChangeKind.CHANGED, ChangeKind.ADDED))


@dataclass(frozen=True, slots=True)
class _Now:
    """A sentence of the edited text."""

    span: Span
    text: str
    digest: str


def trace_of_document(document: Any) -> Trace | None:  # noqa: ANN401 - python-docx is untyped
    """The trace that an exported Word file carries; None for any other file."""
    for part in document.part.package.iter_parts():
        if str(part.partname).startswith("/customXml/item") and len(part.blob) <= MAX_BYTES and (found := read_trace(part.blob)):
            return found
    return None


def load_record(path: Path) -> Trace:
    """The trace of a JSON record that was written at the export.

    Raises:
        DraftTextError: It is no such record.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_RECORD_BYTES else b""
        record = json.loads(data)
        found = trace_of_record(record) if isinstance(record, dict) else None
    except OSError as error:
        raise DraftTextError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查路径和权限") from error
    except (ValueError, RecursionError) as error:
        raise _no_record(path) from error
    if found is None:
        raise _no_record(path)
    return found


def _no_record(path: Path) -> DraftTextError:
    return DraftTextError("不是起草时写出的依据文件", place=str(path), remedy="请给出 kepudraft draft -o ….json 写出的文件")


def record_beside(path: Path, trace: Trace) -> Trace | None:
    """The record with the hash that the file carries, if it lies in the same folder; the names do not matter."""
    try:
        near = sorted(p for p in path.parent.glob("*.json") if p.is_file() and p.stat().st_size <= MAX_BYTES)[:_MAX_RECORDS]
    except OSError:
        return None
    for candidate in near:
        try:
            found = load_record(candidate)
        except DraftTextError:
            continue
        if trace.record and found.record == trace.record:
            return found
    return None


def with_wording(trace: Trace, record: Trace) -> Trace:
    """`trace` with the wording that `record` knows."""
    texts = {s.digest: s.text for s in record.sentences}
    return replace(trace, sentences=tuple(replace(s, text=s.text or texts.get(s.digest, "")) for s in trace.sentences))


def compare(text: str, trace: Trace) -> Changes:
    """What was changed since the export.

    Args:
        text: The edited text, one paragraph a line.
        trace: Of the export.
    """
    now = list(_sentences(text, {s.digest for s in trace.sentences}))
    old = list(trace.sentences)
    before, after = [s.digest for s in old], [s.digest for s in now]
    # A text of thousands of equal lines would cost their product; then the matcher may pass over what is frequent.
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) * len(after) > _MAX_CELLS)
    gone, come, unchanged = Counter[str](), Counter[str](), 0
    blocks = matcher.get_opcodes()
    for tag, i1, i2, j1, j2 in blocks:
        if tag == "equal":
            unchanged += i2 - i1
        else:
            gone.update(before[i1:i2])
            come.update(after[j1:j2])
    moved = gone & come
    arrived = Counter(moved)
    items: list[Change] = []
    for tag, i1, i2, j1, j2 in blocks:
        if tag != "equal":
            left = [s for s in old[i1:i2] if not _taken(moved, s.digest)]
            new = [s for s in now[j1:j2] if not _is_moved(arrived, s, items)]
            items += _paired(left, new)
    placed = sorted(enumerate(items), key=lambda pair: (_place(items, pair[0]), pair[0]))
    return Changes(tuple(change for _, change in placed), unchanged)


def _taken(counts: Counter[str], digest: str) -> bool:
    """True as often as it is counted."""
    if counts[digest] <= 0:
        return False
    counts[digest] -= 1
    return True


def _is_moved(arrived: Counter[str], sentence: _Now, items: list[Change]) -> bool:
    if not _taken(arrived, sentence.digest):
        return False
    items.append(Change(ChangeKind.MOVED, sentence.span, sentence.text, sentence.text, ()))
    return True


def _place(items: list[Change], n: int) -> int:
    """Where a change stands; a removed sentence stands before the next one that is there."""
    return next((c.span.start for c in items[n:] if c.span), 1 << 60)


def _sentences(text: str, known: set[str]) -> Iterator[_Now]:
    """The sentences of the edited text; lines that are one sentence of the export together (a broken title) are taken as one."""
    at = 0
    rows: list[tuple[int, str]] = []
    for line in text.split("\n"):
        if line.strip():
            rows.append((at, line))
        at += len(line) + 1
    n = 0
    while n < len(rows):
        taken = next((k for k in range(_MAX_TITLE_LINES, 1, -1) if _joined(rows[n : n + k], k) in known), 0)
        if taken:
            (start, _), (last, line) = rows[n], rows[n + taken - 1]
            whole = "".join(row.strip() for _, row in rows[n : n + taken])
            yield _Now(Span(start, last + len(line)), whole, digest_of(whole))
            n += taken
            continue
        start, line = rows[n]
        for span in sentence_spans(line):
            part = line[span.start : span.end]
            if body := part.strip():
                begin = start + span.start + len(part) - len(part.lstrip())
                yield _Now(Span(begin, begin + len(body)), body, digest_of(body))
        n += 1


def _joined(rows: Sequence[tuple[int, str]], count: int) -> str | None:
    return digest_of("".join(line for _, line in rows)) if len(rows) == count else None


def _paired(old: Sequence[Traced], new: Sequence[_Now]) -> Iterator[Change]:
    """Old and new sentences of one place: the most alike are one changed sentence, the rest was removed or added."""
    partners = _partners(old, new)
    told = set(partners.values())
    for n, traced in enumerate(old):
        if n not in told:
            yield Change(ChangeKind.REMOVED, None, "", traced.text, traced.fact_ids)
    for m, sentence in enumerate(new):
        if m in partners:
            traced = old[partners[m]]
            yield Change(ChangeKind.CHANGED, sentence.span, sentence.text, traced.text, traced.fact_ids)
        else:
            yield Change(ChangeKind.ADDED, sentence.span, sentence.text, "", ())


def _partners(old: Sequence[Traced], new: Sequence[_Now]) -> dict[int, int]:
    """For new sentences the old one that each was made from; in order, each used once."""
    if not all(s.text for s in old) or len(old) * len(new) > _MAX_PAIRS:
        return {n: n for n in range(min(len(old), len(new)))} if len(old) == len(new) or min(len(old), len(new)) == 1 else {}
    scored = [
        (SequenceMatcher(None, o.text[:400], n.text[:400], autojunk=False).ratio(), i, j)
        for i, o in enumerate(old) for j, n in enumerate(new)
    ]
    partners: dict[int, int] = {}
    for ratio, i, j in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if ratio >= _ALIKE and j not in partners and i not in partners.values():
            partners[j] = i
    return partners
