"""Texts to unit vectors: the port `Encoder` and what satisfies it.

`HashingEncoder` needs no model (for tests), `SentenceTransformerEncoder` opens any model of that library by name or
path; the bundled model is in `bundled.py`. E5 models were trained with a prefix that tells queries from passages, so
the port asks which of the two a text is, and an index remembers the prefixes that it was built with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kepudraft.errors import MissingExtra, SettingsError

FloatArray: TypeAlias = NDArray[np.float32]


class Side(StrEnum):
    """Which side of a search a text stands on."""

    QUERY = "query"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class EncoderId:
    """What makes two encoders give comparable vectors.

    Attributes:
        name: The model's name, or the name or path that it was opened by.
        sha256: Of its weights.
        dim: Length of a vector.
        query_prefix: Put before each query.
        passage_prefix: Put before each passage.
    """

    name: str
    sha256: str
    dim: int
    query_prefix: str = ""
    passage_prefix: str = ""

    def prefix(self, side: Side) -> str:
        """Return what is put before a text of that side."""
        return self.query_prefix if side is Side.QUERY else self.passage_prefix


class Encoder(Protocol):
    """Anything that turns texts into vectors whose inner product is their similarity."""

    @property
    def id(self) -> EncoderId:
        """Which encoder it is; an index refuses the vectors of another."""

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return unit rows, float32, shape (len(texts), dim), in the order of the texts.

        Similarities rank; their absolute values mean nothing (unrelated texts of one genre reach 0.9).
        """


class HashingEncoder:
    """Hashed character bigrams: no model, no meaning, the same on every machine. For tests and trials."""

    def __init__(self, dim: int = 64) -> None:
        self.id = EncoderId(name=f"hashing-{dim}", sha256="", dim=dim)

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`."""
        rows = np.zeros((len(texts), self.id.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for start in range(max(1, len(text) - 1)):
                row[crc32(text[start : start + 2].encode()) % self.id.dim] += 1.0
        return unit_rows(rows)


class SentenceTransformerEncoder:
    """Any sentence-transformers model, opened by name or path.

    Opening it imports torch, which takes seconds and half a gigabyte. Models that declare prompts named query and
    passage (or document) get them; others get none.

    Args:
        name_or_path: A model's name, looked up in the local cache and then online, or a folder.
        batch_size: Texts in one run of the model.

    Raises:
        MissingExtra: sentence-transformers is not installed.
        SettingsError: There is no such model, or it cannot be opened.
    """

    def __init__(self, name_or_path: str, *, batch_size: int = 16) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            remedy = "请安装：pip install sentence-transformers"
            raise MissingExtra("没有安装 sentence-transformers", place=name_or_path, remedy=remedy) from error
        try:
            # float32, or a model stored in half precision would run in it, slowly and inexactly on a CPU.
            self._model = SentenceTransformer(name_or_path, model_kwargs={"dtype": "float32"})
        except (OSError, ValueError) as error:
            remedy = "请检查模型名称或目录"
            raise SettingsError(f"打不开编码模型：{error}", place=name_or_path, remedy=remedy) from error
        self._batch_size = batch_size
        prompts = self._model.prompts
        self.id = EncoderId(
            name=name_or_path,
            sha256=self._weights_sha256(),
            dim=int(self._model.get_embedding_dimension() or 0),
            query_prefix=prompts.get("query") or "",
            passage_prefix=prompts.get("passage") or prompts.get("document") or "",
        )

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`."""
        if not texts:
            return np.zeros((0, self.id.dim), np.float32)
        # An empty prompt is given too: without one the library would fall back on the model's default prompt.
        rows = self._model.encode(
            list(texts), prompt=self.id.prefix(side), batch_size=self._batch_size, show_progress_bar=False
        )
        return unit_rows(np.asarray(rows, np.float32))

    def _weights_sha256(self) -> str:
        import torch

        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()


def unit_rows(rows: FloatArray) -> FloatArray:
    """Scale each row to length 1, shape kept; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.float32(1e-12)), np.float32)
