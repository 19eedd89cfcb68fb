from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from kepudraft.corpus import corpus_digest, excerpts, read_corpus
from kepudraft.errors import InputError
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval import open_retriever
from kepudraft.retrieval.encode import HashingEncoder
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.lexical import LexicalIndex, grams, ranked
from kepudraft.retrieval.search import PER_EXEMPLAR, RRF_K, Retriever, fuse

SHIPPED = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture
def retriever(corpus, encoder) -> Retriever:
    index = ExemplarIndex.build(excerpts(read_corpus(corpus)), encoder, corpus=corpus_digest(corpus))
    return Retriever(index, encoder)


def test_the_passage_that_is_asked_for_comes_first(retriever):
    (hit, *_) = retriever.search("居民健康讲座12场")
    assert (hit.excerpt.id, hit.rank) == ("shequ-a#1", 1)
    assert hit.why == "字面第1、语义第1"


def test_role_and_unit_type_come_before_likeness(retriever):
    hits = retriever.search("居民健康讲座12场", role=Role.ACTIVITIES, unit_type=UnitType.MUSEUM, k=3)
    assert [hit.excerpt.unit_type for hit in hits] == [UnitType.MUSEUM] * 3
    assert {hit.excerpt.role for hit in hits} == {Role.ACTIVITIES}
    assert all("取自" not in hit.why for hit in hits)


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
    assert ranked(scores, [0, 1, 2], 9) == [2, 0]
    assert ranked(scores, [1], 9) == []
    assert ranked(index.scores("qq"), [0, 1, 2], 9) == []


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
