from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from eval.build_encoder import export_sentence_transformers, files_sha256, kept_ids, read_source
from kepudraft.errors import MissingExtra, SettingsError
from kepudraft.retrieval import open_encoder
from kepudraft.retrieval.bundled import CONFIG, GRAPH, MODEL_FOLDER, TOKENIZER, WEIGHTS, BundledEncoder
from kepudraft.retrieval.encode import HashingEncoder, Side, unit_rows
from kepudraft.retrieval.weights import PRODUCTS, weights_of, widen

GOLDEN = Path(__file__).with_name("golden_vectors.json")
TEXTS = (
    "全年接待观众38.6万人次，其中未成年人21.2万人次。",
    "展品老化，更新资金不足。",
    "明年计划更新科普画廊20块，培训科普志愿者300名，举办社区健康讲座12场。",
)


@pytest.fixture(scope="module")
def bundled() -> BundledEncoder:
    return BundledEncoder()


def test_golden_vectors(bundled):
    for entry in json.loads(GOLDEN.read_text(encoding="utf-8")):
        (row,) = bundled.encode([entry["text"]], side=Side(entry["side"]))
        np.testing.assert_allclose(row[:8], entry["first"], atol=2e-4)


def test_rows_are_unit_float32_in_the_order_of_the_texts(bundled):
    texts = [TEXTS[2] * 9, "", TEXTS[0], "。", TEXTS[1] * 40]
    together = bundled.encode(texts, side=Side.PASSAGE)
    assert together.shape == (5, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.vstack([bundled.encode([text], side=Side.PASSAGE) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_no_texts_give_no_rows(bundled):
    assert bundled.encode([], side=Side.QUERY).shape == (0, 384)


def test_the_side_matters(bundled):
    query, passage = (bundled.encode(TEXTS[:1], side=side)[0] for side in Side)
    assert not np.allclose(query, passage)


def test_meaning_ranks_above_letters(bundled):
    query = bundled.encode(["经费短缺，设备陈旧"], side=Side.QUERY)[0]
    scores = bundled.encode(TEXTS, side=Side.PASSAGE) @ query
    assert int(np.argmax(scores)) == 1


def test_the_files_are_those_named_in_the_config(bundled):
    assert bundled.id.sha256 == files_sha256(MODEL_FOLDER)
    assert (MODEL_FOLDER / "NOTICE").is_file()
    assert sum(path.stat().st_size for path in MODEL_FOLDER.iterdir()) <= 18_000_000


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, TOKENIZER, GRAPH])
@pytest.mark.parametrize("content", [None, b"", b'{"a": 1', b"\x00" * 64])
def test_a_missing_or_damaged_file_is_told(tmp_path, name, content):
    shutil.copytree(MODEL_FOLDER, tmp_path / "model")
    path = tmp_path / "model" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="编码模型不完整"):
        BundledEncoder(tmp_path / "model")


def test_four_bit_blocks_are_widened_low_halves_first():
    scales = np.array([0.5], np.float16)
    nibbles = np.arange(16, dtype=np.uint8)[None] | np.uint8(0xF0)
    (row,) = widen(scales, nibbles)
    np.testing.assert_array_equal(row[:16], (np.arange(16) - 8) * 0.5)
    np.testing.assert_array_equal(row[16:], 3.5)


def test_the_runtimes_matrices_hold_the_files_weights(bundled):
    tensors = load_file(MODEL_FOLDER / WEIGHTS)
    weights = weights_of(tensors, {"hidden": 384, "layers": 2})
    for name in (f"l{layer}.{product}" for layer in range(2) for product in PRODUCTS):
        packed, scales = weights[f"{name}.w"], weights[f"{name}.s"]
        values = np.stack([packed & 15, packed >> 4], -1).reshape(-1, 32).astype(np.float32) - 8
        np.testing.assert_array_equal(values * scales[:, None], widen(tensors[f"{name}.w.d"], tensors[f"{name}.w.q"]))


def test_a_missing_runtime_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtra, match="pip install onnxruntime"):
        BundledEncoder()


def test_kept_pieces_are_those_of_chinese_texts():
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    kept = ["▁科普", "科學", "▁the", "a", "，", "2018年", "▁que"]
    pieces = [*marks, *kept, "привет", "ก", "𠀀", "ção"]
    assert [pieces[index] for index in kept_ids(pieces)] == marks + kept


def test_a_foreign_weight_file_is_refused():
    with pytest.raises(ValueError, match="E5S1"):
        read_source(b"GGUF" + bytes(100))


def test_hashing_is_repeatable_and_ranks_shared_letters_first():
    encoder = HashingEncoder(dim=256)
    rows = encoder.encode(["科普讲座十二场", "展品老化"], side=Side.PASSAGE)
    query = encoder.encode(["社区科普讲座"], side=Side.QUERY)[0]
    assert rows.shape == (2, 256)
    assert rows[0] @ query > rows[1] @ query
    np.testing.assert_array_equal(rows, HashingEncoder(dim=256).encode(["科普讲座十二场", "展品老化"], side=Side.QUERY))


def test_unit_rows_leave_zero_alone():
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]])
    assert rows.dtype == np.float32


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtra, match="pip install sentence-transformers"):
        open_encoder("any/model")


def test_the_bundled_model_is_the_same_through_sentence_transformers(tmp_path, bundled):
    """In a process of its own: the library takes seconds and half a gigabyte, and warns as it likes."""
    pytest.importorskip("torch", reason="torch is not installed")
    export_sentence_transformers(MODEL_FOLDER, tmp_path / "st")
    code = (
        "import json, sys; from kepudraft.retrieval import open_encoder; from kepudraft.retrieval.encode import Side;"
        "e = open_encoder(sys.argv[1]); i = e.id; texts = json.loads(sys.argv[2]);"
        "rows = [e.encode(texts, side=side).tolist() for side in Side];"
        "from kepudraft.retrieval.torch_bundled import as_sentence_transformer;"
        "m = as_sentence_transformer();"
        "same = [m.encode_query(texts).tolist(), m.encode(texts, prompt_name='passage').tolist()];"
        "print(json.dumps([i.sha256, i.dim, i.query_prefix, i.passage_prefix, rows, same]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "st"), json.dumps(TEXTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sha256, dim, query_prefix, passage_prefix, rows, same = json.loads(done.stdout.splitlines()[-1])
    assert (len(sha256), dim, query_prefix, passage_prefix) == (64, 384, "query: ", "passage: ")
    for side, theirs, exactly in zip(Side, rows, same, strict=True):
        ours = bundled.encode(TEXTS, side=side)
        assert (ours * np.array(theirs, np.float32)).sum(1).min() > 0.999
        np.testing.assert_allclose(ours, exactly, atol=1e-4)
