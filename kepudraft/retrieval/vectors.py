"""The vectors of an index, in the FAISS structure that fits their number.

Flat is exact and fast enough for any corpus written by people. Beyond it come flat with 8 bits a component, then HNSW,
or IVF where memory is short; none of them is kept unless it finds what flat finds. Rows are never renumbered: what is
added goes behind, what is dropped is no longer asked for, and `Vectors.worn` says when building anew is due.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import faiss as _typed_faiss
import numpy as np
from numpy.typing import NDArray

from kepudraft.retrieval.encode import FloatArray

Rows = NDArray[np.int64]

# The types that come with it lack half of its names.
faiss: Any = _typed_faiss

RECALL = 0.95
"""Of the ten nearest, what an approximate structure must find."""

_SAMPLE, _NEAREST = 200, 10
_LINKS, _BUILD_EFFORT, _HNSW_EFFORT = 32, 200, 256
_LISTS_PROBED = 32
_DOUBLINGS = 4
_WORN = 0.25
_ROOM = 2
"""Free memory must be so many times what HNSW takes."""
_SEED = 20
_MARGIN = 0.05


class Kind(StrEnum):
    """Structures of FAISS."""

    FLAT = "flat"
    SQ8 = "sq8"
    HNSW = "hnsw"
    IVF = "ivf"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Up to how many vectors a structure is used.

    Attributes:
        flat: Fewer are flat, in float32.
        sq8: Fewer are flat, in 8 bits; more are HNSW or IVF.
        memory: Bytes free for HNSW; None to ask the system.
    """

    flat: int = 50_000
    sq8: int = 300_000
    memory: int | None = None

    def kind(self, count: int, dim: int) -> Kind:
        """Return the structure for so many vectors of a length."""
        if count < self.flat:
            return Kind.FLAT
        if count < self.sq8:
            return Kind.SQ8
        # Vector, two links a level-0 neighbour, and what the upper levels add.
        needed = count * (4 * dim + 4 * 2 * _LINKS + 32)
        memory = _free_memory() if self.memory is None else self.memory
        return Kind.HNSW if memory >= _ROOM * needed else Kind.IVF


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest vectors, the best first; equals in order of rows.

    Attributes:
        rows: Shape (found,).
        scores: Inner products, shape (found,).
    """

    rows: Rows
    scores: FloatArray


@dataclass(slots=True)
class Vectors:
    """A FAISS index over inner products.

    Attributes:
        kind: Its structure.
        built: How many vectors it was built with; those behind were added later.
    """

    kind: Kind
    built: int
    _faiss: Any = field(repr=False)

    @classmethod
    def build(cls, rows: FloatArray, sizes: Sizes = Sizes()) -> Self:
        """Index unit rows, shape (count, dim); an approximate structure that finds too little stays flat."""
        kind = sizes.kind(*rows.shape)
        if kind is not Kind.FLAT:
            made = cls(kind, len(rows), _made(rows, kind))
            if made._reaches(rows):
                return made
        flat = faiss.IndexFlatIP(rows.shape[1])
        flat.add(rows)
        return cls(Kind.FLAT, len(rows), flat)

    @classmethod
    def read(cls, path: Path, *, kind: Kind, built: int) -> Self:
        """Read what `write` wrote.

        Raises:
            RuntimeError: It is no FAISS index.
            ValueError: It is one of another kind.
        """
        index = faiss.read_index(str(path))
        if not isinstance(index, _CLASSES[kind]) or not 0 <= built <= index.ntotal:
            raise ValueError(f"not an index of kind {kind}: {type(index).__name__}")
        _prepare(index, kind)
        return cls(kind, built, index)

    def write(self, path: Path) -> None:
        """Write to a file."""
        faiss.write_index(self._faiss, str(path))

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._faiss.d)

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    def worn(self, live: int) -> bool:
        """Return whether so much was added and dropped that building anew is due; `live` rows are still asked for."""
        dropped = len(self) - live
        return dropped + len(self) - self.built > _WORN * self.built

    def extended(self, rows: FloatArray) -> Self:
        """Return a copy with unit rows added behind, shape (added, dim)."""
        copy = faiss.clone_index(self._faiss)
        _prepare(copy, self.kind)
        copy.add(rows)
        return type(self)(self.kind, self.built, copy)

    def rows(self, wanted: Rows) -> FloatArray:
        """Return vectors, shape (len(wanted), dim); those of 8 bits as near as 8 bits are."""
        return np.asarray(self._faiss.reconstruct_batch(np.ascontiguousarray(wanted)), np.float32)

    def nearest(self, vector: FloatArray, k: int, among: NDArray[np.bool_] | None = None) -> Nearest:
        """Return the k nearest vectors.

        Args:
            vector: The query, shape (dim,), length 1.
            k: At most so many.
            among: True for rows that may be found, shape (len(self),); None for all.
        """
        allowed = len(self) if among is None else int(np.count_nonzero(among))
        if not allowed or k < 1:
            return Nearest(np.zeros(0, np.int64), np.zeros(0, np.float32))
        scores, rows = self._search(vector, min(k, allowed), among, allowed)
        kept = rows[0] >= 0
        found, values = rows[0][kept], scores[0][kept]
        # FAISS leaves the order of equal scores open; the row decides.
        order = np.lexsort((found, -values))
        return Nearest(found[order], values[order])

    def _search(
        self, vector: FloatArray, k: int, among: NDArray[np.bool_] | None, allowed: int
    ) -> Any:  # noqa: ANN401 - faiss has no types
        query = vector[None]
        index = self._faiss
        if among is None:
            return index.search(query, k)
        selector = faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))
        if self.kind is Kind.IVF:
            # The fewer rows are allowed, the more lists must be seen to meet as many of them.
            probed = min(index.nlist, math.ceil(index.nprobe * len(self) / allowed))
            return index.search(query, k, params=faiss.SearchParametersIVF(sel=selector, nprobe=probed))
        if self.kind is Kind.HNSW:
            # Walking the graph wastes itself on rows that are not allowed; its storage is flat and exact.
            index = faiss.downcast_index(index.storage)
        return index.search(query, k, params=faiss.SearchParameters(sel=selector))

    def _reaches(self, rows: FloatArray) -> bool:
        """Search harder until enough of what flat finds is found; return whether it ever is."""
        sample = np.random.default_rng(_SEED).choice(len(rows), min(_SAMPLE, len(rows)), replace=False)
        _, exact = faiss.knn(rows[sample], rows, _NEAREST + 1, metric=faiss.METRIC_INNER_PRODUCT)
        for _ in range(_DOUBLINGS):
            _, found = self._faiss.search(rows[sample], _NEAREST + 1)
            if _recall(sample, exact, found) >= RECALL:
                return True
            if not self._searches_harder():
                return False
        return False

    def _searches_harder(self) -> bool:
        if self.kind is Kind.HNSW:
            self._faiss.hnsw.efSearch *= 2
        elif self.kind is Kind.IVF and self._faiss.nprobe < self._faiss.nlist:
            self._faiss.nprobe = min(2 * self._faiss.nprobe, self._faiss.nlist)
        else:
            return False
        return True


def _made(rows: FloatArray, kind: Kind) -> Any:  # noqa: ANN401 - faiss has no types
    dim = rows.shape[1]
    inner = faiss.METRIC_INNER_PRODUCT
    bits = faiss.ScalarQuantizer.QT_8bit
    if kind is Kind.SQ8:
        index: Any = faiss.IndexScalarQuantizer(dim, bits, inner)
    elif kind is Kind.HNSW:
        index = faiss.IndexHNSWFlat(dim, _LINKS, inner)
        index.hnsw.efConstruction = _BUILD_EFFORT
        index.hnsw.efSearch = _HNSW_EFFORT
    else:
        lists = max(1, round(4 * math.sqrt(len(rows))))
        quantizer = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(quantizer, dim, lists, bits, inner)
        index.nprobe = min(_LISTS_PROBED, lists)
        index.cp.min_points_per_centroid = 1
    if kind in (Kind.SQ8, Kind.IVF):
        # What is added later may lie a little outside of what the 8 bits were fitted to.
        index.sq.rangestat_arg = _MARGIN
    index.train(rows)
    index.add(rows)
    _prepare(index, kind)
    return index


def _prepare(index: Any, kind: Kind) -> None:  # noqa: ANN401 - faiss has no types
    if kind is Kind.IVF:
        # Without a map from row to list no vector could be read back.
        index.set_direct_map_type(faiss.DirectMap.Array)


def _recall(sample: Rows, exact: Rows, found: Rows) -> float:
    """Return which share of each sampled row's nearest others is found."""
    shares = []
    for row, wanted, seen in zip(sample, exact, found, strict=True):
        # The row itself is always found: it would flatter.
        others = [other for other in wanted if other != row][:_NEAREST]
        shares.append(len(set(others) & set(seen)) / max(1, len(others)))
    return float(np.mean(shares))


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        # Not told on this system: as if there were little.
        return 0


_CLASSES: dict[Kind, Any] = {
    Kind.FLAT: faiss.IndexFlat,
    Kind.SQ8: faiss.IndexScalarQuantizer,
    Kind.HNSW: faiss.IndexHNSWFlat,
    Kind.IVF: faiss.IndexIVFScalarQuantizer,
}
