from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kepudraft.corpus import corpus_digest, excerpts, read_corpus
from kepudraft.errors import IndexMissing, IndexStale
from kepudraft.retrieval.bundled import BundledEncoder
from kepudraft.retrieval.encode import Side
from kepudraft.retrieval.index import ExemplarIndex, Fingerprint, encoded_text
from kepudraft.retrieval.library import SHIPPED
from kepudraft.retrieval.store import MANIFEST, PASSAGES, VECTORS
from kepudraft.retrieval.vectors import Kind, Sizes

SHIPPED_CORPUS = Path(__file__).resolve().parents[2] / "corpus"
FILES = (MANIFEST, VECTORS, PASSAGES)


@pytest.fixture
def index(corpus, encoder) -> ExemplarIndex:
    return ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus=corpus_digest(corpus))


@pytest.fixture
def saved(index, tmp_path) -> Path:
    index.save(tmp_path / "saved")
    return tmp_path / "saved"


def test_what_is_saved_is_loaded(index, saved):
    loaded = ExemplarIndex.load(saved, index.fingerprint)
    assert loaded.passages == index.passages
    assert loaded.fingerprint == index.fingerprint
    np.testing.assert_array_equal(loaded.vectors(), index.vectors())
    assert sorted(path.name for path in saved.iterdir()) == sorted(FILES)
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith(".")] == []


def test_search_is_exact_inside_the_allowed_rows(index, encoder):
    query = encoder.encode(["健康讲座"], side=Side.QUERY)[0]
    scores = index.vectors() @ query
    among = np.isin(np.arange(len(index)), [0, 2, 4, 6, 7])
    expected = sorted(np.flatnonzero(among), key=lambda row: (-scores[row], row))
    assert index.search(query, 3, among).rows.tolist() == expected[:3]
    assert index.search(query, 99, among).rows.tolist() == expected
    assert index.search(query, 3, ~among & among).rows.tolist() == []


def test_equal_scores_keep_the_order_of_rows(corpus, encoder):
    (passage, *_) = excerpts(read_corpus(corpus))
    twins = [replace(passage, id=f"x#{number}") for number in range(20)]
    index = ExemplarIndex.build(twins, encoder, corpus="")
    query = encoder.encode([encoded_text(passage)], side=Side.QUERY)[0]
    assert index.search(query, 20).rows.tolist() == list(range(20))


def test_building_tells_its_progress(corpus, encoder):
    told: list[tuple[int, int]] = []
    (passage, *_) = excerpts(read_corpus(corpus))
    ExemplarIndex.build([passage] * 130, encoder, corpus="", progress=lambda done, of: told.append((done, of)))
    assert told == [(64, 130), (128, 130), (130, 130)]


def test_nothing_there_is_missing(tmp_path, index):
    with pytest.raises(IndexMissing):
        ExemplarIndex.load(tmp_path / "nowhere", index.fingerprint)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "remove", "replace"])
def test_a_damaged_index_is_never_read(index, saved, name, damage):
    path = saved / name
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        middle = len(content) // 2
        path.write_bytes(
            {
                "truncate": content[: middle - 1],
                "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
                "empty": b"",
                "replace": b"[1, 2, 3]\n",
            }[damage]
        )
    with pytest.raises((IndexStale, IndexMissing)):
        ExemplarIndex.load(saved, index.fingerprint)


