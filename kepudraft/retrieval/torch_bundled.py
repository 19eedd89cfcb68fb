"""The bundled encoder as a sentence-transformers model, for programs that expect one.

Its own engine does the work, so the vectors are the same and no copy of the weights is needed. To train it further,
write it as a torch model with `python -m eval build_encoder --sentence-transformers FOLDER`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from kepudraft.retrieval.bundled import BundledEncoder


class BundledModule(InputModule):
    """The only module of such a model: texts in, vectors out."""

    def __init__(self, encoder: BundledEncoder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._encoder = encoder

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the token ids of each text."""
        tokens = self._encoder.tokens([(prompt or "") + str(text) for text in inputs])
        width = max((len(ids) for ids in tokens), default=0)
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros((len(tokens), width), np.int64)
        for row, text in enumerate(tokens):
            ids[row, : len(text)], mask[row, : len(text)] = text, 1
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Add the texts' vectors to the features."""
        lengths = features["attention_mask"].sum(1).tolist()
        ids = features["input_ids"].tolist()
        rows = self._encoder.embed([text[:length] for text, length in zip(ids, lengths, strict=True)])
        features["sentence_embedding"] = torch.from_numpy(rows)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return self._encoder.id.dim

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Refuse: a saved copy would need this package's code to be opened again."""
        raise NotImplementedError(f"{Path(output_path)}: python -m eval build_encoder --sentence-transformers FOLDER")


def as_sentence_transformer() -> SentenceTransformer:
    """Open the bundled encoder as a sentence-transformers model with the prompts query and passage."""
    encoder = BundledEncoder()
    prompts = {"query": encoder.id.query_prefix, "passage": encoder.id.passage_prefix}
    return SentenceTransformer(modules=[BundledModule(encoder)], prompts=prompts, device="cpu")
