"""The bundled encoder: multilingual-e5-small, 4-bit, cut to the pieces that Chinese texts use, run in numpy.

A BERT of 12 layers with mean pooling. Opening it takes a quarter of a second and no torch; the folder e5zh/ beside this
module holds weights, tokeniser and NOTICE, made by eval/build_encoder.py. The transformer's matrices are widened to
float32 once, when opened; those of the vocabulary stay 4-bit and are widened row by row as texts need them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kepudraft.errors import SettingsError
from kepudraft.retrieval.encode import EncoderId, FloatArray, Side, unit_rows

MODEL_FOLDER = Path(__file__).parent / "e5zh"
WEIGHTS, TOKENIZER, CONFIG = "model.q4.safetensors", "tokenizer.json", "config.json"

_BATCH_TOKENS = 1024
"""Tokens in one run; at 8192 the caches overflow and it takes twice the time."""
_FEW_TOKENS = 128
"""A query. Its matrices are too small to be shared among threads: on a busy machine, where the threads of the numerical
library wait for each other, it takes thirty times as long."""
_GELU_ROWS = 64
_BLOCK = 32
"""Weights that share a scale in the 4-bit format."""


@dataclass(frozen=True, slots=True)
class _Affine:
    """`x @ weight + bias`, or a layer norm's scale and shift."""

    weight: FloatArray
    bias: FloatArray

    def __call__(self, x: FloatArray) -> FloatArray:
        y: FloatArray = x @ self.weight
        y += self.bias
        return y


@dataclass(frozen=True, slots=True)
class _Layer:
    qkv: _Affine
    attention_out: _Affine
    attention_norm: _Affine
    wide: _Affine
    narrow: _Affine
    out_norm: _Affine


