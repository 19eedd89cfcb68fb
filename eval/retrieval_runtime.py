"""Which runtime the bundled encoder should have: `python -m eval encoder_runtime`, where onnx and onnxruntime are installed.

They are no dependencies of the project; a virtual environment with them, numpy, tokenizers and safetensors is enough.
The same 4-bit weights are written as ONNX (MatMulNBits in blocks of 32; the vocabulary as 8-bit integers with the
same scales, so that nothing is lost) and run beside the numpy engine, by turns in one process. ONNX would be taken if
its file has at most 25 MB, its vectors the same direction (cosine .999), its speed at least the numpy engine's and its
cold start at most 0.8 s; the numpy engine, which needs no further dependency, stays otherwise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eval.record import RESULTS, save_results
from kepudraft.retrieval.bundled import MODEL_FOLDER, WEIGHTS, BundledEncoder
from kepudraft.retrieval.encode import FloatArray, Side, unit_rows

PASSAGES = Path(__file__).parents[1] / "corpus" / "index" / "passages.jsonl"
LARGEST_MB, LEAST_COSINE, COLD_S = 25.0, 0.999, 0.8
COUNT, CHARACTERS, ROUNDS, COLD_RUNS = 48, 135, 5, 3
BLOCK = 32
ACCURACY = {"onnx q4, float32 sums": 1, "onnx q4, int8 sums": 4}
"""`accuracy_level` of MatMulNBits."""
PACKAGES = ("numpy", "onnx", "onnxruntime", "tokenizers", "safetensors")
COLD_NUMPY = "from kepudraft.retrieval.bundled import BundledEncoder as E; from kepudraft.retrieval.encode import Side;" \
             "E().encode(['科普大篷车进校园'], side=Side.QUERY)"
COLD_ONNX = "import sys; from pathlib import Path; from eval.retrieval_runtime import OnnxEncoder as E;" \
            "from kepudraft.retrieval.encode import Side; E(Path(sys.argv[1])).encode(['科普大篷车进校园'], side=Side.QUERY)"


def main(argv: Sequence[str]) -> int:
    """Measure both runtimes, print and keep the results; 0 whichever wins."""
    parser = argparse.ArgumentParser(prog="python -m eval encoder_runtime", description="Compare runtimes.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    with TemporaryDirectory() as temporary:
        paths = {name: Path(temporary) / f"{level}.onnx" for name, level in ACCURACY.items()}
        for name, path in paths.items():
            write_onnx(path, accuracy=ACCURACY[name])
        content = compared(paths)
    print(save_results("encoder_runtime", content, packages=PACKAGES, day=arguments.date, folder=arguments.results))
    return 0


def compared(paths: dict[str, Path]) -> dict[str, Any]:
    """Return what was measured of each runtime, and which one is kept."""
    texts = passages()
    numpy_engine = BundledEncoder()
    engines: dict[str, Any] = {"numpy": numpy_engine, **{name: OnnxEncoder(path) for name, path in paths.items()}}
    rows = {name: engine.encode(texts, side=Side.PASSAGE) for name, engine in engines.items()}
    speeds = per_second({name: _encoding(engine, texts) for name, engine in engines.items()}, len(texts))
    found: dict[str, Any] = {}
    for name, engine in engines.items():
        cosines = (rows[name] * rows["numpy"]).sum(1)
        found[name] = {
            "file_mb": round((paths[name] if name in paths else MODEL_FOLDER / WEIGHTS).stat().st_size / 1e6, 1),
            "passages_per_s": round(speeds[name], 1),
            "query_ms": round(_query_ms(engine), 1),
            "cold_s": round(_cold_s(paths.get(name)), 3),
            "cosine_mean": round(float(cosines.mean()), 5),
            "cosine_min": round(float(cosines.min()), 5),
        }
        found[name]["speed_ratio"] = round(speeds[name] / speeds["numpy"], 2)
        print(name, found[name])
    winners = [name for name in paths if _wins(found[name])]
    return {"passages": len(texts), "runtimes": found, "meet_every_bar": winners}


def _wins(one: dict[str, Any]) -> bool:
    fits = one["file_mb"] <= LARGEST_MB and one["cold_s"] <= COLD_S
    return bool(fits and one["cosine_mean"] >= LEAST_COSINE and one["speed_ratio"] >= 1)


def passages() -> list[str]:
    """Return texts of about 100 tokens."""
    lines = PASSAGES.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return [text[:CHARACTERS] for text in texts if len(text) >= CHARACTERS][:COUNT]


def per_second(runs: dict[str, Callable[[], object]], count: int) -> dict[str, float]:
    """Return texts a second by the median of rounds; the runs take turns, so that a busy machine slows all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: count / median(taken) for name, taken in seconds.items()}


