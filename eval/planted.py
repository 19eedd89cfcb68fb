"""Errors planted in faithful drafts, and rewritings that are none: `python -m eval planted`. Exit code 1 below a bar.

In: the drafts of eval/cases/planted, written by hand over fact sheets that word things otherwise, half of the sheets for
tuning (dev) and half only scored (held). Out: recall by operator and by sort of figure, whether the verdict and the fact
were right, false alarms, and the misses that say what to do next.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

from eval import planted_relations as relations
from eval import planted_values as values
from eval.planted_cases import PLANTED, Draft, load_drafts
from eval.planted_edits import Mutant, mutant
from eval.planted_report import OTHER_HANDS, PARAPHRASE, Measured, print_report, summary
from eval.planted_rewrites import REWRITES
from eval.planted_score import judged, load_rules, told_but_omitted
from eval.record import RESULTS, save_results
from kepudraft.verify.figures import verify

Operator = Callable[[Draft, Random], Iterator[Mutant]]
OPERATORS: dict[str, Operator] = {
    f.__name__: f
    for f in (
        values.digit, values.magnitude_lost, values.magnitude_added, values.unit_swap, values.hedge_dropped,
        values.hedge_strengthened, values.hedge_added, relations.swap, relations.copy, relations.foreign_numeral,
        values.year_shift, values.date_shift, values.ordinal_shift, values.points, values.bare_rounding, relations.omitted,
        relations.duplicate_conflict, relations.leak, relations.wrong_sum, relations.total_part, relations.mask_filled,
        relations.scope, relations.term, relations.planned_as_done,
    )
}
CLEAN = "clean"


def main(argv: list[str]) -> int:
    """Plant, rewrite, judge, print, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval planted", description="Find planted errors, and nothing else.")
    names = [*OPERATORS, *(r.__name__ for r in REWRITES), CLEAN, PARAPHRASE, *OTHER_HANDS]
    parser.add_argument("--operator", choices=names, help="only this operator or rewriting")
    parser.add_argument("--split", choices=("dev", "held"), help="only these sheets")
    parser.add_argument("--show", type=int, default=10, metavar="N", help="how many misses and false alarms to print")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    drafts = [d for d in load_drafts() if arguments.split in (None, d.split)]
    others = ((n, d) for n, hand in OTHER_HANDS.items() for d in load_drafts(PLANTED / hand) if arguments.split in (None, d.split))
    made = [*all_texts(drafts, arguments.seed), *(mutant(name, draft, ()) for name, draft in others)]
    texts = [m for m in made if arguments.operator in (None, m.operator)]
    measured = Measured(
        outcomes=tuple(judged(text, verify) for text in texts),
        told=sum(len(d.marks) for d in drafts),
        told_but_omitted=sum(told_but_omitted(d, verify(d.text, d.sheet)) for d in drafts),
    )
    held = print_report(measured, show=arguments.show)
    if arguments.operator is None and arguments.split is None:
        save_results("planted", {"held": held, **summary(measured)}, day=arguments.date, folder=arguments.results)
    return 0 if held else 1


def all_texts(drafts: Iterable[Draft], seed: int) -> Iterator[Mutant]:
    """Mutants, rewritings, clean drafts and paraphrases of every draft."""
    for draft in drafts:
        if draft.is_paraphrase:
            yield mutant(PARAPHRASE, draft, ())
        else:
            yield from mutants(draft, seed)
            yield from rewritings(draft, seed)
            yield mutant(CLEAN, draft, ())


def mutants(draft: Draft, seed: int) -> Iterator[Mutant]:
    """Of each operator at most as many as its rule allows, chosen by the seed."""
    for name, operator in OPERATORS.items():
        rng = Random(f"{seed}:{name}:{draft.name}")
        made = list(operator(draft, rng))
        yield from rng.sample(made, min(len(made), load_rules()[name].limit))


def rewritings(draft: Draft, seed: int) -> Iterator[Mutant]:
    """The draft in every faithful way that changes it."""
    for rewrite in REWRITES:
        made = rewrite(draft, Random(f"{seed}:{rewrite.__name__}:{draft.name}"))
        if made is not None:
            yield made
