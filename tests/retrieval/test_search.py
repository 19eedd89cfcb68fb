from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from kepudraft.corpus import corpus_digest, excerpts, read_corpus
from kepudraft.errors import InputError
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval import open_retriever
from kepudraft.retrieval.encode import HashingEncoder
from kepudraft.retrieval.hit import OwnText
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.lexical import LexicalIndex, grams, ranked
from kepudraft.retrieval.search import PER_EXEMPLAR, RRF_K, TYPE_BONUS, Retriever, fuse
from kepudraft.retrieval.variety import various

SHIPPED = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture
def retriever(corpus, encoder) -> Retriever:
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus=corpus_digest(corpus))
    return Retriever(index, encoder)


def test_the_passage_that_is_asked_for_comes_first(retriever):
    (hit, *_) = retriever.search("居民健康讲座12场")
    assert (hit.excerpt.id, hit.rank) == ("shequ-a#1", 1)
    assert hit.why == "字面第1、语义第1"
    assert (hit.excerpt.title, hit.excerpt.year) == ("某单位2018年科普工作总结", 2018)


def test_role_and_unit_type_come_before_likeness(retriever):
    hits = retriever.search("居民健康讲座12场", role=Role.ACTIVITIES, unit_type=UnitType.MUSEUM, k=3)
    assert [hit.excerpt.unit_type for hit in hits] == [UnitType.MUSEUM] * 3
    assert {hit.excerpt.role for hit in hits} == {Role.ACTIVITIES}
    assert all("取自" not in hit.why for hit in hits)


def test_a_section_that_does_two_things_is_found_for_either(corpus, encoder):
    path = corpus / "exemplars" / "xuexiao-a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("{role=youth}", "{role=youth also=results}"), encoding="utf-8")
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus=corpus_digest(corpus))
    index.save(corpus / "i")
    retriever = Retriever(ExemplarIndex.load(corpus / "i", index.fingerprint), encoder)
    for role in (Role.YOUTH, Role.RESULTS):
        (hit,) = retriever.search("社团获奖", role=role, unit_type=UnitType.SCHOOL, k=1)
        assert (hit.excerpt.exemplar_id, hit.excerpt.also) == ("xuexiao-a", Role.RESULTS)
        assert "取自" not in hit.why


def test_a_preferred_unit_type_is_raised_not_required(retriever):
    plain = retriever.search("居民健康讲座12场", role=Role.ACTIVITIES, k=5)
    raised = retriever.search("居民健康讲座12场", role=Role.ACTIVITIES, prefer=UnitType.MUSEUM, k=5)
    assert {hit.excerpt.id for hit in raised} == {hit.excerpt.id for hit in plain}
    bonus = {hit.excerpt.unit_type: round(hit.score - old.score, 6) for hit in raised for old in plain if hit.excerpt == old.excerpt}
    assert bonus == {UnitType.MUSEUM: TYPE_BONUS, UnitType.COMMUNITY: 0.0}


def test_the_search_is_widened_step_by_step_and_says_so(retriever):
    hits = retriever.search("社团获奖", role=Role.YOUTH, unit_type=UnitType.SCHOOL, k=4)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert "取自" not in hits[0].why
    assert hits[0].excerpt.unit_type is UnitType.SCHOOL
    assert "学校的同类段落不足，取自其他单位" in hits[1].why
    assert hits[1].excerpt.role is Role.YOUTH
    assert all("取自其他部分" in hit.why for hit in hits[2:])


def test_without_a_role_nothing_is_said_of_widening(retriever):
    assert all("取自" not in hit.why for hit in retriever.search("讲座", k=5))


def test_at_most_two_passages_of_one_exemplar(retriever):
    hits = retriever.search("科学课 科学秀 院士讲座 科普大篷车 学生", k=99)
    counts = Counter(hit.excerpt.exemplar_id for hit in hits)
    assert max(counts.values()) == PER_EXEMPLAR
    assert sum(counts.values()) == 8


def test_a_unit_never_finds_its_own_text_of_the_same_year(corpus, encoder):
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus="")
    passages = [replace(p, title="江州市 科技館2018年科普工作总结") if p.exemplar_id == "guan-a" else p for p in index.passages]
    retriever = Retriever(ExemplarIndex.build(passages, encoder, corpus=""), encoder)

    def found(unit: str, year: int) -> bool:
        hits = retriever.search("临时展览 展品老化", k=99, own=OwnText(unit, year))
        return "guan-a" in {hit.excerpt.exemplar_id for hit in hits}

    assert not found("江州市科技馆", 2018)
    assert not found("江州市科技館", 2018)
    assert found("江州市科技馆", 2019)
    assert found("云岭县科技馆", 2018)
    assert found("", 2018)


def test_what_is_alike_falls_behind(corpus, encoder):
    passages = excerpts(read_corpus(corpus))
    lecture = next(passage for passage in passages if "健康讲座" in passage.text)
    copies = [replace(lecture, id=f"copy-{n}#1", exemplar_id=f"copy-{n}") for n in range(4)]
    index = ExemplarIndex.build([*passages, *copies], encoder, corpus="")
    query = "举办健康讲座，居民读书，图书借阅"
    plain = Retriever(index, encoder, penalty=0.0).search(query, k=6)
    various = Retriever(index, encoder, penalty=0.5).search(query, k=6)
    assert [hit.score for hit in plain] == sorted((hit.score for hit in plain), reverse=True)
    texts = [hit.excerpt.text for hit in plain]
    assert texts.count(lecture.text) == 5
    assert [hit.excerpt.text for hit in various].count(lecture.text) < 5
    assert various[0] == plain[0]
    assert any("靠后" in hit.why for hit in various + Retriever(index, encoder, penalty=0.5).search(query, k=99))


