"""How well the form of a text is judged: `python -m eval structure`. Exit code 1 unless every bar is held.

Clean texts are the corpus' exemplars and the drafts of the example sheets; each operator of `structure_faults` plants
its fault in them. Half of the clean texts (every second exemplar, every second sheet) serve for tuning; the score is
taken on the other half. A mutant is found if it gives a finding of the expected kind, as severe as demanded, that its
clean text does not give.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from eval.record import RESULTS, save_results
from eval.structure_cases import Build, from_draft, from_markdown
from eval.structure_faults import OPERATORS, Mutant, Planter
from kepudraft.corpus import exemplar_files
from kepudraft.facts.read import read_facts
from kepudraft.figures.scan import scan
from kepudraft.genre import load_genre
from kepudraft.pipeline import Drafter
from kepudraft.settings import shipped
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.language import check_language
from kepudraft.verify.structure import check_structure

SHEETS = Path(__file__).parent / "cases" / "facts"
_WHOLE = 12  # the sheets behind these are short: their drafts lack sections, of which the judges rightly speak
_STYLES = 3
_TRIES = 4
_SPEED_CHARS = 3000
_WORST = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure beside its bar; `at_most` tells which side of the bar is good."""

    name: str
    value: float
    bar: float
    at_most: bool
    n: int

    @property
    def held(self) -> bool:
        """True if the bar is held."""
        return self.value <= self.bar if self.at_most else self.value >= self.bar


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutant."""

    operator: str
    id: str
    found: bool
    as_error: bool
    expected: str
    given: str


def main(argv: list[str]) -> int:
    """Plant, judge, print each measure beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval structure", description="Measure how the form is judged.")
    parser.add_argument("--half", choices=("final", "tuning"), default="final", help="which half of the clean texts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    exemplars, drafts = clean_texts(arguments.half)
    outcomes = [o for b in (*exemplars, *drafts) for o in _planted(b, arguments.seed)]
    measures = _measures(exemplars, drafts, outcomes)
    by_operator = _by_operator(outcomes)
    _show(outcomes, by_operator, measures)
    if arguments.half == "final":
        content = {"half": "final", "seed": arguments.seed, "measures": [{**asdict(m), "held": m.held} for m in measures],
                   "operators": by_operator}  # fmt: skip
        save_results("structure", content, day=arguments.date, folder=arguments.results)
    return 0 if all(m.held for m in measures) else 1


def clean_texts(half: str) -> tuple[list[Build], list[Build]]:
    """The exemplars and the drafts of one half; all drafts of a sheet are in the same half."""
    first = int(half == "final")
    exemplars = [from_markdown(p.stem, p.read_text(encoding="utf-8")) for p in exemplar_files(shipped("corpus"))[first::2]]
    sheets = sorted(p for p in SHEETS.iterdir() if p.name != "README.md")[:_WHOLE][first::2]
    drafts = []
    for path in sheets:
        sheet = read_facts(path)
        for style in range(_STYLES):
            draft = Drafter(style=style, seed=style).draft(sheet)
            drafts.append(from_draft(f"{path.stem}/{style}", draft))
    return exemplars, drafts


def judge(build: Build, mutant: Mutant | None = None) -> tuple[FormFinding, ...]:
    """All findings on a text, or on a mutant of it."""
    text = mutant.text if mutant else build.text()
    target, signed = (mutant.target_chars, mutant.signed) if mutant else (None, False)
    structure = check_structure(text, unit_type=build.unit_type, year=build.year, target_chars=target, signed=signed)
    return (*structure, *check_language(text, year=build.year))


def _planted(build: Build, seed: int) -> list[Outcome]:
    """One mutant for every operator that can be applied."""
    genre = load_genre(shipped("corpus"))
    clean = {(f.kind, f.severity, f.surface, f.explanation) for f in judge(build)}
    outcomes = []
    for operator in OPERATORS:
        # Seeded by text and operator, so that one operator more does not change the mutants of the others.
        planter = Planter(genre, Random(f"{seed}|{build.id}|{operator.__name__}"))
        mutants = (operator(build, planter) for _ in range(_TRIES))
        mutant = next((m for m in mutants if m and (m.text != build.text() or m.target_chars or m.signed)), None)
        if mutant is None:
            continue
        new = [f for f in judge(build, mutant) if (f.kind, f.severity, f.surface, f.explanation) not in clean]
        right = [f for f in new if f.kind is mutant.kind and mutant.severity in (f.severity, Severity.WARNING)]
        given = "、".join(sorted({f"{f.kind}/{f.severity}" for f in new})) or "-"
        as_error = any(f.severity is Severity.ERROR for f in right)
        expected = f"{mutant.kind}/{mutant.severity}"
        outcomes.append(Outcome(operator.__name__, build.id, bool(right), as_error, expected, given))
    return outcomes


def _measures(exemplars: Sequence[Build], drafts: Sequence[Build], outcomes: Sequence[Outcome]) -> list[Measure]:
    flagged_exemplars = [b for b in exemplars if _errors(b)]
    flagged_drafts = [b for b in drafts if _errors(b)]
    clean = len(exemplars) + len(drafts)
    recall = sum(o.found for o in outcomes) / max(len(outcomes), 1)
    for build in (*flagged_exemplars, *flagged_drafts):
        print(f"flagged: {build.id}: {_errors(build)[0].kind} {_errors(build)[0].explanation}")
    return [
        Measure("operators", len({o.operator for o in outcomes}), 14, False, len(OPERATORS)),
        Measure("mutants", len(outcomes), 1000, False, len(outcomes)),
        Measure("recall by the expected kind", recall, 0.98, False, len(outcomes)),
        Measure("clean texts flagged with an error", (len(flagged_exemplars) + len(flagged_drafts)) / clean, 0.01, True, clean),
        Measure("exemplars flagged with an error", len(flagged_exemplars), 0, True, len(exemplars)),
        Measure("both judges, 3 000 characters, ms", _speed(exemplars), 5, True, _SPEED_CHARS),
    ]


def _errors(build: Build) -> list[FormFinding]:
    """The errors on a clean text; a gap that a draft marks honestly is what the draft has to say."""
    return [f for f in judge(build) if f.severity is Severity.ERROR and f.kind is not FormKind.GAP]


def _speed(exemplars: Sequence[Build]) -> float:
    """Median of both judges on an exemplar, run on to length; the figures are read once for the whole report."""
    build = max(exemplars, key=lambda b: len(b.text()))
    text = "\n".join((build.text(), *(line for b in exemplars for block in b.blocks for line in block.lines)))[:_SPEED_CHARS]
    scanned = scan(text)
    times = []
    for _ in range(41):
        start = time.perf_counter()
        check_structure(text, unit_type=build.unit_type, year=build.year)
        check_language(text, year=build.year, scanned=scanned)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _by_operator(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    planted = Counter(o.operator for o in outcomes)
    found = Counter(o.operator for o in outcomes if o.found)
    errors = Counter(o.operator for o in outcomes if o.as_error)
    return {n: {"planted": planted[n], "found": found[n], "found_as_error": errors[n]} for n in planted}


def _show(outcomes: Sequence[Outcome], by_operator: dict[str, dict[str, int]], measures: Sequence[Measure]) -> None:
    for name, counts in by_operator.items():
        found, planted = counts["found"], counts["planted"]
        print(f"  {name:<22} {found:>4}/{planted:<4} {found / planted:.3f}  as an error {counts['found_as_error'] / planted:.3f}")
    misses = [o for o in outcomes if not o.found]
    for o in sorted(misses, key=lambda o: by_operator[o.operator]["found"] / by_operator[o.operator]["planted"])[:_WORST]:
        print(f"  missed {o.operator} in {o.id}: expected {o.expected}, given {o.given}")
    for m in measures:
        sign = "<=" if m.at_most else ">="
        print(f"{m.name:<36} {m.value:>9.3f} bar {sign} {m.bar:g} n={m.n} {'ok' if m.held else 'MISSED'}")