class OnnxEncoder:
    """The bundled encoder's tokens, run by onnxruntime.

    Args:
        path: What `write_onnx` wrote.
    """

    def __init__(self, path: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        config = json.loads((MODEL_FOLDER / "config.json").read_text(encoding="utf-8"))
        self._prefixes = {Side.QUERY: config["query_prefix"], Side.PASSAGE: config["passage_prefix"]}
        self._tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
        self._tokenizer.enable_truncation(config["max_tokens"])
        self._session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str], *, side: Side, batch: int = 8) -> FloatArray:
        """Return one unit row a text, shape (texts, dim); texts of like length are run together."""
        tokens = [one.ids for one in self._tokenizer.encode_batch([self._prefixes[side] + text for text in texts])]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        rows: dict[int, FloatArray] = {}
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            width = max(len(tokens[index]) for index in some)
            ids, mask = np.zeros((len(some), width), np.int64), np.zeros((len(some), width), np.float32)
            for row, index in enumerate(some):
                ids[row, : len(tokens[index])], mask[row, : len(tokens[index])] = tokens[index], 1
            rows.update(zip(some, self._session.run(None, {"ids": ids, "mask": mask})[0], strict=True))
        return unit_rows(np.stack([rows[index] for index in range(len(tokens))]))


def write_onnx(path: Path, *, accuracy: int) -> None:
    """Write the bundled weights as an ONNX model: token ids and mask in, the mean of the token vectors out."""
    import onnx
    from safetensors.numpy import load_file

    config = json.loads((MODEL_FOLDER / "config.json").read_text(encoding="utf-8"))
    graph = _Graph(load_file(MODEL_FOLDER / WEIGHTS), config, accuracy)
    onnx.save(graph.model(), str(path))


