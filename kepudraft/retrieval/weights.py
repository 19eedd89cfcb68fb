"""The weights of the bundled encoder as its runtime wants them, from the 4-bit blocks of its file.

A block is 32 weights with one scale. The file holds the low halves of its 16 bytes first, the runtime wants neighbours to
share a byte; nothing is rounded anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kepudraft.retrieval.encode import FloatArray

BLOCK = 32
"""Weights that share a scale."""
PRODUCTS = ("q", "k", "v", "ao", "fi", "fo")
"""The matrices of a layer: query, key, value, attention out, and the two of the feed-forward part."""
_NORMS = ("aln", "oln")


def weights_of(tensors: Mapping[str, NDArray[Any]], config: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return all weights but those of words, by the names that the graph gives them.

    Args:
        tensors: Of the file.
        config: The encoder's: `hidden` and `layers`.
    """
    hidden = config["hidden"]
    positions = tensors["emb.pos"].astype(np.float32).reshape(-1, hidden) + tensors["emb.type"].reshape(-1, hidden)[0]
    found: dict[str, NDArray[Any]] = {"positions": positions}
    found |= {f"emb.ln.{part}": tensors[f"emb.ln.{part}"] for part in "wb"}
    for layer in range(config["layers"]):
        for name in PRODUCTS:
            bias = tensors[f"l{layer}.{name}.b"]
            found[f"l{layer}.{name}.w"] = _packed(tensors[f"l{layer}.{name}.w.q"], rows=bias.size)
            found[f"l{layer}.{name}.s"] = tensors[f"l{layer}.{name}.w.d"].astype(np.float32).reshape(-1)
            found[f"l{layer}.{name}.b"] = bias
        found |= {f"l{layer}.{norm}.{part}": tensors[f"l{layer}.{norm}.{part}"] for norm in _NORMS for part in "wb"}
    return found


def widen(scales: NDArray[np.float16], nibbles: NDArray[np.uint8]) -> FloatArray:
    """Return 4-bit blocks as float32.

    Args:
        scales: One a block, shape (blocks,).
        nibbles: Two weights a byte, shape (blocks, 16): the low halves are the block's first 16 weights.

    Returns:
        Shape (blocks, 32).
    """
    weights = np.empty((len(scales), BLOCK), np.float32)
    half = BLOCK // 2
    np.subtract(nibbles & 15, 8, out=weights[:, :half], dtype=np.float32, casting="unsafe")
    np.subtract(nibbles >> 4, 8, out=weights[:, half:], dtype=np.float32, casting="unsafe")
    weights *= scales.astype(np.float32)[:, None]
    return weights


def _packed(nibbles: NDArray[np.uint8], *, rows: int) -> NDArray[np.uint8]:
    """Return the bytes of a matrix with neighbours in one byte, shape (rows, blocks, 16)."""
    blocks = nibbles.reshape(-1, BLOCK // 2)
    packed = np.empty_like(blocks)
    half = BLOCK // 4
    packed[:, :half] = (blocks[:, 0::2] & 15) | (blocks[:, 1::2] << 4)
    packed[:, half:] = (blocks[:, 0::2] >> 4) | (blocks[:, 1::2] & 0xF0)
    return packed.reshape(rows, -1, BLOCK // 2)
