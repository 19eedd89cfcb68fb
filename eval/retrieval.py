"""How well exemplars are found: `python -m eval retrieval [--benchmark PATH]`.

Measured on the project's own queries over the shipped corpus, and on a benchmark file where there is one. Means have
95 % bootstrap intervals over documents, differences are paired. The exit code is 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.record import RESULTS, save_results
from eval.retrieval_cases import CORPUS, Benchmark, load_benchmark, load_own
from eval.retrieval_labels import guessed_roles
from eval.retrieval_scores import Score, interval, score
from eval.retrieval_speed import measure_million, measure_speed
from eval.retrieval_systems import (
    ANY_TYPE,
    BM25,
    BM25_IN_ROLE,
    DIGITS,
    ENCODER,
    FUSED,
    FUSED_DIGITS,
    GUESSED,
    GUESSED_APART,
    IN_ROLE,
    MIXED,
    MIXED_IN_ROLE,
    NO_VARIETY,
    ONE_TYPE,
    PRODUCT,
    SYSTEMS,
    Systems,
)
from kepudraft.retrieval import BUNDLED, open_encoder
from kepudraft.retrieval.encode import Encoder

BENCHMARK = Path(__file__).parents[2] / "shared" / "retrieval_dev.json"
NDCG_BARS: Mapping[tuple[str, str], float] = {
    (FUSED, "a"): 0.40,
    (FUSED, "b"): 0.43,
    (FUSED, "c"): 0.47,
    (IN_ROLE, "b"): 0.62,
    (IN_ROLE, "c"): 0.59,
    (GUESSED, "b"): 0.57,
    (GUESSED, "c"): 0.55,
    (GUESSED_APART, "b"): 0.57,
    (GUESSED_APART, "c"): 0.55,
}
"""Bars of the benchmark file; the own queries have none but that the fusion beats BM25."""
PAIRS = (
    (FUSED, BM25), (FUSED, ENCODER), (BM25, DIGITS), (FUSED, FUSED_DIGITS), (IN_ROLE, BM25_IN_ROLE), (IN_ROLE, FUSED),
    (PRODUCT, NO_VARIETY), (PRODUCT, ANY_TYPE), (PRODUCT, ONE_TYPE), (MIXED, FUSED), (MIXED_IN_ROLE, IN_ROLE),
)  # fmt: skip
PACKAGES = ("numpy", "faiss-cpu", "bm25s", "tokenizers", "opencc-python-reimplemented")


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval retrieval", description="Measure retrieval.")
    parser.add_argument("--benchmark", type=Path, default=BENCHMARK)
    parser.add_argument("--encoder", default=BUNDLED, help='"bundled", or a sentence-transformers name or path')
    parser.add_argument("--no-speed", action="store_true", help="leave out what depends on the machine")
    parser.add_argument("--million", metavar="KIND", choices=("flat", "sq8", "ivf", "hnsw"),
                        help="also search a million synthetic vectors of that structure (minutes, 4 GB)")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    if arguments.million:
        million = measure_million(arguments.million)
        print(save_results(f"retrieval_million_{arguments.million}", million.values, packages=PACKAGES,
                           day=arguments.date, folder=arguments.results))
        return 0 if million.held else 1
    encoder = open_encoder(arguments.encoder)
    content: dict[str, Any] = {"encoder": encoder.id.name}
    own, held = measured(load_own(), encoder, bars={}, product=True, name="own queries over the shipped corpus")
    content["own"] = own
    if arguments.benchmark.is_file():
        benchmark = load_benchmark(arguments.benchmark)
        content["benchmark"], good = measured(benchmark, encoder, bars=NDCG_BARS, product=False, name="benchmark")
        held = held and good
    else:
        print(f"{arguments.benchmark}: no such file, its part is left out")
    if not arguments.no_speed:
        speed = measure_speed(encoder)
        content["speed"] = speed.values
        held = speed.held and held
    print(save_results("retrieval", content, packages=PACKAGES, day=arguments.date, folder=arguments.results))
    return 0 if held else 1


def measured(
    benchmark: Benchmark, encoder: Encoder, *, bars: Mapping[tuple[str, str], float], product: bool, name: str
) -> tuple[dict[str, Any], bool]:
    """Measure every system on one benchmark and print it; also return whether every bar is held."""
    print(f"\n{name}: {len(benchmark.passages)} passages, {len(benchmark.queries)} queries")
    # The shipped corpus can label any text but its own.
    systems = Systems(benchmark, encoder, guesses={} if product else _guesses(benchmark, encoder), product=product)
    scored = [
        Scored(query.kind, query.doc, query.held_out, system, score(ranking, query.relevant))
        for query in benchmark.queries
        for system, ranking in systems.rankings(query, query.text).items()
    ]
    same = traditional_twins(benchmark, systems)
    print(f"Traditional queries ranked like their Simplified twins: {same} of {len(benchmark.queries)}")
    content: dict[str, Any] = {"queries": len(benchmark.queries), "traditional_same": same, "scores": table(scored)}
    held = report(content["scores"], bars) and same == len(benchmark.queries)
    content["differences"] = differences(scored)
    report_differences(content["differences"])
    if any(one.held_out for one in scored):
        halves = {half: [one for one in scored if one.held_out == (half == "held out")] for half in ("tuning", "held out")}
        content["halves"] = {half: table(rows) for half, rows in halves.items()}
    return content, held


@dataclass(frozen=True, slots=True)
class Scored:
    """One system's score on one query."""

    kind: str
    doc: str
    held_out: bool
    system: str
    score: Score


