from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from kepudraft.errors import CorpusError
from kepudraft.retrieval import library, open_retriever, refresh
from kepudraft.retrieval.encode import HashingEncoder
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.library import GRACE_S, KEPT, SHIPPED, cache_of, open_index, prune
from kepudraft.retrieval.store import MANIFEST, PASSAGES, TEMPORARY, VECTORS

FILES = (MANIFEST, VECTORS, PASSAGES)
NEW = """---
id: {id}
unit_type: 社区
level: 村级
year: 2024
title: 荷塘里社区2024年科普工作总结
fictional: true
---
## 一、讲座 {{role=activities}}
{text}
"""


def add(corpus: Path, name: str, text: str) -> None:
    (corpus / "exemplars").mkdir(parents=True, exist_ok=True)
    (corpus / "exemplars" / f"{name}.md").write_text(NEW.format(id=name, text=text), encoding="utf-8")


@pytest.fixture
def hashing(monkeypatch, encoder):
    """The bundled encoder's place is taken by one that needs no model."""
    monkeypatch.setattr("kepudraft.retrieval.open_encoder", lambda name: encoder)


@pytest.fixture
def index(corpus, encoder, tmp_path) -> ExemplarIndex:
    return open_index(corpus, encoder, folder=tmp_path / "made").index


def test_open_builds_once_then_reads_the_cache(corpus, encoder, tmp_path):
    told: list[str] = []
    first = open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append).index
    second = open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append).index
    assert told == ["正在建立范文索引"]
    assert second.passages == first.passages


def test_a_changed_corpus_is_rebuilt_and_the_old_index_left_to_its_readers(corpus, encoder, tmp_path):
    cache = tmp_path / "cache"
    old = open_index(corpus, encoder, folder=cache).index
    path = corpus / "exemplars" / "shequ-b.md"
    path.write_text(path.read_text(encoding="utf-8").replace("500册", "501册"), encoding="utf-8")
    new = open_index(corpus, encoder, folder=cache).index
    assert "501册" in new.passages[-2].text
    assert ExemplarIndex.load(cache_of(corpus, cache) / old.fingerprint.digest, old.fingerprint).passages == old.passages


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_cache_is_told_and_mended(corpus, encoder, tmp_path, name):
    cache, told = tmp_path / "cache", []
    index = open_index(corpus, encoder, folder=cache).index
    place = cache_of(corpus, cache) / index.fingerprint.digest
    (place / name).write_bytes(b"{")
    assert open_index(corpus, encoder, folder=cache, notify=told.append).index.passages == index.passages
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
    assert len(open_index(corpus, encoder, folder=tmp_path / "cache", notify=told.append).index) > 0
    assert "未能保存" in told[-1]


def test_an_empty_corpus_is_told(tmp_path, encoder):
    with pytest.raises(CorpusError):
        open_index(tmp_path, encoder, folder=tmp_path / "cache")


def _open_often(corpus: str, cache: str, start, results) -> None:
    start.wait()
    told: list[str] = []
    for _ in range(20):
        index = open_index(Path(corpus), HashingEncoder(dim=128), folder=Path(cache), notify=told.append).index
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
    names = os.listdir(cache_of(corpus, tmp_path / "cache"))
    assert len(names) == 1
    assert not names[0].startswith(".")


def test_adding_and_removing_encodes_only_what_is_new(corpus, encoder, tmp_path):
    cache, told = tmp_path / "cache", []
    assert open_index(corpus, encoder, folder=cache).encoded == 9
    add(corpus, "aaa", "智能手机班6期，老年人180人次。")
    opened = open_index(corpus, encoder, folder=cache, notify=told.append)
    assert (len(opened.index), opened.encoded) == (10, 1)
    assert told == ["正在更新范文索引"]
    (corpus / "exemplars" / "guan-b.md").unlink()
    opened = open_index(corpus, encoder, folder=cache)
    assert (len(opened.index), opened.encoded) == (7, 0)
    fresh = open_index(corpus, encoder, folder=tmp_path / "other").index
    assert opened.index.passages == fresh.passages
    assert (opened.index.vectors() == fresh.vectors()).all()


def test_an_interruption_keeps_what_is_encoded(corpus, encoder, tmp_path):
    for number in range(100):
        add(corpus, f"n{number:03}", f"第{number}次讲座。")

    def interrupted(done: int, of: int) -> None:
        if done >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_index(corpus, encoder, folder=tmp_path / "cache", progress=interrupted)
    opened = open_index(corpus, encoder, folder=tmp_path / "cache")
    assert (len(opened.index), opened.encoded) == (109, 45)


