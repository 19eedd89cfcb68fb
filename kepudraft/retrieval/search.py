"""A query to the passages that show best how such a section is written.

BM25 and the encoder each rank the passages of the wanted role and unit type; their ranks are fused by reciprocal rank,
which needs no comparable scores, and those much like a better one fall behind. Where too few passages carry what is
asked for, the search is widened step by step: each step adds passages behind those of the step before, and a hit says
which step found it. A query costs the same however long it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Protocol

import numpy as np

from kepudraft.corpus import Excerpt
from kepudraft.errors import InputError
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.encode import Encoder, FloatArray, Side
from kepudraft.retrieval.hit import Hit, OwnText
from kepudraft.retrieval.index import ExemplarIndex, encoded_text
from kepudraft.retrieval.lexical import LexicalIndex, ranked
from kepudraft.retrieval.shelf import Mask, Shelf
from kepudraft.retrieval.variety import PENALTY, PER_EXEMPLAR, various
from kepudraft.retrieval.vectors import Rows

RRF_K = 60
"""Damps the first ranks in the fusion; 10 to 100 give the same."""
DEPTH = 200
"""How far down each list counts: rank 200 adds a quarter of what rank 1 does."""
TYPE_BONUS = 0.004
"""Added to the score of a passage of the preferred unit type: some 20 ranks in one list. On facts of known topic it
finds the right ones more often than asking for role and unit type both (nDCG@5 +.11), and than the role alone."""
QUERY_CHARS = 1000
"""What is read of a query; the encoder reads no more."""

_POOL = 30
"""Candidates among which variety is sought, beyond those wanted."""
_WRITER_CHARS = 80
"""Of an exemplar's first passage, where its writer names itself."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A row and its place in the two lists.

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
    """Searches indexes with the encoder that made them.

    Args:
        indexes: Passages and vectors; several are searched as one.
        encoder: Must be the one that they were built with.
        penalty: What likeness to a better hit costs; see `various`.

    Raises:
        ValueError: It is another one.
    """

    def __init__(
        self, indexes: ExemplarIndex | Sequence[ExemplarIndex], encoder: Encoder, *, penalty: float = PENALTY
    ) -> None:
        self._shelf = Shelf([indexes] if isinstance(indexes, ExemplarIndex) else indexes)
        if encoder.id != self._shelf.encoder:
            raise ValueError(f"the index holds vectors of {self._shelf.encoder.name}, not {encoder.id.name}")
        self._encoder = encoder
        self._penalty = penalty
        passages = self._shelf.passages
        self._lexical = LexicalIndex(encoded_text(passage) for passage in passages)
        self._roles = np.array([_ROLES[passage.role] for passage in passages], np.int8)
        self._also = np.array([-1 if passage.also is None else _ROLES[passage.also] for passage in passages], np.int8)
        self._types = np.array([_TYPES[passage.unit_type] for passage in passages], np.int8)
        self._exemplars = _exemplars(passages)

    @property
    def fingerprint(self) -> str:
        """What is searched: a digest of corpora, encoder and format, for a draft's record."""
        return self._shelf.digest

    def search(
        self,
        query: str,
        *,
        role: Role | None = None,
        unit_type: UnitType | None = None,
        prefer: UnitType | None = None,
        k: int = 5,
        exclude: Collection[str] = (),
        own: OwnText | None = None,
    ) -> tuple[Hit, ...]:
        """Return the k best passages, fewer only if `PER_EXEMPLAR` of each exemplar are not as many.

        Args:
            query: Facts, words or a heading, in either script.
            role: Which kind of section; None for any.
            unit_type: Whose summaries come first, and others' only where they are too few; None for anyone's.
            prefer: Whose summaries are better than others that are about as near; what a draft wants, since a near
                passage of another unit shows more than a far one of the same.
            k: How many.
            exclude: Ids of exemplars that must not be found.
            own: Who asks, so that its own text of the same year is not found.

        Raises:
            InputError: The query is empty or k is not positive.
        """
        if not query.strip() or k < 1:
            raise InputError("检索词是空的" if k >= 1 else f"条数{k}不对", remedy="请写出要找的内容，条数至少为1")
        query = to_simplified(query.strip()[:QUERY_CHARS])
        vector = self._encoder.encode([query], side=Side.QUERY)[0]
        preferred = None if prefer is None else self._types == _TYPES[prefer]
        asked = _Asked(vector, self._lexical.scores(query), k, preferred)
        for mask, note in self._steps(role, unit_type, self._allowed(exclude, own)):
            self._take(asked, mask, note)
            if len(asked.hits) == k:
                break
        return tuple(asked.hits)

    def knows(self, own: OwnText) -> bool:
        """True if a text of this unit and year is among the exemplars, so that a search for that unit must leave it out."""
        return self._allowed((), own) is not None

    def _allowed(self, exclude: Collection[str], own: OwnText | None) -> Mask | None:
        """Return which passages may be found at all; None for all."""
        hidden = [self._exemplars[name].rows for name in exclude if name in self._exemplars]
        if own is not None:
            unit = _plain(own.unit)
            same_year = (one for one in self._exemplars.values() if one.year == own.year)
            hidden += [one.rows for one in same_year if unit and unit in one.writer]
        if not hidden:
            return None
        allowed = np.ones(len(self._shelf), np.bool_)
        allowed[np.concatenate(hidden)] = False
        return allowed

    def _steps(
        self, role: Role | None, unit_type: UnitType | None, allowed: Mask | None
    ) -> Iterator[tuple[Mask | None, str]]:
        """Yield ever wider sets of passages (None for all), and what a hit found there says of it."""
        narrowed = role is not None or unit_type is not None
        of_role = None if role is None else (self._roles == _ROLES[role]) | (self._also == _ROLES[role])
        of_type = None if unit_type is None else self._types == _TYPES[unit_type]
        if of_role is not None and of_type is not None:
            yield _both(of_role & of_type, allowed), ""
        if of_role is not None:
            yield _both(of_role, allowed), f"{unit_type}的同类段落不足，取自其他单位" if unit_type else ""
        elif of_type is not None:
            yield _both(of_type, allowed), ""
        yield allowed, "同类段落不足，取自其他部分" if narrowed else ""

    def _take(self, asked: _Asked, mask: Mask | None, note: str) -> None:
        """Add hits from the passages of one step, the most various of the best."""
        lexical = ranked(asked.scores, DEPTH, mask)
        dense = self._shelf.nearest(asked.vector, DEPTH, mask).rows
        pool = self._pool(asked, _preferring(asked.preferred, fuse(lexical.tolist(), dense.tolist())))
        if not pool:
            return
        vectors = self._shelf.vectors(np.array([one.row for one in pool]))
        for place, chosen in enumerate(various([one.score for one in pool], vectors, len(pool), penalty=self._penalty)):
            passage = self._shelf.passages[pool[chosen].row]
            if asked.used[passage.exemplar_id] >= PER_EXEMPLAR:
                continue
            why = _why(pool[chosen], moved_back=place > chosen, note=note)
            asked.found.add(pool[chosen].row)
            asked.used[passage.exemplar_id] += 1
            asked.hits.append(Hit(passage, pool[chosen].score, len(asked.hits) + 1, why))
            if len(asked.hits) == asked.k:
                return

    def _pool(self, asked: _Asked, fused: Sequence[Fused]) -> list[Fused]:
        """Return the best candidates, never more of one exemplar than may still be hits."""
        used = Counter(asked.used)
        pool: list[Fused] = []
        for one in fused:
            name = self._shelf.passages[one.row].exemplar_id
            if one.row not in asked.found and used[name] < PER_EXEMPLAR:
                used[name] += 1
                pool.append(one)
            if len(pool) == asked.k + _POOL:
                break
        return pool


