"""The index over exemplar passages: their vectors, the passages beside them, and what both were made from.

Passages stand in the order of their ids, so that a smaller number is also the earlier id. Which vector is a passage's
is kept beside them: after exemplars were added to a large index, the two orders differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kepudraft.corpus import Excerpt
from kepudraft.retrieval import store
from kepudraft.retrieval.encode import Encoder, EncoderId, FloatArray, Side
from kepudraft.retrieval.vectors import Kind, Nearest, Rows, Sizes, Vectors

FORMAT = 2
"""To be raised when passages are cut or written in another way: older indexes are then rebuilt."""

_BATCH = 64
_SIZES = Sizes()

Progress = Callable[[int, int], None]
"""Told the number of passages done and of all."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was made from; two indexes with the same one are interchangeable.

    Attributes:
        encoder: The encoder, with its prefixes.
        corpus: SHA-256 of the exemplar files.
        format: Of the passages and files.
    """

    encoder: EncoderId
    corpus: str
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """A short name for it: 16 hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


class ExemplarIndex:
    """Passages and their vectors, in memory.

    Args:
        passages: In the order of their ids.
        vectors: Theirs, and perhaps some of passages that are gone.
        fingerprint: What both were made from.
        rows: Which vector is each passage's, shape (passages,); None if they stand in the same order.
    """

    def __init__(
        self, passages: Sequence[Excerpt], vectors: Vectors, fingerprint: Fingerprint, rows: Rows | None = None
    ) -> None:
        self.passages = tuple(passages)
        self.fingerprint = fingerprint
        self._vectors = vectors
        self._rows = np.arange(len(self.passages)) if rows is None else rows
        self._numbers: Rows | None = None
        if len(vectors) != len(self.passages) or not np.array_equal(self._rows, np.arange(len(vectors))):
            self._numbers = np.full(len(vectors), -1, np.int64)
            self._numbers[self._rows] = np.arange(len(self.passages))

    def __len__(self) -> int:
        return len(self.passages)

    @property
    def kind(self) -> Kind:
        """How the vectors are kept."""
        return self._vectors.kind

    @classmethod
    def build(
        cls,
        passages: Sequence[Excerpt],
        encoder: Encoder,
        *,
        corpus: str,
        progress: Progress | None = None,
        sizes: Sizes = _SIZES,
    ) -> Self:
        """Encode passages and index them.

        Args:
            passages: What to index, in the order of ids; heading and text are encoded together.
            encoder: Makes the vectors.
            corpus: Digest of the corpus they come from, for the fingerprint.
            progress: Called as passages are encoded.
            sizes: Which structure is used from which size on.
        """
        rows = _encoded([encoded_text(passage) for passage in passages], encoder, progress)
        return cls(passages, Vectors.build(rows, sizes), Fingerprint(encoder.id, corpus))

    def updated(
        self,
        passages: Sequence[Excerpt],
        encoder: Encoder,
        *,
        corpus: str,
        progress: Progress | None = None,
        sizes: Sizes = _SIZES,
    ) -> Self:
        """Return an index over other passages, encoding only texts that this one lacks; this one stays as it is.

        See `build` for the arguments. The encoder must be the one that made this index.
        """
        known = {encoded_text(passage): row for passage, row in zip(self.passages, self._rows, strict=True)}
        texts = [encoded_text(passage) for passage in passages]
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        added = _encoded(fresh, encoder, progress)
        fingerprint = Fingerprint(encoder.id, corpus)
        known |= {text: len(self._vectors) + number for number, text in enumerate(fresh)}
        rows = np.array([known[text] for text in texts], np.int64)
        if self.kind is not Kind.FLAT and self.kind is sizes.kind(len(passages), encoder.id.dim):
            grown = self._vectors.extended(added) if fresh else self._vectors
            if not grown.worn(len(np.unique(rows))):
                return type(self)(passages, grown, fingerprint, rows)
        return type(self)(passages, Vectors.build(self._gathered(rows, added), sizes), fingerprint)

    @classmethod
    def load(cls, folder: Path, expected: Fingerprint) -> Self:
        """Read an index that must have been made from what `expected` says.

        Raises:
            IndexMissing: There is none in that folder.
            IndexStale: It was made from something else, or is damaged.
        """
        manifest = store.read_manifest(folder)
        store.check_fingerprint(folder, manifest, asdict(expected))
        contents = store.read_contents(folder, manifest, dim=expected.encoder.dim)
        return cls(contents.passages, contents.vectors, expected, contents.rows)

    @classmethod
    def load_any(cls, folder: Path, encoder: EncoderId) -> Self:
        """Read an index of any corpus, to be `updated`, that an encoder has made.

        Raises:
            IndexMissing: There is none in that folder.
            IndexStale: Another encoder or version made it, or it is damaged.
        """
        manifest = store.read_manifest(folder)
        return cls.load(folder, Fingerprint(encoder, store.corpus_of(manifest)))

    def save(self, folder: Path) -> None:
        """Write the index to `folder`, whole or not at all.

        An older or damaged one there is replaced; an intact one with the same fingerprint is kept, since others may
        be reading it.

        Raises:
            OSError: The place cannot be written.
        """
        contents = store.Contents(self.passages, self._vectors, self._rows)
        store.save(folder, asdict(self.fingerprint), contents)

    def search(self, vector: FloatArray, k: int, among: NDArray[np.bool_] | None = None) -> Nearest:
        """Return the numbers of the passages nearest to a vector; equals in the order of passages.

        Args:
            vector: The query, shape (dim,), length 1.
            k: At most so many.
            among: True for passages that may be found, shape (passages,); None for all.
        """
        if self._numbers is None:
            return self._vectors.nearest(vector, k, among)
        allowed = np.zeros(len(self._vectors), np.bool_)
        allowed[self._rows if among is None else self._rows[among]] = True
        found = self._vectors.nearest(vector, k, allowed)
        numbers = self._numbers[found.rows]
        order = np.lexsort((numbers, -found.scores))
        return Nearest(numbers[order], found.scores[order])

    def vectors(self, numbers: Rows | None = None) -> FloatArray:
        """Return the vectors of passages, of all if None; shape (passages, dim)."""
        return self._vectors.rows(self._rows if numbers is None else self._rows[numbers])

    def _gathered(self, rows: Rows, added: FloatArray) -> FloatArray:
        """Return vectors by rows, those beyond this index's own from `added`; shape (len(rows), dim)."""
        own = rows < len(self._vectors)
        gathered = np.empty((len(rows), self._vectors.dim), np.float32)
        gathered[own] = self._vectors.rows(rows[own])
        gathered[~own] = added[rows[~own] - len(self._vectors)]
        return gathered


def encoded_text(passage: Excerpt) -> str:
    """Return what of a passage is searched: its heading and its text."""
    return f"{passage.heading}\n{passage.text}" if passage.heading else passage.text


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Progress | None) -> FloatArray:
    rows = np.zeros((len(texts), encoder.id.dim), np.float32)
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        rows[start : start + _BATCH] = encoder.encode(batch, side=Side.PASSAGE)
        if progress is not None:
            progress(start + len(batch), len(texts))
    return rows
