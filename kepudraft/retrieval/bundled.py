"""The bundled encoder: multilingual-e5-small, 4-bit, cut to the pieces that Chinese texts use, run by onnxruntime.

Opening it takes a quarter of a second and no torch. The folder e5zh/ beside this module holds weights, tokeniser, graph
and NOTICE, made by eval/build_encoder.py. The weights stay 4-bit in memory; those of the vocabulary are widened row by row
as texts need them. onnxruntime was taken for its speed: with the same vectors (cosine 1.0000) 1.65 times the passages a
second of the engine in numpy that stood here (eval/results/encoder_runtime.json).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kepudraft.errors import MissingExtra, SettingsError
from kepudraft.retrieval.encode import EncoderId, FloatArray, Side, unit_rows
from kepudraft.retrieval.weights import BLOCK, weights_of, widen

MODEL_FOLDER = Path(__file__).parent / "e5zh"
WEIGHTS, TOKENIZER, CONFIG, GRAPH = "model.q4.safetensors", "tokenizer.json", "config.json", "graph.onnx"

_BATCH_TOKENS = 1024
"""Tokens in one run, padding included; more overflow the processor's caches."""
_MAX_THREADS = 4
"""Matrices of this size gain little from more, and other processes want some."""
_ONLY_FATAL = 4
"""Of the runtime's messages: what it says of a machine's devices is nothing to a clerk; errors are raised."""


class BundledEncoder:
    """The encoder that ships with the package.

    Args:
        folder: Where its files are.

    Raises:
        MissingExtra: onnxruntime is not installed.
        SettingsError: A file is missing or damaged.
    """

    def __init__(self, folder: Path = MODEL_FOLDER) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            tensors = load_file(folder / WEIGHTS)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._hidden: int = config["hidden"]
            self._word_scales = tensors["emb.word.d"].reshape(-1, self._hidden // BLOCK)
            self._word_nibbles = tensors["emb.word.q"].reshape(-1, self._hidden // BLOCK, BLOCK // 2)
            self._weights = weights_of(tensors, config)  # kept: the runtime does not copy them
            graph = (folder / GRAPH).read_bytes()
            if hashlib.sha256(graph).hexdigest() != config["graph_sha256"]:
                raise ValueError(GRAPH)
            self._session = _opened(graph, self._weights)
        except MissingExtra:
            raise
        except Exception as error:  # tokenizers and onnxruntime raise nothing narrower
            raise SettingsError("自带的编码模型不完整", place=str(folder), remedy="请重新安装 kepudraft") from error
        self._tokenizer.enable_truncation(config["max_tokens"])
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
        for batch in _batches([len(ids) for ids in tokens]):
            rows[batch] = self._means([tokens[index] for index in batch])
        return unit_rows(rows)

    def _means(self, tokens: Sequence[Sequence[int]]) -> FloatArray:
        """Return the mean of each text's token vectors, shape (texts, hidden)."""
        shape = (len(tokens), max(len(ids) for ids in tokens))
        words, mask = np.zeros((*shape, self._hidden), np.float32), np.zeros(shape, np.float32)
        for row, ids in enumerate(tokens):
            words[row, : len(ids)], mask[row, : len(ids)] = self._words(np.asarray(ids)), 1
        return np.asarray(self._session.run(None, {"words": words, "mask": mask})[0], np.float32)

    def _words(self, ids: NDArray[np.int_]) -> FloatArray:
        scales, nibbles = self._word_scales[ids].reshape(-1), self._word_nibbles[ids].reshape(-1, BLOCK // 2)
        return widen(scales, nibbles).reshape(len(ids), self._hidden)


def _opened(graph: bytes, weights: dict[str, NDArray[Any]]) -> Any:  # noqa: ANN401 - onnxruntime has no types
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise MissingExtra("没有安装 onnxruntime", place="自带的编码模型", remedy="请安装：pip install onnxruntime") from error
    ort.set_default_logger_severity(_ONLY_FATAL)
    ort.disable_telemetry_events()  # nothing leaves the machine
    options = ort.SessionOptions()
    options.intra_op_num_threads = min(_MAX_THREADS, _processors())
    options.inter_op_num_threads = 1
    # Threads that wait in a loop take the time of those they wait for on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ONLY_FATAL
    options.add_external_initializers(list(weights), [ort.OrtValue.ortvalue_from_numpy(one) for one in weights.values()])
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Windows and macOS
        return os.cpu_count() or 1


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group texts by length, so that little is padded, each group small enough for a run to fit the caches."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if not batches or (len(batches[-1]) + 1) * lengths[index] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(index)
    return batches
