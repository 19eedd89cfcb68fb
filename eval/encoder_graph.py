"""The encoder's graph as ONNX, without its weights: a BERT of 12 layers with mean pooling.

Written once into the encoder's folder by `python -m eval build_encoder --graph`, which needs the package onnx. Its weights
are named and given to onnxruntime from the 4-bit file when it is opened (`kepudraft.retrieval.weights`), so that they are
stored once, as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kepudraft.retrieval.weights import BLOCK, PRODUCTS, weights_of

_EXACT = 1
"""`accuracy_level` of MatMulNBits: float32 sums, so that vectors are those of the weights."""
_OPSET, _IR = 20, 10
_BARRED = 1e4
"""Taken from what a token would give to padding."""


def write_graph(tensors: Mapping[str, Any], config: Mapping[str, Any], path: Path) -> None:
    """Write the graph: word vectors and mask of texts in, the mean of each text's token vectors out.

    Args:
        tensors: Of the 4-bit file.
        config: The encoder's.
        path: Where to.
    """
    model = _Graph(weights_of(tensors, config), config).model()
    path.write_bytes(model.SerializeToString(deterministic=True))


@dataclass
class _Graph:
    """Builds the graph node by node; every method returns the name of its result."""

    weights: Mapping[str, Any]
    config: Mapping[str, Any]
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def model(self) -> Any:  # noqa: ANN401 - onnx is not installed where types are checked
        from onnx import TensorProto, helper

        hidden = self.config["hidden"]
        self.constants += [_placeholder(name, array) for name, array in self.weights.items()]
        width = self._node("Slice", self._node("Shape", "words"), self._ints(1), self._ints(2))
        placed = self._node("Slice", "positions", self._ints(0), width, self._ints(0))
        x = self._norm("emb.ln", self._node("Add", "words", placed))
        bias = self._node("Mul", self._node("Sub", self._unsqueezed("mask", 1, 2), self._value(1.0)), self._value(_BARRED))
        for number in range(self.config["layers"]):
            x = self._layer(f"l{number}", x, bias)
        shares = self._unsqueezed("mask", 2)
        summed = self._node("ReduceSum", self._node("Mul", x, shares), self._ints(1), keepdims=0)
        count = self._node("ReduceSum", shares, self._ints(1), keepdims=0)
        self.nodes.append(helper.make_node("Div", [summed, count], ["mean"]))
        inputs = [
            helper.make_tensor_value_info("words", TensorProto.FLOAT, ["texts", "tokens", hidden]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", "tokens"]),
        ]
        output = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["texts", hidden])
        graph = helper.make_graph(self.nodes, "e5zh", inputs, [output], initializer=self.constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR, producer_name="kepudraft")

    def _layer(self, prefix: str, x: str, bias: str) -> str:
        x = self._norm(f"{prefix}.aln", self._node("Add", x, self._product(f"{prefix}.ao", self._attended(prefix, x, bias))))
        wide = self._node("Gelu", self._product(f"{prefix}.fi", x))
        return self._norm(f"{prefix}.oln", self._node("Add", x, self._product(f"{prefix}.fo", wide)))

    def _attended(self, prefix: str, x: str, bias: str) -> str:
        hidden, heads = self.config["hidden"], self.config["heads"]
        shape = self._ints(0, 0, heads, hidden // heads)
        parts = [self._node("Reshape", self._product(f"{prefix}.{part}", x), shape) for part in "qkv"]
        query, value = (self._node("Transpose", parts[place], perm=[0, 2, 1, 3]) for place in (0, 2))
        key = self._node("Transpose", parts[1], perm=[0, 2, 3, 1])
        scores = self._node("Mul", self._node("MatMul", query, key), self._value((hidden // heads) ** -0.5))
        shares = self._node("Softmax", self._node("Add", scores, bias), axis=-1)
        mixed = self._node("Transpose", self._node("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._node("Reshape", mixed, self._ints(0, 0, hidden))

    def _product(self, name: str, x: str) -> str:
        """Multiply by a 4-bit matrix and add its bias."""
        assert name.partition(".")[2] in PRODUCTS
        count = self.weights[f"{name}.b"].size
        width = self.weights[f"{name}.w"].size * 2 // count
        product = self._node(
            "MatMulNBits", x, f"{name}.w", f"{name}.s", domain="com.microsoft", K=width, N=count, bits=4, block_size=BLOCK,
            accuracy_level=_EXACT,
        )  # fmt: skip
        return self._node("Add", product, f"{name}.b")

    def _norm(self, name: str, x: str) -> str:
        return self._node("LayerNormalization", x, f"{name}.w", f"{name}.b", axis=-1, epsilon=self.config["epsilon"])

    def _unsqueezed(self, x: str, *axes: int) -> str:
        return self._node("Unsqueeze", x, self._ints(*axes))

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        from onnx import helper

        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def _constant(self, array: Any) -> str:  # noqa: ANN401
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _ints(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))

    def _value(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))


def _placeholder(name: str, array: Any) -> Any:  # noqa: ANN401
    """Name a weight that is given when the graph is opened."""
    from onnx import TensorProto, helper

    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor = TensorProto(name=name, data_type=kind, dims=array.shape, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="given")
    tensor.external_data.add(key="offset", value="0")
    tensor.external_data.add(key="length", value=str(array.nbytes))
    return tensor