def test_variety_keeps_every_candidate_once():
    vectors = np.eye(6, dtype=np.float32)[[0, 0, 1, 2, 2, 3]]
    scores = [0.9, 0.9, 0.8, 0.8, 0.7, 0.1]
    assert various(scores, vectors, 9, penalty=0.0) == [0, 1, 2, 3, 4, 5]
    assert various(scores, vectors, 4, penalty=1.0)[:3] == [0, 2, 3]
    assert sorted(various(scores, vectors, 9, penalty=1.0)) == [0, 1, 2, 3, 4, 5]
    assert various([], np.zeros((0, 3), np.float32), 5) == []


def test_a_long_query_is_read_to_its_bound(retriever):
    assert retriever.search("讲座" * 500 + "展品" * 100_000) == retriever.search("讲座" * 500)


def test_excluded_exemplars_are_never_found(retriever):
    hits = retriever.search("居民健康讲座12场", k=99, exclude={"shequ-a", "no-such"})
    assert hits
    assert "shequ-a" not in {hit.excerpt.exemplar_id for hit in hits}


def test_a_query_without_known_letters_still_finds_something(retriever):
    assert len(retriever.search("qwerty", k=3)) == 3


@pytest.mark.parametrize(("query", "k"), [("", 5), ("  \n", 5), ("讲座", 0), ("讲座", -1)])
def test_a_query_that_asks_nothing_is_refused(retriever, query, k):
    with pytest.raises(InputError):
        retriever.search(query, k=k)


def test_the_order_is_the_same_every_time(corpus, encoder, retriever):
    again = Retriever(
        ExemplarIndex.build(excerpts(read_corpus(corpus)), HashingEncoder(dim=128), corpus=""), HashingEncoder(dim=128)
    )
    for query in ("讲座", "学生", "不足", "zzz"):
        assert retriever.search(query, k=9) == again.search(query, k=9)


def test_an_index_of_another_encoder_is_refused(corpus, encoder):
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus="")
    with pytest.raises(ValueError, match="hashing-128"):
        Retriever(index, HashingEncoder(dim=64))


def test_traditional_queries_find_what_their_twins_find(retriever):
    to_traditional = OpenCC("s2t")
    for query in ("健康讲座与图书", "展品老化，更新资金不足", "航模社团获奖"):
        traditional = to_traditional.convert(query)
        assert traditional != query
        assert retriever.search(traditional, k=9) == retriever.search(query, k=9)


def test_fusion_sums_reciprocal_ranks():
    fused = {one.row: one for one in fuse([7, 3], [3, 9])}
    assert fused[3].score == pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1))
    assert (fused[7].lexical, fused[7].dense) == (1, None)
    assert (fused[9].lexical, fused[9].dense) == (None, 2)
    assert [one.row for one in fuse([1, 2], [2, 1])] == [1, 2]


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_fusion_keeps_what_both_agree_on(lexical, dense):
    order = [one.row for one in fuse(lexical, dense)]
    assert sorted(order) == list(range(8))
    for first in range(8):
        for second in range(8):
            if lexical.index(first) < lexical.index(second) and dense.index(first) < dense.index(second):
                assert order.index(first) < order.index(second)


def test_grams_are_letters_and_their_pairs_without_figures():
    assert grams("VR科普，38场次") == ["V", "R", "科", "普", "场", "次", "VR", "R科", "科普", "场次"]
    assert grams("，。3") == []


def test_bm25_ranks_only_what_shares_something():
    index = LexicalIndex(["科普讲座", "展品老化", "讲座"])
    scores = index.scores("讲座")
    assert ranked(scores, 9).tolist() == [2, 0]
    assert ranked(scores, 1).tolist() == [2]
    assert ranked(scores, 9, np.array([False, True, False])).tolist() == []
    assert ranked(index.scores("qq"), 9).tolist() == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 45))
def test_the_best_by_bm25_are_those_of_a_full_sort(values, k):
    scores = np.array(values, np.float32)
    expected = sorted((row for row in range(len(values)) if values[row]), key=lambda row: (-values[row], row))
    assert ranked(scores, k).tolist() == expected[:k]


def test_the_default_search_path_is_light(tmp_path):
    """A process of its own: what the shipped corpus is searched with, and what it must not load."""
    code = (
        "import sys; from pathlib import Path; from kepudraft.genre import Role, UnitType;"
        "from kepudraft.retrieval import open_retriever;"
        "r = open_retriever(Path(sys.argv[1]), cache=Path(sys.argv[2]));"
        "assert len(r.search('科普大篷车进校园40次', role=Role.ACTIVITIES, unit_type=UnitType.MUSEUM)) == 5;"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'openai', 'langchain_text_splitters',"
        " 'langchain_core', 'tiktoken'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(SHIPPED), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "cache").exists()


def test_the_shipped_corpus_answers_for_every_role_and_unit_type(tmp_path):
    retriever = open_retriever(SHIPPED, cache=tmp_path)
    for unit_type in UnitType:
        for role in Role:
            hits = retriever.search("全年举办活动12场，参加600人次", role=role, unit_type=unit_type, k=3)
            assert [hit.rank for hit in hits] == [1, 2, 3]
    assert len(retriever.fingerprint) == 16
