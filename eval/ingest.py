"""How well other people's summaries are taken in: `python -m eval ingest`. Exit code 1 unless every bar is held.

Own documents (eval/cases/ingest) are always read; the public source texts where they lie beside the checkout. Those
marked held out were written before the code and are not tuned on. What is expected stands in a TOML file a document:
parts, the line and a hash of each heading with its roles, lines of site furniture, defects. Exemplars that retell the
source texts are kept from the labeller, which would otherwise know its answers.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

from eval.record import RESULTS, save_results
from kepudraft.corpus import read_corpus
from kepudraft.genre import load_genre
from kepudraft.ingest.decoding import decode
from kepudraft.ingest.label import Neighbours
from kepudraft.ingest.take import Intake, Taken, take_in
from kepudraft.settings import shipped

CASES = Path(__file__).parent / "cases" / "ingest"
SOURCES = Path(__file__).resolve().parents[2] / "shared" / "seeds"
_NEAR = 2  # lines that a defect may be off


@dataclass(frozen=True, slots=True)
class Case:
    """A document and its expected outcome."""

    name: str
    path: Path
    expected: dict[str, Any]

    @property
    def held_out(self) -> bool:
        """True if nothing was tuned on it."""
        return bool(self.expected["held_out"])


@dataclass(slots=True)
class Counts:
    """What was counted over documents."""

    documents: int = 0
    parts_right: int = 0
    found: int = 0
    given: int = 0
    wanted: int = 0
    roles: int = 0
    roles_right: int = 0
    roles_first: int = 0
    units: int = 0
    units_right: int = 0
    levels: int = 0
    levels_right: int = 0
    years_right: int = 0
    kept: int = 0
    furniture_left: int = 0
    body: int = 0
    body_lost: int = 0
    named: int = 0
    named_found: int = 0
    false_defects: int = 0
    worst_false: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure beside its bar; `bar` is None where it is only told."""

    name: str
    value: float
    n: int
    bar: float | None = None
    at_most: bool = False

    @property
    def held(self) -> bool:
        """True if the bar is held."""
        return self.bar is None or (self.value <= self.bar if self.at_most else self.value >= self.bar)


def main(argv: list[str]) -> int:
    """Read every document, print each measure beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval ingest", description="Measure the taking in of summaries.")
    parser.add_argument("--no-encoder", action="store_true", help="cues alone")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    cases = list(read_cases())
    neighbours = None if arguments.no_encoder else _neighbours()
    groups = {"all": cases, "held out": [c for c in cases if c.held_out], "public": [c for c in cases if "source" in c.expected]}
    start = time.perf_counter()
    intakes = {case.name: take_in(case.path, load_genre(shipped("corpus")), neighbours) for case in cases}
    seconds = time.perf_counter() - start
    measured = {name: _measures(_counts(group, intakes)) for name, group in groups.items() if group}
    for note in _counts(cases, intakes).notes:
        print(f"  {note}")
    for name, measures in measured.items():
        _show(name, measures)
    print(f"{len(cases)} documents in {seconds:.1f} s")
    content = {"encoder": not arguments.no_encoder, "documents": [c.name for c in cases], "measures": {
        name: [{**asdict(m), "held": m.held} for m in measures] for name, measures in measured.items()}}  # fmt: skip
    save_results("ingest", content, day=arguments.date, folder=arguments.results)
    return 0 if all(m.held for m in measured["all"]) else 1


def read_cases() -> Iterator[Case]:
    """Yield all documents that are there, with what is expected."""
    for path in sorted(CASES.glob("*.toml")):
        expected = tomllib.loads(path.read_text(encoding="utf-8"))
        document = SOURCES / expected["source"] if "source" in expected else CASES / expected["file"]
        if document.is_file():
            yield Case(path.stem, document, expected)


def key(heading: str) -> str:
    """Return the hash under which a heading is kept; "" for none. Blanks and punctuation don't matter."""
    bare = re.sub(r"[^\w]", "", heading)
    return sha1(bare.encode()).hexdigest()[:12] if bare else ""


def _neighbours() -> Neighbours:
    from kepudraft.cli.neighbours import open_neighbours

    retold = [exemplar.id for exemplar in read_corpus(shipped("corpus")) if not exemplar.fictional]
    cache = Path(tempfile.gettempdir()) / "kepudraft-eval"
    return open_neighbours(shipped("corpus"), cache=cache, encoder="bundled", without=retold)


def _counts(cases: Sequence[Case], intakes: dict[str, Intake]) -> Counts:
    counts = Counts()
    for case in cases:
        intake = intakes[case.name]
        counts.documents += 1
        counts.parts_right += len(intake.taken) == len(case.expected["parts"])
        for taken, part in zip(intake.taken, case.expected["parts"], strict=False):
            _count_part(counts, case, taken, part)
        _count_lines(counts, case, intake)
        _count_defects(counts, case, intake)
    return counts