@dataclass
class _Graph:
    """Builds the graph node by node; every method returns the name of its result."""

    tensors: dict[str, Any]
    config: dict[str, Any]
    accuracy: int
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def model(self) -> Any:  # noqa: ANN401 - onnx is not installed where types are checked
        from onnx import TensorProto, helper

        x = self._embedded()
        bias = self._node("Mul", self._node("Sub", self._unsqueezed("mask", 1, 2), self._value(1.0)), self._value(1e4))
        for number in range(self.config["layers"]):
            x = self._layer(f"l{number}", x, bias)
        weights = self._unsqueezed("mask", 2)
        summed = self._node("ReduceSum", self._node("Mul", x, weights), self._ints(1), keepdims=0)
        count = self._node("ReduceSum", weights, self._ints(1), keepdims=0)
        self.nodes.append(helper.make_node("Div", [summed, count], ["mean"]))
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", "tokens"]),
        ]
        output = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["texts", self.config["hidden"]])
        graph = helper.make_graph(self.nodes, "e5zh", inputs, [output], initializer=self.constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _embedded(self) -> str:
        hidden = self.config["hidden"]
        scales = self.tensors["emb.word.d"].reshape(-1, hidden // BLOCK, 1)
        nibbles = self.tensors["emb.word.q"].reshape(-1, hidden // BLOCK, BLOCK // 2)
        integers = (np.concatenate([nibbles & 15, nibbles >> 4], 2).astype(np.int16) - 8).astype(np.int8)
        words = self._node("Cast", self._node("Gather", self._array(integers), "ids", axis=0), to=1)
        scale = self._node("Cast", self._node("Gather", self._array(scales), "ids", axis=0), to=1)
        flat = self._node("Reshape", self._node("Mul", words, scale), self._ints(0, 0, hidden))
        positions = self.tensors["emb.pos"].astype(np.float32).reshape(-1, hidden)
        positions = positions + self.tensors["emb.type"].reshape(-1, hidden)[0]
        width = self._node("Slice", self._node("Shape", "ids"), self._ints(1), self._ints(2))
        placed = self._node("Slice", self._array(positions), self._ints(0), width, self._ints(0))
        return self._norm("emb.ln", self._node("Add", flat, placed))

    def _layer(self, prefix: str, x: str, bias: str) -> str:
        attended = self._product(f"{prefix}.ao", self._attended(prefix, x, bias))
        x = self._norm(f"{prefix}.aln", self._node("Add", x, attended))
        wide = self._node("Gelu", self._product(f"{prefix}.fi", x))
        return self._norm(f"{prefix}.oln", self._node("Add", x, self._product(f"{prefix}.fo", wide)))

    def _attended(self, prefix: str, x: str, bias: str) -> str:
        hidden, heads = self.config["hidden"], self.config["heads"]
        shape = self._ints(0, 0, heads, hidden // heads)
        parts = [self._node("Reshape", self._product(f"{prefix}.{part}", x), shape) for part in "qkv"]
        query, value = (self._node("Transpose", parts[place], perm=[0, 2, 1, 3]) for place in (0, 2))
        key = self._node("Transpose", parts[1], perm=[0, 2, 3, 1])
        scores = self._node("Mul", self._node("MatMul", query, key), self._value((hidden // heads) ** -0.5))
        weights = self._node("Softmax", self._node("Add", scores, bias), axis=-1)
        mixed = self._node("Transpose", self._node("MatMul", weights, value), perm=[0, 2, 1, 3])
        return self._node("Reshape", mixed, self._ints(0, 0, hidden))

    def _product(self, name: str, x: str) -> str:
        """Multiply by a 4-bit matrix and add its bias."""
        bias = self.tensors[f"{name}.b"]
        scales = self.tensors[f"{name}.w.d"].astype(np.float32).reshape(-1)
        width = scales.size * BLOCK // bias.size
        nibbles = self.tensors[f"{name}.w.q"].reshape(-1, BLOCK // 2)
        # From "low halves first, then high halves" to "neighbours share a byte".
        values = np.concatenate([nibbles & 15, nibbles >> 4], 1)
        packed = (values[:, 0::2] | (values[:, 1::2] << 4)).astype(np.uint8)
        matrix = self._array(packed.reshape(bias.size, width // BLOCK, BLOCK // 2))
        product = self._node(
            "MatMulNBits", x, matrix, self._array(scales), domain="com.microsoft",
            K=width, N=bias.size, bits=4, block_size=BLOCK, accuracy_level=self.accuracy,
        )  # fmt: skip
        return self._node("Add", product, self._array(bias.astype(np.float32)))

    def _norm(self, name: str, x: str) -> str:
        scale, shift = (self._array(self.tensors[f"{name}.{part}"].astype(np.float32)) for part in "wb")
        return self._node("LayerNormalization", x, scale, shift, axis=-1, epsilon=self.config["epsilon"])

    def _unsqueezed(self, x: str, *axes: int) -> str:
        return self._node("Unsqueeze", x, self._ints(*axes))

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        from onnx import helper

        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def _array(self, array: Any) -> str:  # noqa: ANN401
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _ints(self, *values: int) -> str:
        return self._array(np.array(values, np.int64))

    def _value(self, value: float) -> str:
        return self._array(np.array(value, np.float32))


def _encoding(engine: Any, texts: Sequence[str]) -> Callable[[], object]:  # noqa: ANN401
    return lambda: engine.encode(texts, side=Side.PASSAGE)


def _query_ms(engine: Any) -> float:  # noqa: ANN401
    taken = []
    for number in range(20):
        start = time.perf_counter()
        engine.encode([f"举办科普讲座{number}场，参加居民{number}00人次"], side=Side.QUERY)
        taken.append(time.perf_counter() - start)
    return median(taken) * 1000


def _cold_s(path: Path | None) -> float:
    """Return wall seconds of a process that opens the encoder and encodes one query."""
    code = COLD_NUMPY if path is None else COLD_ONNX
    taken = []
    for _ in range(COLD_RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[1])
        taken.append(time.perf_counter() - start)
    return median(taken)
