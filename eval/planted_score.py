"""What a checker's report says of a mutant: errors found, verdict and fact right, and what it flagged besides."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eval.planted_cases import PLANTED, Draft, Mark, Numeral, numerals_of
from eval.planted_edits import Mutant, Planted
from kepudraft.facts.sheet import FactSheet
from kepudraft.verify.report import FAITHFUL, Finding, Report, Verdict

Checker = Callable[[str, FactSheet], Report]


@dataclass(frozen=True, slots=True)
class Rule:
    """One operator of operators.toml."""

    name: str
    number: int
    group: str
    limit: int
    verdicts: frozenset[Verdict]
    names_unit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One planted error and what became of it; the last two are None where they cannot be judged.

    `finding` is what the checker said at the place, or None where it passed the figure or did not see it.
    """

    mutant: Mutant
    planted: Planted
    finding: Finding | None
    is_verdict_right: bool | None
    is_fact_right: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One text judged.

    Attributes:
        mutant: The text.
        hits: One for each planted error.
        figures: How many figures the checker saw.
        alarms: Figures that it flagged and that are right and have nothing to do with the errors.
        seconds: Time of the call.
    """

    mutant: Mutant
    hits: tuple[Hit, ...]
    figures: int
    alarms: tuple[Finding, ...]
    seconds: float


@cache
def load_rules(folder: Path = PLANTED) -> dict[str, Rule]:
    """The operators by name, in the order of the file."""
    table = tomllib.loads((folder / "operators.toml").read_text(encoding="utf-8"))["operators"]
    return {
        name: Rule(name, r["number"], r["group"], r["limit"], frozenset(map(Verdict, r["verdicts"])), r.get("names_unit", False))
        for name, r in table.items()
    }


@cache
def load_bars(folder: Path = PLANTED) -> dict[str, tuple[float, str]]:
    """Group -> (least recall, what it is)."""
    table = tomllib.loads((folder / "operators.toml").read_text(encoding="utf-8"))["groups"]
    return {name: (float(g["bar"]), str(g["says"])) for name, g in table.items()}


def judged(mutant: Mutant, check: Checker) -> Outcome:
    """Run the checker over one text."""
    begin = time.perf_counter()
    report = check(mutant.text, mutant.draft.sheet)
    seconds = time.perf_counter() - begin
    flagged = [f for f in report.findings if f.verdict not in FAITHFUL]
    rule = load_rules().get(mutant.operator)
    hits = tuple(_hit(mutant, p, flagged, rule) for p in mutant.planted)
    alarms = tuple(_alarms(mutant, flagged))
    return Outcome(mutant, hits, len(report.figures), alarms, seconds)


def told_but_omitted(draft: Draft, report: Report) -> int:
    """How many figures of facts the report calls omitted though the draft tells them."""
    told = {(i, _key(m.numeral)) for m in draft.marks for i in m.facts}
    return sum(
        (f.fact_id, _key(n)) in told for f in report.findings if f.verdict is Verdict.OMITTED for n in numerals_of(f.surface)
    )


def _hit(mutant: Mutant, planted: Planted, flagged: list[Finding], rule: Rule | None) -> Hit:
    assert rule is not None  # every operator that plants an error has a rule
    there = [f for f in flagged if _is_at(f, planted)]
    if not there:
        return Hit(mutant, planted, None, None, None)
    # Where two findings meet the place (a grade and its count), the better one speaks.
    best = max(there, key=lambda f: (f.verdict in rule.verdicts, _is_fact(mutant, planted, f)))
    right = best.verdict in rule.verdicts and (not rule.names_unit or planted.unit in best.expected + best.explanation)
    return Hit(mutant, planted, best, right, _is_fact(mutant, planted, best) if planted.facts else None)


def _is_at(finding: Finding, planted: Planted) -> bool:
    if planted.figure is not None:
        missing = any(_key(n) == _key(planted.figure) for n in numerals_of(finding.surface))
        return finding.verdict is Verdict.OMITTED and finding.fact_id in planted.facts and missing
    return finding.span is not None and finding.span.start < planted.end and planted.start < finding.span.end


def _is_fact(mutant: Mutant, planted: Planted, finding: Finding) -> bool:
    return bool(_origins(mutant.draft, finding.fact_id) & set(planted.facts))


def _origins(draft: Draft, fact_id: str) -> set[str]:
    """The fact, and for a computed one those it is computed from."""
    return {fact_id} | {i for f in draft.sheet.facts if f.id == fact_id for i in f.inputs}


def _alarms(mutant: Mutant, flagged: Iterable[Finding]) -> Iterable[Finding]:
    """Flagged figures that are right: away from the errors, and of facts that the errors do not touch."""
    touched = {i for p in mutant.planted for i in p.facts}
    related = [m for m in mutant.draft.marks if touched & set(m.facts)]
    for finding in flagged:
        if finding.verdict is Verdict.OMITTED or finding.span is None:
            continue
        if any(_is_at(finding, p) for p in mutant.planted) or any(_stands_at(mutant, m, finding) for m in related):
            continue
        yield finding


def _stands_at(mutant: Mutant, mark: Mark, finding: Finding) -> bool:
    start = mutant.place(mark.numeral.start)
    length = mark.numeral.end - mark.numeral.start
    span = finding.span
    return start is not None and span is not None and span.start < start + length and start < span.end


def _key(n: Numeral) -> object:
    return n.surface if n.value is None else n.value