def test_files_with_right_hashes_but_wrong_contents_are_refused(index, saved):
    """As another program, or a later version with the same format number, might write them."""
    import hashlib

    for name, content in ((PASSAGES, b'{"id": "x"}\n'), (PASSAGES, b""), (VECTORS, b"not faiss at all")):
        index.save(saved)
        (saved / name).write_bytes(content)
        manifest = json.loads((saved / MANIFEST).read_text(encoding="utf-8"))
        manifest["sha256"][name] = hashlib.sha256(content).hexdigest()
        (saved / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        with pytest.raises(IndexStale):
            ExemplarIndex.load(saved, index.fingerprint)


def test_the_reason_for_staleness_is_told(index, saved):
    made = index.fingerprint
    for wanted, reason in (
        (replace(made, corpus="0" * 64), "范文有改动"),
        (replace(made, encoder=replace(made.encoder, sha256="0" * 64)), "另一个编码模型"),
        (replace(made, encoder=replace(made.encoder, query_prefix="query: ")), "另一个编码模型"),
        (replace(made, format=0), "改动|其他版本"),
    ):
        with pytest.raises(IndexStale, match=reason):
            ExemplarIndex.load(saved, wanted)


def test_fingerprints_differ_in_every_part(index):
    made = index.fingerprint
    others = [
        made,
        replace(made, corpus="x"),
        replace(made, format=0),
        *(replace(made, encoder=replace(made.encoder, **{part: "x"})) for part in ("name", "sha256", "passage_prefix")),
    ]
    assert len({other.digest for other in others}) == len(others)


def test_an_older_index_in_the_same_folder_is_replaced(corpus, index, saved, encoder):
    other = ExemplarIndex.build(index.passages[:2], encoder, corpus="other")
    other.save(saved)
    assert len(ExemplarIndex.load(saved, other.fingerprint)) == 2
    with pytest.raises(IndexStale):
        ExemplarIndex.load(saved, index.fingerprint)


def test_the_index_that_ships_is_fresh():
    """If this fails: python -m eval build_index."""
    encoder = BundledEncoder()
    expected = Fingerprint(encoder.id, corpus_digest(SHIPPED_CORPUS))
    index = ExemplarIndex.load(SHIPPED_CORPUS / SHIPPED, expected)
    assert index.passages == excerpts(read_corpus(SHIPPED_CORPUS))
    texts = [encoded_text(passage) for passage in index.passages[:3]]
    rows = encoder.encode(texts, side=Side.PASSAGE)
    assert (rows * index.vectors()[:3]).sum(1).min() > 0.999


APPROXIMATE = {Kind.SQ8: Sizes(flat=5), Kind.HNSW: Sizes(2, 5, memory=1 << 40), Kind.IVF: Sizes(2, 5, memory=0)}


@pytest.mark.parametrize("kind", APPROXIMATE)
def test_a_large_index_grows_and_shrinks_without_being_built_anew(corpus, encoder, kind, tmp_path):
    sizes = APPROXIMATE[kind]
    passages = [
        replace(passage, id=f"{passage.exemplar_id}#{number}", text=f"{passage.text}{number * 7919}号")
        for number, passage in enumerate(excerpts(read_corpus(corpus)) * 40)
    ]
    index = ExemplarIndex.build(passages[:300], encoder, corpus="1", sizes=sizes)
    assert index.kind is kind
    changed = passages[20:310]
    updated = index.updated(changed, encoder, corpus="2", sizes=sizes)
    updated.save(tmp_path / "saved")
    loaded = ExemplarIndex.load(tmp_path / "saved", updated.fingerprint)
    assert loaded.kind is kind
    assert loaded.passages == tuple(changed)
    wanted = encoder.encode([encoded_text(passage) for passage in changed], side=Side.PASSAGE)
    assert (loaded.vectors() * wanted).sum(1).min() > 0.95
    for number in (0, 100, 289):
        assert loaded.search(wanted[number], 1).rows.tolist() == [number]
    gone = encoder.encode([encoded_text(passages[0])], side=Side.PASSAGE)[0]
    assert loaded.search(gone, 290).rows.max() < 290
    assert len(index) == 300
    assert index.search(gone, 1).rows.tolist() == [0]


def test_what_is_worn_is_built_anew(corpus, encoder):
    passages = [
        replace(passage, text=f"{passage.text}{number}") for number, passage in enumerate(excerpts(read_corpus(corpus)) * 20)
    ]
    index = ExemplarIndex.build(passages, encoder, corpus="1", sizes=APPROXIMATE[Kind.SQ8])
    assert len(index._vectors) == len(passages)
    some = index.updated(passages[10:], encoder, corpus="2", sizes=APPROXIMATE[Kind.SQ8])
    assert len(some._vectors) == len(passages)
    few = index.updated(passages[90:], encoder, corpus="2", sizes=APPROXIMATE[Kind.SQ8])
    assert len(few._vectors) == len(few) == len(passages) - 90


def test_updating_encodes_only_what_is_new(corpus, encoder):
    asked: list[str] = []

    class Counting:
        id = encoder.id

        def encode(self, texts, *, side):
            asked.extend(texts)
            return encoder.encode(texts, side=side)

    passages = excerpts(read_corpus(corpus))
    index = ExemplarIndex.build(passages[2:], encoder, corpus="1")
    fresh = replace(passages[0], text="新增的一段")
    updated = index.updated([fresh, *passages[1:5], passages[7]], Counting(), corpus="2")
    assert asked == [encoded_text(fresh), encoded_text(passages[1])]
    built = ExemplarIndex.build([fresh, *passages[1:5], passages[7]], encoder, corpus="2")
    np.testing.assert_array_equal(updated.vectors(), built.vectors())
    assert updated.fingerprint == built.fingerprint
