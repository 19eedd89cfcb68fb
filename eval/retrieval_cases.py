"""Queries with known answers: a benchmark file, and the project's own queries over the shipped corpus.

A benchmark is a JSON file with `passages` (id, doc, unit_type, roles, text) and `queries` (kind, doc, query, roles,
relevant: passage id -> gain). The own queries are described in cases/retrieval/README.md. Candidates are always the
passages of other documents than the query's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kepudraft.corpus import Excerpt, excerpts, read_corpus
from kepudraft.genre import Genre, Role, UnitType, load_genre

CASES = Path(__file__).parent / "cases" / "retrieval"
CORPUS = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Attributes:
        kind: a (role and unit type), b (facts), c (role and facts).
        doc: Whose query it is; documents are what is drawn for an interval.
        text: What is asked.
        roles: In the benchmark's own terms.
        relevant: Row -> gain above 0.
        role: Of this project; None where a benchmark has roles of its own.
        unit_type: Likewise.
        held_out: Whether nothing was tuned on it.
    """

    kind: str
    doc: str
    text: str
    roles: frozenset[str]
    relevant: Mapping[int, float]
    role: Role | None = None
    unit_type: UnitType | None = None
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Passages, their roles and documents, and queries over them."""

    passages: tuple[Excerpt, ...]
    roles: tuple[frozenset[str], ...]
    queries: tuple[Query, ...]

    def candidates(self, query: Query) -> NDArray[np.bool_]:
        """Return which passages may be found: those of other documents."""
        return np.array([passage.exemplar_id != query.doc for passage in self.passages])

    def in_role(self, query: Query) -> NDArray[np.bool_]:
        """Return which passages carry a role of the query."""
        return np.array([bool(roles & query.roles) for roles in self.roles])


def load_benchmark(path: Path) -> Benchmark:
    """Read a benchmark file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = {passage["id"]: row for row, passage in enumerate(content["passages"])}
    # Role and unit type of the index are not used: a benchmark has roles of its own, often several a passage.
    passages = tuple(
        Excerpt(f"{one['doc']}#{row}", one["doc"], UnitType.ASSOCIATION, Role.OVERVIEW, "", one["text"])
        for row, one in enumerate(content["passages"])
    )
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
    return Benchmark(passages, tuple(frozenset(one["roles"]) for one in content["passages"]), queries)


def load_own(corpus: Path = CORPUS, cases: Path = CASES) -> Benchmark:
    """Read the own queries; they are over the passages of the shipped corpus, in its order.

    Raises:
        KeyError: A label names a passage that the corpus has no longer.
    """
    passages = excerpts(read_corpus(corpus))
    rows = {passage.id: row for row, passage in enumerate(passages)}
    topics = json.loads((cases / "topics.json").read_text(encoding="utf-8"))
    lines = (cases / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    genre = load_genre(corpus)
    facts = [query for line in lines for query in _fact_queries(json.loads(line), topics, rows, genre)]
    queries = (*_role_queries(passages, genre), *facts)
    return Benchmark(passages, tuple(frozenset({passage.role.value}) for passage in passages), queries)


def _role_queries(passages: Sequence[Excerpt], genre: Genre) -> Iterator[Query]:
    """Yield kind a: every unit type with every role."""
    for number, unit_type in enumerate(UnitType):
        for role in Role:
            relevant = {
                row: 2.0 if passage.unit_type is unit_type else 1.0
                for row, passage in enumerate(passages)
                if passage.role is role
            }
            text = f"{unit_type} {genre.roles[role].title}"
            yield Query("a", unit_type, text, frozenset({role.value}), relevant, role, unit_type, number % 2 == 1)


def _fact_queries(
    line: Mapping[str, Any], topics: Mapping[str, Mapping[str, list[str]]], rows: Mapping[str, int], genre: Genre
) -> Iterator[Query]:
    """Yield kinds b and c of one line."""
    role, unit_type = Role(line["role"]), UnitType(line["unit_type"])
    relevant = {rows[name]: 1.0 for name in topics[role.value][line["topic"]]}
    asked = {"b": line["facts"], "c": f"{genre.roles[role].title} {unit_type} {line['facts']}"}
    for kind, text in asked.items():
        held_out = line["half"] == "held out"
        yield Query(kind, line["doc"], text, frozenset({role.value}), relevant, role, unit_type, held_out)
