"""A query to the passages that show best how such a section is written.

BM25 and the encoder each rank the passages of the wanted role and unit type; their ranks are fused by reciprocal rank,
which needs no comparable scores. Where too few passages carry both, the search is widened step by step: each step adds
passages behind those of the step before, and a hit says which step found it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from kepudraft.errors import InputError
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.encode import Encoder, FloatArray, Side
from kepudraft.retrieval.hit import Hit as Hit
from kepudraft.retrieval.index import ExemplarIndex, encoded_text
from kepudraft.retrieval.lexical import LexicalIndex, ranked

RRF_K = 60
"""Damps the first ranks in the fusion; 10 to 100 give the same."""
DEPTH = 200
"""How far down each list counts: rank 200 adds a quarter of what rank 1 does."""
PER_EXEMPLAR = 2
"""At most so many passages of one exemplar, for variety."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Passages that may be found at one width of the search."""

    rows: tuple[int, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Fused:
    """A row of the index and its place in the two lists.

    Attributes:
        row: Which passage.
        score: Sum of the reciprocal ranks.
        lexical: Rank by BM25 from 1; None if it is not in that list.
        dense: Rank by the encoder from 1; None if it is not in that list.
    """

    row: int
    score: float
    lexical: int | None
    dense: int | None


class Retriever:
    """Searches one index with the encoder that made it.

    Args:
        index: Passages and vectors.
        encoder: Must be the one that the index was built with.

    Raises:
        ValueError: It is another one.
    """

    def __init__(self, index: ExemplarIndex, encoder: Encoder) -> None:
        if encoder.id != index.fingerprint.encoder:
            raise ValueError(f"the index holds vectors of {index.fingerprint.encoder.name}, not {encoder.id.name}")
        self._index = index
        self._encoder = encoder
        self._lexical = LexicalIndex(encoded_text(passage) for passage in index.passages)

    @property
    def fingerprint(self) -> str:
        """What was searched: a digest of corpus, encoder and format, for a draft's record."""
        return self._index.fingerprint.digest

    def search(
        self,
        query: str,
        *,
        role: Role | None = None,
        unit_type: UnitType | None = None,
        k: int = 5,
        exclude: Collection[str] = (),
    ) -> tuple[Hit, ...]:
        """Return the k best passages, fewer only if `PER_EXEMPLAR` of each exemplar are not as many.

        Args:
            query: Facts, words or a heading, in either script.
            role: Which kind of section; None for any.
            unit_type: Whose summaries; None for anyone's.
            k: How many.
            exclude: Ids of exemplars that must not be found, such as the unit's own text of the same year.

        Raises:
            InputError: The query is empty or k is not positive.
        """
        if not query.strip() or k < 1:
            raise InputError("检索词是空的" if k >= 1 else f"条数{k}不对", remedy="请写出要找的内容，条数至少为1")
        query = to_simplified(query)
        vector = self._encoder.encode([query], side=Side.QUERY)[0]
        scores = self._lexical.scores(query)
        hits: list[Hit] = []
        used: Counter[str] = Counter()
        found: set[int] = set()
        for step in self._steps(role, unit_type, frozenset(exclude)):
            for fused in self._fuse(vector, scores, step.rows):
                passage = self._index.passages[fused.row]
                if fused.row in found or used[passage.exemplar_id] >= PER_EXEMPLAR:
                    continue
                found.add(fused.row)
                used[passage.exemplar_id] += 1
                hits.append(Hit(passage, fused.score, len(hits) + 1, _why(fused, step)))
                if len(hits) == k:
                    return tuple(hits)
        return tuple(hits)

    def _steps(self, role: Role | None, unit_type: UnitType | None, exclude: Collection[str]) -> Iterator[_Step]:
        rows = [row for row, passage in enumerate(self._index.passages) if passage.exemplar_id not in exclude]
        passages = self._index.passages
        if role is not None and unit_type is not None:
            both = tuple(row for row in rows if passages[row].role is role and passages[row].unit_type is unit_type)
            yield _Step(both, "")
        if role is not None:
            same_role = tuple(row for row in rows if passages[row].role is role)
            yield _Step(same_role, f"{unit_type}的同类段落不足，取自其他单位" if unit_type else "")
        elif unit_type is not None:
            yield _Step(tuple(row for row in rows if passages[row].unit_type is unit_type), "")
        narrowed = role is not None or unit_type is not None
        yield _Step(tuple(rows), "同类段落不足，取自其他部分" if narrowed else "")

    def _fuse(self, vector: FloatArray, scores: FloatArray, rows: Sequence[int]) -> list[Fused]:
        return fuse(ranked(scores, rows, DEPTH), self._index.search(vector, rows, DEPTH))


def fuse(lexical: Sequence[int], dense: Sequence[int]) -> list[Fused]:
    """Fuse two rankings of rows by reciprocal rank, the best first; equal scores keep the order of the corpus.

    Args:
        lexical: Rows by BM25, the best first.
        dense: Rows by the encoder, the best first.
    """
    lexical_ranks = {row: rank for rank, row in enumerate(lexical, 1)}
    dense_ranks = {row: rank for rank, row in enumerate(dense, 1)}
    fused = [
        Fused(
            row,
            sum(1 / (RRF_K + ranks[row]) for ranks in (lexical_ranks, dense_ranks) if row in ranks),
            lexical_ranks.get(row),
            dense_ranks.get(row),
        )
        for row in lexical_ranks.keys() | dense_ranks.keys()
    ]
    return sorted(fused, key=lambda one: (-one.score, one.row))


def to_simplified(text: str) -> str:
    """Return a text in simplified characters; a traditional query then finds what its twin finds."""
    return _converter().convert(text)


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converter() -> _Converter:
    from opencc import OpenCC

    converter: _Converter = OpenCC("t2s")
    return converter


def _why(fused: Fused, step: _Step) -> str:
    parts = []
    if fused.lexical is not None:
        parts.append(f"字面第{fused.lexical}")
    if fused.dense is not None:
        parts.append(f"语义第{fused.dense}")
    return "、".join(parts) + (f"；{step.note}" if step.note else "")
