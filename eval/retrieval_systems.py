"""The systems that are compared: BM25 alone, the encoder alone, both fused, and what each filter and step adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eval.retrieval_cases import Benchmark, Query
from eval.retrieval_labels import own_roles
from kepudraft.retrieval.encode import Encoder, FloatArray, Side
from kepudraft.retrieval.index import ExemplarIndex, encoded_text
from kepudraft.retrieval.lexical import LexicalIndex, ranked
from kepudraft.retrieval.search import Retriever, fuse, to_simplified
from kepudraft.retrieval.shelf import Mask

BM25, DIGITS, ENCODER, FUSED, FUSED_DIGITS = "bm25", "bm25 with digits", "encoder", "fused", "fused with digits"
IN_ROLE, BM25_IN_ROLE, GUESSED = "fused in role", "bm25 in role", "fused in guessed role"
GUESSED_APART = "fused in guessed, apart"
"""With roles by a labeller that knows no exemplar which retells a document of the benchmark."""
MIXED, MIXED_IN_ROLE = "mixed scores", "mixed scores in role"
"""Fused by standard scores in place of ranks: tried, see `Systems.rankings`."""
PRODUCT, NO_VARIETY = "product", "product without variety"
ANY_TYPE, ONE_TYPE = "product, any unit type", "product, one unit type"
SYSTEMS = (
    BM25, DIGITS, ENCODER, FUSED, FUSED_DIGITS, MIXED, BM25_IN_ROLE, IN_ROLE, MIXED_IN_ROLE, GUESSED, GUESSED_APART, PRODUCT, NO_VARIETY,
    ANY_TYPE, ONE_TYPE,
)  # fmt: skip
HITS = 10


class Remembering:
    """An encoder that encodes no query twice: each is asked of every system, and once more in traditional characters."""

    def __init__(self, encoder: Encoder) -> None:
        self.id = encoder.id
        self._encoder = encoder
        self._rows: dict[str, FloatArray] = {}

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`."""
        if len(texts) != 1 or side is Side.PASSAGE:
            return self._encoder.encode(texts, side=side)
        (text,) = texts
        if text not in self._rows:
            self._rows[text] = self._encoder.encode(texts, side=side)
        return self._rows[text]


class Systems:
    """All systems over one benchmark.

    Args:
        benchmark: Passages and queries.
        encoder: Encodes both.
        guesses: System -> roles of each passage by a labeller; without them these systems are left out.
        product: Whether roles and unit types are those of the product, so that its own search can be run.
    """

    def __init__(
        self, benchmark: Benchmark, encoder: Encoder, *, guesses: Mapping[str, Sequence[frozenset[str]]], product: bool
    ) -> None:
        self._benchmark = benchmark
        self._encoder: Encoder = Remembering(encoder)
        self._guesses = guesses
        self._dense = ExemplarIndex.build(benchmark.passages, encoder, corpus="benchmark")
        texts = [encoded_text(passage) for passage in benchmark.passages]
        self._lexical, self._digits = LexicalIndex(texts), LexicalIndex(texts, digits=True)
        self._rows = {passage.id: row for row, passage in enumerate(benchmark.passages)}
        self._product = Retriever(self._dense, self._encoder) if product else None
        self._plain = Retriever(self._dense, self._encoder, penalty=0.0) if product else None

    def rankings(self, query: Query, text: str) -> dict[str, list[int]]:
        """Return each system's rows for one query, the best first."""
        text = to_simplified(text)
        vector = self._encoder.encode([text], side=Side.QUERY)[0]
        words, digits = self._lexical.scores(text), self._digits.scores(text)
        n = len(self._rows)

        def fused(scores: np.ndarray, mask: Mask) -> list[int]:
            lexical, dense = ranked(scores, n, mask).tolist(), self._dense.search(vector, n, mask).rows.tolist()
            return [one.row for one in fuse(lexical, dense)]

        def mixed(mask: Mask) -> list[int]:
            rows = np.flatnonzero(mask)
            nearest = self._dense.search(vector, n, mask)
            scores = _standard(words[rows])
            scores[np.searchsorted(rows, nearest.rows)] += _standard(nearest.scores)
            return [int(row) for row in rows[np.argsort(-scores, kind="stable")]]

        free = self._benchmark.candidates(query)
        inside = free & self._benchmark.in_role(query)
        found = {
            BM25: ranked(words, n, free).tolist(),
            DIGITS: ranked(digits, n, free).tolist(),
            ENCODER: self._dense.search(vector, n, free).rows.tolist(),
            FUSED: fused(words, free),
            FUSED_DIGITS: fused(digits, free),
            MIXED: mixed(free),
        }
        # Kind a asks for a role: among the passages of that role every one is right.
        if query.kind != "a":
            found[BM25_IN_ROLE] = ranked(words, n, inside).tolist()
            found[IN_ROLE] = fused(words, inside)
            found[MIXED_IN_ROLE] = mixed(inside)
            for system, roles in self._guesses.items():
                # Widened as the product does: with guessed roles some of what is wanted stands elsewhere.
                guessed = fused(words, free & _with_role(roles, own_roles(query.roles)))
                found[system] = guessed + [row for row in found[FUSED] if row not in set(guessed)]
        return found | self._searched(query, text)

    def _searched(self, query: Query, text: str) -> dict[str, list[int]]:
        """Return what the product's own search finds, where role and unit type are its own."""
        if self._product is None or self._plain is None:
            return {}
        asked = {
            PRODUCT: self._product.search(text, role=query.role, prefer=query.unit_type, k=HITS),
            NO_VARIETY: self._plain.search(text, role=query.role, prefer=query.unit_type, k=HITS),
            ONE_TYPE: self._product.search(text, role=query.role, unit_type=query.unit_type, k=HITS),
            ANY_TYPE: self._product.search(text, role=query.role, k=HITS),
        }
        return {name: [self._rows[hit.excerpt.id] for hit in hits] for name, hits in asked.items()}


def _with_role(guesses: Sequence[frozenset[str]], wanted: frozenset[str]) -> Mask:
    return np.array([bool(roles & wanted) for roles in guesses])


def _standard(scores: FloatArray) -> FloatArray:
    spread = float(scores.std()) if len(scores) else 0.0
    return np.asarray((scores - scores.mean()) / spread if spread else np.zeros_like(scores), np.float32)
