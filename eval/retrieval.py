"""How well exemplars are found: `python -m eval retrieval --benchmark PATH`.

A benchmark is a JSON file with `passages` (id, doc, unit_type, roles, text) and `queries` (kind, doc, query, roles,
relevant: passage id -> gain). Candidates are always the passages of other documents than the query's. Four systems are
compared: BM25 alone, the encoder alone, both fused, and both fused among the passages that carry the query's role.
Intervals are bootstrapped over documents, since queries of one document are not independent. The exit code is 1 where a
bar is missed.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.record import RESULTS, save_results
from eval.retrieval_speed import measure_speed
from kepudraft.corpus import Excerpt
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval import BUNDLED, open_encoder
from kepudraft.retrieval.encode import Encoder, Side
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.lexical import LexicalIndex, ranked
from kepudraft.retrieval.search import fuse, to_simplified

BENCHMARK = Path(__file__).parents[2] / "shared" / "retrieval_dev.json"
CUTOFF = 5
RESAMPLES = 2000
SYSTEMS = ("bm25", "encoder", "fused", "fused in role")
NDCG_BARS: Mapping[tuple[str, str], float] = {
    ("fused", "a"): 0.40,
    ("fused", "b"): 0.43,
    ("fused", "c"): 0.47,
    ("fused in role", "b"): 0.62,
    ("fused in role", "c"): 0.59,
}
PACKAGES = ("numpy", "faiss-cpu", "bm25s", "tokenizers", "opencc-python-reimplemented")


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval retrieval", description="Measure retrieval.")
    parser.add_argument("--benchmark", type=Path, default=BENCHMARK)
    parser.add_argument("--encoder", default=BUNDLED, help='"bundled", or a sentence-transformers name or path')
    parser.add_argument("--no-speed", action="store_true", help="leave out what depends on the machine")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    content: dict[str, Any] = {}
    held = True
    encoder = open_encoder(arguments.encoder)
    if arguments.benchmark.is_file():
        benchmark = Benchmark.load(arguments.benchmark)
        systems = Systems(benchmark, encoder)
        table = measure(benchmark, systems)
        same = traditional_twins(benchmark, systems)
        held = report(table) and same == len(benchmark.queries)
        print(f"Traditional queries ranked like their Simplified twins: {same} of {len(benchmark.queries)}")
        content = {"encoder": encoder.id.name, "traditional_same": same, "queries": len(benchmark.queries)}
        content["scores"] = table
    else:
        print(f"{arguments.benchmark}: no such file, its part is left out")
    if not arguments.no_speed:
        speed = measure_speed(encoder)
        content["speed"] = speed.values
        held = speed.held and held
    print(save_results("retrieval", content, packages=PACKAGES, day=arguments.date, folder=arguments.results))
    return 0 if held else 1


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a benchmark; `relevant` maps rows to gains above 0."""

    kind: str
    doc: str
    text: str
    roles: frozenset[str]
    relevant: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of a benchmark."""

    doc: str
    roles: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Passages, and queries over them."""

    passages: tuple[Passage, ...]
    queries: tuple[Query, ...]

    @classmethod
    def load(cls, path: Path) -> Benchmark:
        """Read a benchmark file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = {passage["id"]: row for row, passage in enumerate(content["passages"])}
        passages = tuple(Passage(one["doc"], frozenset(one["roles"]), one["text"]) for one in content["passages"])
        queries = tuple(
            Query(
                one["kind"],
                one["doc"],
                one["query"],
                frozenset(one["roles"]),
                {rows[name]: float(gain) for name, gain in one["relevant"].items() if gain > 0},
            )
            for one in content["queries"]
        )
        return cls(passages, queries)

    def candidates(self, query: Query, *, in_role: bool = False) -> list[int]:
        """Return the rows that may be found: other documents', and with the query's role if asked."""
        return [
            row
            for row, passage in enumerate(self.passages)
            if passage.doc != query.doc and (not in_role or passage.roles & query.roles)
        ]


@dataclass(frozen=True, slots=True)
class Score:
    """How good one ranking is; each from 0 to 1."""

    ndcg: float
    recall: float
    mrr: float


class Systems:
    """The systems that are compared, over one benchmark."""

    def __init__(self, benchmark: Benchmark, encoder: Encoder) -> None:
        self._benchmark = benchmark
        self._encoder = encoder
        # Role and unit type of the index are not used: a benchmark has roles of its own, often several a passage.
        excerpts = [
            Excerpt(str(row), passage.doc, UnitType.ASSOCIATION, Role.OVERVIEW, "", passage.text)
            for row, passage in enumerate(benchmark.passages)
        ]
        self._dense = ExemplarIndex.build(excerpts, encoder, corpus="benchmark")
        self._lexical = LexicalIndex(passage.text for passage in benchmark.passages)

    def rankings(self, query: Query, text: str) -> dict[str, list[int]]:
        """Return each system's rows for one query, the best first."""
        text = to_simplified(text)
        vector = self._encoder.encode([text], side=Side.QUERY)[0]
        scores = self._lexical.scores(text)
        rankings = {}
        for suffix, in_role in (("", False), (" in role", True)):
            among = self._benchmark.candidates(query, in_role=in_role)
            lexical = ranked(scores, among, len(among))
            dense = self._dense.search(vector, among, len(among))
            rankings[f"bm25{suffix}"], rankings[f"encoder{suffix}"] = lexical, dense
            rankings[f"fused{suffix}"] = [one.row for one in fuse(lexical, dense)]
        return {system: rankings[system] for system in SYSTEMS}