def table(scored: Sequence[Scored]) -> dict[str, dict[str, Any]]:
    """Return system -> kind of query -> n and, for each measure, mean and interval."""
    cells: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for one in scored:
        cells[one.system, one.kind].append(one)
    measures: dict[str, Callable[[Score], float]] = {
        "ndcg@5": lambda one: one.ndcg,
        "recall@5": lambda one: one.recall,
        "mrr": lambda one: one.mrr,
    }
    made: dict[str, dict[str, Any]] = {}
    for system in SYSTEMS:
        for kind in "abc":
            rows = cells.get((system, kind), [])
            if rows:
                docs = [one.doc for one in rows]
                cell = {name: interval(docs, [value(one.score) for one in rows]) for name, value in measures.items()}
                made.setdefault(system, {})[kind] = {"n": len(rows), **cell}
    return made


def differences(scored: Sequence[Scored]) -> dict[str, dict[str, Any]]:
    """Return "one - other" -> kind -> paired difference of nDCG@5 with its interval."""
    values: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for one in scored:
        values[one.system, one.kind].append((one.doc, one.score.ndcg))
    made: dict[str, dict[str, Any]] = {}
    for first, second in PAIRS:
        for kind in "abc":
            ours, theirs = values.get((first, kind)), values.get((second, kind))
            if ours and theirs and len(ours) == len(theirs):
                docs = [doc for doc, _ in ours]
                gaps = [mine - other for (_, mine), (_, other) in zip(ours, theirs, strict=True)]
                made.setdefault(f"{first} - {second}", {})[kind] = interval(docs, gaps)
    return made


def traditional_twins(benchmark: Benchmark, systems: Systems) -> int:
    """Return for how many queries the same text in traditional characters gives the same ranking."""
    from opencc import OpenCC

    to_traditional = OpenCC("s2t")
    return sum(
        systems.rankings(query, query.text) == systems.rankings(query, to_traditional.convert(query.text))
        for query in benchmark.queries
    )


def report(scores: Mapping[str, Mapping[str, Any]], bars: Mapping[tuple[str, str], float]) -> bool:
    """Print the table; return whether every bar is held and the fusion beats BM25."""
    held = True
    print(f"{'system':24} kind   n  nDCG@5 [95 %]           bar   recall@5  MRR")
    for system, kinds in scores.items():
        for kind, cell in kinds.items():
            ndcg = cell["ndcg@5"]
            bar = bars.get((system, kind))
            mark = f"{bar:.2f}{' ' if ndcg['mean'] >= bar else '!'}" if bar else "    -"
            spread = f"{ndcg['mean']:.3f} [{ndcg['low']:.3f}, {ndcg['high']:.3f}]"
            print(f"{system:24} {kind:4} {cell['n']:3}  {spread:22}  {mark}  {cell['recall@5']['mean']:.3f}     "
                  f"{cell['mrr']['mean']:.3f}")
            held = held and (bar is None or ndcg["mean"] >= bar)
    for kind in scores[FUSED]:
        held = held and scores[FUSED][kind]["ndcg@5"]["mean"] > scores[BM25][kind]["ndcg@5"]["mean"]
    return held


def report_differences(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print paired differences of nDCG@5."""
    for pair, kinds in found.items():
        cells = [f"{kind} {cell['mean']:+.3f} [{cell['low']:+.3f}, {cell['high']:+.3f}]" for kind, cell in kinds.items()]
        print(f"{pair:40} {'   '.join(cells)}")


def _guesses(benchmark: Benchmark, encoder: Encoder) -> dict[str, list[frozenset[str]]]:
    with TemporaryDirectory() as cache:
        return {
            system: guessed_roles(benchmark.passages, CORPUS, encoder, cache=Path(cache), apart=system == GUESSED_APART)
            for system in (GUESSED, GUESSED_APART)
        }