def test_the_shipped_index_lends_its_vectors_to_an_edited_copy(corpus, encoder, tmp_path, index):
    index.save(corpus / SHIPPED)
    add(corpus, "aaa", "智能手机班6期。")
    assert open_index(corpus, encoder, folder=tmp_path / "cache").encoded == 1


def test_vectors_of_another_encoder_are_never_used(corpus, tmp_path):
    open_index(corpus, HashingEncoder(dim=128), folder=tmp_path / "cache")
    add(corpus, "aaa", "智能手机班6期。")
    assert open_index(corpus, HashingEncoder(dim=64), folder=tmp_path / "cache").encoded == 10


def test_a_corpus_that_never_rests_is_told(corpus, encoder, tmp_path, monkeypatch):
    digests = iter(map(str, range(99)))
    monkeypatch.setattr(library, "corpus_digest", lambda folder: next(digests))
    with pytest.raises(CorpusError, match="一直在变动"):
        open_index(corpus, encoder, folder=tmp_path / "cache")


def test_old_indexes_are_removed_and_those_in_use_stay(tmp_path):
    now = time.time()
    for number in range(KEPT + 3):
        (tmp_path / f"{number}").mkdir()
        os.utime(tmp_path / f"{number}", (now - 5 * GRACE_S - number,) * 2)
    (tmp_path / "fresh").mkdir()
    for name, age in ((f"{TEMPORARY}left", 3 * 24 * 3600), (f"{TEMPORARY}writing", 3600)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (now - age,) * 2)
    prune(tmp_path, now=now)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"fresh", *map(str, range(KEPT - 1)), f"{TEMPORARY}writing"}
    prune(tmp_path / "nowhere")


def test_growing_leaves_few_folders(corpus, encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(library, "GRACE_S", -1.0)
    for number in range(KEPT + 4):
        add(corpus, f"n{number}", f"第{number}次讲座。")
        open_index(corpus, encoder, folder=tmp_path / "cache")
    assert len(list(cache_of(corpus, tmp_path / "cache").iterdir())) == KEPT


@pytest.mark.usefixtures("hashing")
def test_both_corpora_are_searched_as_one(corpus, tmp_path):
    user = tmp_path / "user"
    add(user, "zzz", "智能手机班6期，老年人180人次。")
    add(user, "shequ-b", "图书室换了新灯。")
    retriever = open_retriever(corpus, cache=tmp_path / "cache", user_corpus=user)
    (hit, *_) = retriever.search("老年人智能手机班")
    assert hit.excerpt.id == "zzz#1"
    texts = {hit.excerpt.text for hit in retriever.search("图书室", k=99) if hit.excerpt.exemplar_id == "shequ-b"}
    assert texts == {"图书室换了新灯。"}
    alone = open_retriever(corpus, cache=tmp_path / "cache", user_corpus=tmp_path / "nowhere")
    assert alone.fingerprint != retriever.fingerprint
    assert len(alone.search("图书室", k=99)) == 8


@pytest.mark.usefixtures("hashing")
def test_one_shelf_of_two_folders_finds_what_one_folder_of_both_finds(corpus, tmp_path, encoder):
    user = tmp_path / "user"
    for number in range(20):
        add(user, f"m{number:02}", f"第{number}次讲座，居民{number * 7}人参加，题目各不相同。")
    both = open_retriever(corpus, cache=tmp_path / "cache", user_corpus=user)
    for path in (user / "exemplars").iterdir():
        path.rename(corpus / "exemplars" / path.name)
    one = open_retriever(corpus, cache=tmp_path / "cache")
    for query in ("居民讲座", "图书", "展品不足", "第7次"):
        assert both.search(query, k=25) == one.search(query, k=25)


@pytest.mark.usefixtures("hashing")
def test_refreshing_tells_what_was_new(corpus, tmp_path):
    cache, done = tmp_path / "cache", []
    assert refresh(corpus, cache=cache).encoded == 9
    add(corpus, "aaa", "智能手机班6期。")
    refreshed = refresh(corpus, cache=cache, progress=lambda *counts: done.append(counts))
    assert (refreshed.passages, refreshed.encoded, done) == (10, 1, [(1, 1)])
    assert refresh(corpus, cache=cache).encoded == 0
    empty = refresh(tmp_path / "nowhere", cache=cache)
    assert (empty.passages, empty.encoded) == (0, 0)