def measure(benchmark: Benchmark, systems: Systems) -> dict[str, dict[str, Any]]:
    """Return system -> kind of query -> n and, for each measure, mean and interval."""
    scores: dict[tuple[str, str], list[tuple[str, Score]]] = defaultdict(list)
    for query in benchmark.queries:
        for system, ranking in systems.rankings(query, query.text).items():
            # Kind a asks for a role: among the passages of that role every one is right.
            if not (query.kind == "a" and system == "fused in role"):
                scores[system, query.kind].append((query.doc, score(ranking, query.relevant)))
    table: dict[str, dict[str, Any]] = {}
    for (system, kind), pairs in sorted(scores.items(), key=lambda item: (SYSTEMS.index(item[0][0]), item[0][1])):
        docs = [doc for doc, _ in pairs]
        measures: dict[str, Callable[[Score], float]] = {
            "ndcg@5": lambda one: one.ndcg,
            "recall@5": lambda one: one.recall,
            "mrr": lambda one: one.mrr,
        }
        summary: dict[str, Any] = {
            name: interval(docs, [value(one) for _, one in pairs]) for name, value in measures.items()
        }
        table.setdefault(system, {})[kind] = {"n": len(pairs), **summary}
    return table


def traditional_twins(benchmark: Benchmark, systems: Systems) -> int:
    """Return for how many queries the same text in traditional characters gives the same ranking."""
    from opencc import OpenCC

    to_traditional = OpenCC("s2t")
    return sum(
        systems.rankings(query, query.text) == systems.rankings(query, to_traditional.convert(query.text))
        for query in benchmark.queries
    )


def score(ranking: Sequence[int], relevant: Mapping[int, float]) -> Score:
    """Score one ranking.

    Args:
        ranking: Rows, the best first.
        relevant: Row -> gain; every other row has gain 0.
    """
    discounts = 1 / np.log2(np.arange(2, CUTOFF + 2))
    gains = [relevant.get(row, 0.0) for row in ranking[:CUTOFF]]
    ideal = sorted(relevant.values(), reverse=True)[:CUTOFF]
    best = float(np.dot(ideal, discounts[: len(ideal)]))
    first = next((rank for rank, row in enumerate(ranking, 1) if row in relevant), None)
    return Score(
        ndcg=float(np.dot(gains, discounts[: len(gains)])) / best if best else 0.0,
        recall=sum(gain > 0 for gain in gains) / min(CUTOFF, len(relevant)) if relevant else 0.0,
        mrr=1 / first if first else 0.0,
    )


def interval(docs: Sequence[str], values: Sequence[float], *, seed: int = 0) -> dict[str, float]:
    """Return mean and 95 % bootstrap interval over documents, rounded to four places."""
    names = sorted(set(docs))
    sums, counts = np.zeros(len(names)), np.zeros(len(names))
    for doc, value in zip(docs, values, strict=True):
        sums[names.index(doc)] += value
        counts[names.index(doc)] += 1
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": round(float(np.mean(values)), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def report(table: Mapping[str, Mapping[str, Any]]) -> bool:
    """Print the table; return whether every bar is held and the fusion beats BM25."""
    held = True
    print(f"{'system':14} kind   n  nDCG@5 [95 %]           bar   recall@5  MRR")
    for system, kinds in table.items():
        for kind, cell in kinds.items():
            ndcg = cell["ndcg@5"]
            bar = NDCG_BARS.get((system, kind))
            mark = f"{bar:.2f}{' ' if ndcg['mean'] >= bar else '!'}" if bar else "    -"
            spread = f"{ndcg['mean']:.3f} [{ndcg['low']:.3f}, {ndcg['high']:.3f}]"
            print(f"{system:14} {kind:4} {cell['n']:3}  {spread:22}  {mark}  {cell['recall@5']['mean']:.3f}     "
                  f"{cell['mrr']['mean']:.3f}")
            held = held and (bar is None or ndcg["mean"] >= bar)
    for kind in table["fused"]:
        held = held and table["fused"][kind]["ndcg@5"]["mean"] > table["bm25"][kind]["ndcg@5"]["mean"]
    return held