class BundledEncoder:
    """The encoder that ships with the package.

    Args:
        folder: Where its files are.

    Raises:
        SettingsError: A file is missing or damaged.
    """

    def __init__(self, folder: Path = MODEL_FOLDER) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            tensors = load_file(folder / WEIGHTS)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # tokenizers raises nothing narrower
            raise SettingsError("自带的编码模型不完整", place=str(folder), remedy="请重新安装 kepudraft") from error
        self._hidden: int = config["hidden"]
        self._heads: int = config["heads"]
        self._epsilon = np.float32(config["epsilon"])
        self._tokenizer.enable_truncation(config["max_tokens"])
        self._read(tensors, layers=config["layers"])
        self.id = EncoderId(
            name=config["name"],
            sha256=config["sha256"],
            dim=self._hidden,
            query_prefix=config["query_prefix"],
            passage_prefix=config["passage_prefix"],
        )

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`. Texts are cut after 512 tokens."""
        prefix = self.id.prefix(side)
        return self.embed(self.tokens([prefix + text for text in texts]))

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts that have their prefix, at most 512 each."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def embed(self, tokens: Sequence[Sequence[int]]) -> FloatArray:
        """Return one unit row for each text's token ids, shape (len(tokens), dim)."""
        rows = np.zeros((len(tokens), self._hidden), np.float32)
        few = sum(len(ids) for ids in tokens) <= _FEW_TOKENS
        with _one_thread()() if few else nullcontext():
            for batch in _batches([len(ids) for ids in tokens]):
                rows[batch] = self._forward([tokens[index] for index in batch])
        return unit_rows(rows)

    def _read(self, tensors: Mapping[str, NDArray[Any]], *, layers: int) -> None:
        hidden = self._hidden
        self._word_scales = tensors["emb.word.d"].reshape(-1, hidden // _BLOCK)
        self._word_nibbles = tensors["emb.word.q"].reshape(-1, hidden // _BLOCK, _BLOCK // 2)
        positions = tensors["emb.pos"].astype(np.float32).reshape(-1, hidden)
        self._positions = positions + tensors["emb.type"].reshape(-1, hidden)[0]
        self._embedding_norm = _Affine(tensors["emb.ln.w"], tensors["emb.ln.b"])
        self._layers = tuple(_layer(tensors, f"l{number}", hidden=hidden) for number in range(layers))

    def _forward(self, tokens: Sequence[Sequence[int]]) -> FloatArray:
        """Return the mean of each text's token vectors, shape (texts, hidden).

        The texts' tokens stand one after the other in one matrix: nothing is padded, nothing masked.
        """
        ends = np.cumsum([len(ids) for ids in tokens])
        starts = ends - [len(ids) for ids in tokens]
        texts = [slice(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
        positions = np.concatenate([self._positions[: len(ids)] for ids in tokens])
        x = self._norm(self._words(np.concatenate(tokens)) + positions, self._embedding_norm)
        for layer in self._layers:
            x = self._norm(x + layer.attention_out(self._attend(layer.qkv(x), texts)), layer.attention_norm)
            wide = layer.wide(x)
            _gelu(wide)
            x = self._norm(x + layer.narrow(wide), layer.out_norm)
        return np.asarray(np.add.reduceat(x, starts) / (ends - starts)[:, None], np.float32)

    def _words(self, ids: NDArray[np.int_]) -> FloatArray:
        scales, nibbles = self._word_scales[ids].reshape(-1), self._word_nibbles[ids].reshape(-1, _BLOCK // 2)
        return widen(scales, nibbles).reshape(len(ids), self._hidden)

    def _attend(self, qkv: FloatArray, texts: Sequence[slice]) -> FloatArray:
        """Let each token look at its own text's tokens; shapes (tokens, 3 * hidden) and (tokens, hidden)."""
        width = self._hidden // self._heads
        attended = np.empty((len(qkv), self._hidden), np.float32)
        for text in texts:
            heads = qkv[text].reshape(-1, 3, self._heads, width).transpose(1, 2, 0, 3)
            query, key, value = np.ascontiguousarray(heads)
            weights = np.matmul(query * np.float32(1 / math.sqrt(width)), key.transpose(0, 2, 1))
            weights -= weights.max(-1, keepdims=True)
            np.exp(weights, out=weights)
            mixed = np.matmul(weights, value) / weights.sum(-1, keepdims=True)
            attended[text] = mixed.transpose(1, 0, 2).reshape(-1, self._hidden)
        return attended

    def _norm(self, x: FloatArray, affine: _Affine) -> FloatArray:
        x = x - x.mean(-1, keepdims=True)
        variance = np.einsum("...i,...i->...", x, x)[..., None] / np.float32(x.shape[-1])
        return np.asarray(x / np.sqrt(variance + self._epsilon) * affine.weight + affine.bias, np.float32)


def widen(scales: NDArray[np.float16], nibbles: NDArray[np.uint8]) -> FloatArray:
    """Return 4-bit blocks as float32.

    Args:
        scales: One a block, shape (blocks,).
        nibbles: Two weights a byte, shape (blocks, 16): the low halves are the block's first 16 weights.

    Returns:
        Shape (blocks, 32).
    """
    weights = np.empty((len(scales), _BLOCK), np.float32)
    half = _BLOCK // 2
    np.subtract(nibbles & 15, 8, out=weights[:, :half], dtype=np.float32, casting="unsafe")
    np.subtract(nibbles >> 4, 8, out=weights[:, half:], dtype=np.float32, casting="unsafe")
    weights *= scales.astype(np.float32)[:, None]
    return weights


@cache
def _one_thread() -> Callable[[], AbstractContextManager[Any]]:
    """Return what limits the numerical library to one thread; nothing does where threadpoolctl is not installed."""
    try:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]
    except ImportError:
        return nullcontext
    return partial(ThreadpoolController().limit, limits=1, user_api="blas")


def _layer(tensors: Mapping[str, NDArray[Any]], prefix: str, *, hidden: int) -> _Layer:
    def affine(name: str, width: int) -> _Affine:
        weight = widen(tensors[f"{prefix}.{name}.w.d"], tensors[f"{prefix}.{name}.w.q"]).reshape(-1, width)
        return _Affine(np.ascontiguousarray(weight.T), tensors[f"{prefix}.{name}.b"])

    query, key, value = (affine(name, hidden) for name in "qkv")
    return _Layer(
        qkv=_Affine(
            np.concatenate([query.weight, key.weight, value.weight], 1),
            np.concatenate([query.bias, key.bias, value.bias]),
        ),
        attention_out=affine("ao", hidden),
        attention_norm=_Affine(tensors[f"{prefix}.aln.w"], tensors[f"{prefix}.aln.b"]),
        wide=affine("fi", hidden),
        narrow=affine("fo", tensors[f"{prefix}.fi.b"].shape[0]),
        out_norm=_Affine(tensors[f"{prefix}.oln.w"], tensors[f"{prefix}.oln.b"]),
    )


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group texts in their order, each group small enough for a run to fit the caches."""
    batches: list[list[int]] = []
    total = 0
    for index, length in enumerate(lengths):
        total += length
        if not batches or total > _BATCH_TOKENS:
            batches.append([])
            total = length
        batches[-1].append(index)
    return batches


def _gelu(x: FloatArray) -> None:
    """Apply the exact GELU in place.

    It needs erf, which numpy lacks; Abramowitz and Stegun 7.1.26 is within 1.5e-7 of it. Rows are taken in blocks that
    stay in the processor's cache, which is three times as fast as the whole at once.
    """
    for start in range(0, len(x), _GELU_ROWS):
        block = x[start : start + _GELU_ROWS]
        z = np.abs(block)
        z *= np.float32(math.sqrt(0.5))
        t = z * np.float32(0.3275911)
        t += 1
        np.reciprocal(t, out=t)
        polynomial = np.full_like(t, 1.061405429)
        for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
            polynomial *= t
            polynomial += np.float32(coefficient)
        polynomial *= t
        np.square(z, out=z)
        np.exp(np.negative(z, out=z), out=z)
        polynomial *= z
        erf = np.copysign(np.subtract(1, polynomial, out=polynomial), block, out=polynomial)
        erf += 1
        block *= erf
        block *= np.float32(0.5)