def fuse(lexical: Sequence[int], dense: Sequence[int]) -> list[Fused]:
    """Fuse two rankings of rows by reciprocal rank, the best first; equal scores keep the order of ids.

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


def _preferring(preferred: Mask | None, fused: list[Fused]) -> list[Fused]:
    if preferred is None:
        return fused
    raised = [replace(one, score=one.score + TYPE_BONUS) if preferred[one.row] else one for one in fused]
    return sorted(raised, key=lambda one: (-one.score, one.row))


def to_simplified(text: str) -> str:
    """Return a text in simplified characters; a traditional query then finds what its twin finds."""
    return _converter().convert(text)


@dataclass(slots=True)
class _Asked:
    """One search while it goes on."""

    vector: FloatArray
    scores: FloatArray
    k: int
    preferred: Mask | None
    hits: list[Hit] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    found: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Exemplar:
    """Where an exemplar's passages are, its year, and how it begins."""

    rows: Rows
    year: int
    beginning: str

    @cached_property
    def writer(self) -> str:
        """Where its writer is named, as names are compared."""
        return _plain(self.beginning)


_ROLES = {role: number for number, role in enumerate(Role)}
_TYPES = {unit_type: number for number, unit_type in enumerate(UnitType)}


def _exemplars(passages: Sequence[Excerpt]) -> dict[str, _Exemplar]:
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(passages):
        rows.setdefault(passage.exemplar_id, []).append(row)
    firsts = {name: passages[numbers[0]] for name, numbers in rows.items()}
    return {
        name: _Exemplar(
            np.array(rows[name]), first.year, f"{first.title}\n{first.text[:_WRITER_CHARS]}"
        )
        for name, first in firsts.items()
    }


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    """Return a text as names are compared: simplified, without spaces."""
    return "".join(to_simplified(text).split())


def _both(mask: Mask, allowed: Mask | None) -> Mask:
    return mask if allowed is None else mask & allowed


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converter() -> _Converter:
    from opencc import OpenCC

    converter: _Converter = OpenCC("t2s")
    return converter


def _why(fused: Fused, *, moved_back: bool, note: str) -> str:
    parts = []
    if fused.lexical is not None:
        parts.append(f"字面第{fused.lexical}")
    if fused.dense is not None:
        parts.append(f"语义第{fused.dense}")
    extra = ["与前面的相近，靠后"] if moved_back else []
    return "；".join(["、".join(parts), *extra, *([note] if note else [])])