def _count_part(counts: Counts, case: Case, taken: Taken, part: dict[str, Any]) -> None:
    wanted = Counter((line, sha) for line, sha, _ in part["sections"] if sha)
    given = Counter((one.section.line, key(one.section.heading)) for one in taken.sections if one.section.heading)
    counts.wanted += wanted.total()
    counts.given += given.total()
    counts.found += (wanted & given).total()
    where = f"{case.name} part {taken.number}"
    counts.notes += [f"{where}: heading missed on line {line}" for line, _ in (wanted - given)]
    counts.notes += [f"{where}: no heading on line {line}" for line, _ in (given - wanted)]
    for line, sha, role in part["sections"]:
        got = _role_at(taken, line, sha)
        counts.roles += 1
        counts.roles_right += got in role.split("|")
        counts.roles_first += got == role.split("|")[0]
        if got not in role.split("|"):
            counts.notes.append(f"{where}: line {line} is {role}, not {got}")
    counts.units += 1
    counts.units_right += taken.unit_type.value in part["unit_type"].split("|")
    if taken.unit_type.value not in part["unit_type"].split("|"):
        counts.notes.append(f"{where}: is of {part['unit_type']}, not {taken.unit_type.value}")
    counts.years_right += (taken.year.value or 0) == part["year"]
    if part["level"]:
        counts.levels += 1
        counts.levels_right += taken.level.value in part["level"].split("|")


def _role_at(taken: Taken, line: int, sha: str) -> str:
    """Return the role of a heading, or of the text that holds a line; "" if there is none."""
    for one in taken.sections:
        if sha and one.section.line == line and key(one.section.heading) == sha:
            return one.role.value.value
    for one in taken.sections:
        if not sha and any(number == line for piece in one.section.paragraphs for _, number in piece.starts):
            return one.role.value.value
    return ""


def _count_lines(counts: Counts, case: Case, intake: Intake) -> None:
    sections = [one.section for taken in intake.taken for one in taken.sections]
    kept = {number for section in sections for piece in section.paragraphs for _, number in piece.starts}
    kept |= {section.line for section in sections}
    furniture = {n for first, last in case.expected["furniture"] for n in range(first, last + 1)}
    left = sorted(kept & furniture)
    counts.kept += len(kept)
    counts.furniture_left += len(left)
    counts.notes += [f"{case.name}: furniture left on line {line}" for line in left]
    if case.path.suffix != ".txt":
        return
    lines = decode(case.path.read_bytes(), case.path.name).text.split("\n")
    body = {n for n, text in enumerate(lines, 1) if len(text.strip()) >= 20 and n not in furniture}
    titles = {n for n in body if re.search(r"(?:總結|总结|报告)[^。；]*$", lines[n - 1]) and len(lines[n - 1]) < 60}
    lost = sorted(body - titles - kept)
    counts.body += len(body - titles)
    counts.body_lost += len(lost)
    counts.notes += [f"{case.name}: text lost on line {line}" for line in lost]


def _count_defects(counts: Counts, case: Case, intake: Intake) -> None:
    given = [defect for taken in intake.taken for defect in taken.defects]
    expected = case.expected["defects"]
    for kind, line, named in expected:
        found = any(_matches(defect.kind.value, defect.lines, kind, line) for defect in given)
        counts.named += named
        counts.named_found += named and found
        if not found:
            counts.notes.append(f"{case.name}: {'named' if named else 'other'} defect {kind} on line {line} not found")
    wrong = [d for d in given if not any(_matches(d.kind.value, d.lines, kind, line) for kind, line, _ in expected)]
    counts.false_defects += len(wrong)
    counts.worst_false = max(counts.worst_false, len(wrong))
    counts.notes += [f"{case.name}: false defect {d.kind.value} on line {d.lines[0]}: {d.message}" for d in wrong]


def _matches(given: str, lines: Sequence[int], kind: str, line: int) -> bool:
    return given == kind and abs(lines[0] - line) <= _NEAR


def _measures(counts: Counts) -> list[Measure]:
    f1 = 2 * counts.found / max(counts.given + counts.wanted, 1)
    return [
        Measure("files with exactly their parts", counts.parts_right / counts.documents, counts.documents, 1.0),
        Measure("headings, F1", f1, counts.wanted, 0.95),
        Measure("roles right (any that fits)", counts.roles_right / counts.roles, counts.roles, 0.9),
        Measure("roles right (the likeliest)", counts.roles_first / counts.roles, counts.roles),
        Measure("unit types right", counts.units_right / counts.units, counts.units, 1.0),
        Measure("levels right", counts.levels_right / max(counts.levels, 1), counts.levels),
        Measure("years right", counts.years_right / counts.units, counts.units),
        Measure("furniture in kept lines", counts.furniture_left / max(counts.kept, 1), counts.kept, 0.01, True),
        Measure("lines of text lost", counts.body_lost / max(counts.body, 1), counts.body, 0.01, True),
        Measure("named defects found", counts.named_found / max(counts.named, 1), counts.named, 0.9),
        Measure("false defects a document", counts.false_defects / counts.documents, counts.documents, 1.0, True),
    ]


def _show(name: str, measures: Sequence[Measure]) -> None:
    print(name)
    for m in measures:
        bar = "" if m.bar is None else f"bar {'<=' if m.at_most else '>='} {m.bar:g} {'ok' if m.held else 'MISSED'}"
        print(f"  {m.name:<32} {m.value:>7.3f} n={m.n:<4} {bar}")
