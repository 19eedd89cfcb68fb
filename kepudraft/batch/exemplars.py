"""Exemplars for a whole batch: units of one type are shown the same passages for the same kind of section.

Looking passages up for every section of every unit would cost as much processor time as the model's answer takes; and what
requests have in common at their start, an endpoint's prefix cache serves. So what is looked for is the kind of section and the
unit type, not the unit's facts. A unit's own text of the year is left out all the same.
"""

from __future__ import annotations

from typing import Protocol

from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.hit import Hit, OwnText


class KnowingSearcher(Protocol):
    """`kepudraft.retrieval.search.Retriever`."""

    @property
    def fingerprint(self) -> str:
        """Identifies index and encoder."""
        ...

    def search(self, query: str, *, role: Role | None, prefer: UnitType | None, own: OwnText | None, k: int) -> tuple[Hit, ...]:
        """See `Retriever`."""
        ...

    def knows(self, own: OwnText) -> bool:
        """True if a text of this unit and year is among the exemplars."""
        ...


class SharedExemplars:
    """A searcher that looks up each kind of section once for each unit type."""

    def __init__(self, searcher: KnowingSearcher) -> None:
        self._searcher = searcher
        self._found: dict[tuple[object, ...], tuple[Hit, ...]] = {}

    @property
    def fingerprint(self) -> str:
        """The inner one's, marked: a draft's provenance tells how its exemplars were found."""
        return f"{self._searcher.fingerprint} shared"

    def search(self, query: str, *, role: Role | None, prefer: UnitType | None, own: OwnText | None, k: int) -> tuple[Hit, ...]:
        """See `pipeline.Searcher`; of the query the words before the facts count (kind of section, unit type)."""
        common = " ".join(query.split(" ")[:2])
        mine = own if own is not None and self._searcher.knows(own) else None
        key = (common, role, prefer, mine, k)
        if key not in self._found:
            self._found[key] = self._searcher.search(common, role=role, prefer=prefer, own=mine, k=k)
        return self._found[key]
