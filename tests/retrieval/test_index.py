from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kepudraft.corpus import corpus_digest, excerpts, read_corpus
from kepudraft.errors import CorpusError, IndexMissing, IndexStale
from kepudraft.retrieval.bundled import BundledEncoder
from kepudraft.retrieval.encode import HashingEncoder, Side
from kepudraft.retrieval.index import (
    MANIFEST,
    PASSAGES,
    SHIPPED,
    VECTORS,
    ExemplarIndex,
    Fingerprint,
    encoded_text,
    open_index,
)

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
    among = [0, 2, 4, 6, 7]
    expected = sorted(among, key=lambda row: (-scores[row], row))
    assert index.search(query, among, 3) == expected[:3]
    assert index.search(query, among, 99) == expected
    assert index.search(query, [], 3) == []


def test_equal_scores_keep_the_order_of_rows(corpus, encoder):
    (passage, *_) = excerpts(read_corpus(corpus))
    twins = [replace(passage, id=f"x#{number}") for number in range(20)]
    index = ExemplarIndex.build(twins, encoder, corpus="")
    query = encoder.encode([encoded_text(passage)], side=Side.QUERY)[0]
    assert index.search(query, range(20), 20) == list(range(20))


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


def test_open_builds_once_then_reads_the_cache(corpus, encoder, tmp_path):
    told: list[str] = []
    first = open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append)
    second = open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append)
    assert told == ["正在建立范文索引"]
    assert second.passages == first.passages


def test_a_changed_corpus_is_rebuilt_and_the_old_index_left_to_its_readers(corpus, encoder, tmp_path):
    cache = tmp_path / "cache"
    old = open_index(corpus, encoder, folder=cache)
    path = corpus / "exemplars" / "shequ-b.md"
    path.write_text(path.read_text(encoding="utf-8").replace("500册", "501册"), encoding="utf-8")
    new = open_index(corpus, encoder, folder=cache)
    assert "501册" in new.passages[-2].text
    assert ExemplarIndex.load(cache / old.fingerprint.digest, old.fingerprint).passages == old.passages


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_cache_is_told_and_mended(corpus, encoder, tmp_path, name):
    cache, told = tmp_path / "cache", []
    index = open_index(corpus, encoder, folder=cache)
    place = cache / index.fingerprint.digest
    (place / name).write_bytes(b"{")
    assert open_index(corpus, encoder, folder=cache, notify=told.append).passages == index.passages
    assert "损坏" in told[0]
    assert ExemplarIndex.load(place, index.fingerprint).passages == index.passages


def test_the_shipped_index_is_preferred(corpus, encoder, tmp_path, index):
    index.save(corpus / SHIPPED)
    told: list[str] = []
    open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append)
    assert told == []
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_told_not_fatal(corpus, encoder, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    told: list[str] = []
    assert len(open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append)) > 0
    assert "未能保存" in told[-1]


def test_an_empty_corpus_is_told(tmp_path, encoder):
    with pytest.raises(CorpusError):
        open_index(tmp_path, encoder, folder=tmp_path / "cache")


def test_an_older_index_in_the_same_folder_is_replaced(corpus, index, saved, encoder):
    other = ExemplarIndex.build(index.passages[:2], encoder, corpus="other")
    other.save(saved)
    assert len(ExemplarIndex.load(saved, other.fingerprint)) == 2
    with pytest.raises(IndexStale):
        ExemplarIndex.load(saved, index.fingerprint)


def _open_often(corpus: str, cache: str, start, results) -> None:
    start.wait()
    told: list[str] = []
    for _ in range(20):
        index = open_index(Path(corpus), HashingEncoder(dim=128), folder=Path(cache), notify=told.append)
        assert len(index) == 9
    results.put([message for message in told if message != "正在建立范文索引"])


def test_many_processes_may_open_while_others_build(corpus, tmp_path):
    context = multiprocessing.get_context("spawn")
    start, results = context.Event(), context.Queue()
    arguments = (str(corpus), str(tmp_path / "cache"), start, results)
    processes = [context.Process(target=_open_often, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    start.set()
    complaints = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert complaints == [[], [], []]
    names = os.listdir(tmp_path / "cache")
    assert len(names) == 1
    assert not names[0].startswith(".")


def test_the_index_that_ships_is_fresh():
    """If this fails: python -m eval build_index."""
    encoder = BundledEncoder()
    expected = Fingerprint(encoder.id, corpus_digest(SHIPPED_CORPUS))
    index = ExemplarIndex.load(SHIPPED_CORPUS / SHIPPED, expected)
    assert index.passages == excerpts(read_corpus(SHIPPED_CORPUS))
    texts = [encoded_text(passage) for passage in index.passages[:3]]
    rows = encoder.encode(texts, side=Side.PASSAGE)
    assert (rows * index.vectors()[:3]).sum(1).min() > 0.999
