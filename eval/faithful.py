"""The example fact sheets, drafted offline: `python -m eval faithful`. Exit code 1 unless every bar is held.

For every sheet: figures in the draft, figures without support (bar: 0), facts used, and facts neither used nor listed
as left out (bar: 0). The drafts are judged as a stranger would judge them: from their text alone, against the facts.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.record import RESULTS, save_results
from kepudraft.assemble import Draft, walk
from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts
from kepudraft.pipeline import Drafter
from kepudraft.verify.figures import verify
from kepudraft.verify.report import Verdict

SHEETS = Path(__file__).parent / "cases" / "facts"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sheet."""

    sheet: str
    facts: int
    used: int
    listed: int
    lost: int
    figures: int
    unsupported: int
    omitted: int
    characters: int


def main(argv: list[str]) -> int:
    """Draft every sheet, print a line each, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval faithful", description="Draft the example sheets and count.")
    parser.add_argument("--show", action="store_true", help="print the drafts too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    outcomes = []
    for path in sorted(p for p in SHEETS.iterdir() if p.name != "README.md"):
        draft = Drafter(seed=arguments.seed).draft(read_facts(path))
        outcomes.append(judged(path.name, draft))
        if arguments.show:
            print(f"\n=== {path.name}\n{draft.text}\n")
        o = outcomes[-1]
        print(f"{o.sheet}: {o.facts} facts, {o.used} used, {o.listed} listed, {o.lost} lost; "
              f"{o.figures} figures, {o.unsupported} unsupported, {o.omitted} omitted; {o.characters} characters")
    held = bool(outcomes) and not any(o.unsupported or o.lost for o in outcomes)
    print(f"unsupported figures {sum(o.unsupported for o in outcomes)} bar 0; "
          f"facts neither used nor listed {sum(o.lost for o in outcomes)} bar 0: {'ok' if held else 'MISSED'}")
    totals = {
        "figures": sum(o.figures for o in outcomes), "unsupported": sum(o.unsupported for o in outcomes),
        "facts": sum(o.facts for o in outcomes), "lost": sum(o.lost for o in outcomes),
    }
    save_results("faithful", {"held": held, **totals, "sheets": [asdict(o) for o in outcomes]}, day=arguments.date,
                 folder=arguments.results)
    return 0 if held else 1


def judged(name: str, draft: Draft) -> Outcome:
    """Count what a draft tells of its sheet."""
    told = {i for section in walk(draft.sections) for s in section.passage.sentences for i in s.fact_ids}
    listed = {u.fact_id for u in draft.unused}
    own = [f.id for f in draft.sheet.facts if not f.formula]
    report = verify(draft.text, with_derived(draft.sheet))
    return Outcome(
        sheet=name, facts=len(own), used=sum(i in told for i in own), listed=sum(i in listed for i in own),
        lost=sum(i not in told and i not in listed for i in own), figures=len(report.figures),
        unsupported=len(report.unfaithful), omitted=sum(f.verdict is Verdict.OMITTED for f in report.findings),
        characters=len(draft.text),
    )
