"""Likeness to a labelled corpus: near passages and the map over all of them, by an encoder without a model."""

from __future__ import annotations

import pytest

from kepudraft.cli.neighbours import CorpusNeighbours
from kepudraft.corpus import Excerpt
from kepudraft.genre import Role, UnitType
from kepudraft.retrieval.encode import HashingEncoder
from kepudraft.retrieval.index import ExemplarIndex

TEXTS = {
    Role.VENUES: ["展厅更新展品40件", "展厅新增展品12件", "展品完好率九成"],
    Role.RURAL: ["农技培训农民300人", "农民田间培训9期", "为农民送农技书"],
    Role.PLANS: ["明年力争再办讲座", "明年计划办讲座", "力争明年办成"],
}


@pytest.fixture
def index() -> ExemplarIndex:
    passages = [
        Excerpt(f"{role}#{n}", str(role), UnitType.MUSEUM if role is Role.VENUES else UnitType.STREET, role, "", text)
        for role, texts in TEXTS.items()
        for n, text in enumerate(texts, 1)
    ]
    return ExemplarIndex.build(passages, HashingEncoder(128), corpus="x")


def test_a_text_is_most_like_the_role_whose_words_it_has(index: ExemplarIndex):
    found = CorpusNeighbours(index, HashingEncoder(128)).near(["展厅的展品", "农民的农技培训", "明年力争"])
    assert [max(one.roles, key=lambda role: one.roles[role]) for one in found] == [Role.VENUES, Role.RURAL, Role.PLANS]
    assert max(found[0].unit_types, key=lambda kind: found[0].unit_types[kind]) is UnitType.MUSEUM
    for one in found:
        assert sum(one.roles.values()) == pytest.approx(1, abs=1e-5)
        assert sum(one.unit_types.values()) == pytest.approx(1)


def test_who_must_not_be_asked_is_not(index: ExemplarIndex):
    asked = CorpusNeighbours(index, HashingEncoder(128), [str(Role.VENUES)])
    (found,) = asked.near(["展厅更新展品40件"])
    assert found.roles[Role.VENUES] < 0.1


def test_an_empty_index_says_nothing():
    empty = ExemplarIndex.build((), HashingEncoder(128), corpus="x")
    (found,) = CorpusNeighbours(empty, HashingEncoder(128)).near(["展厅"])
    assert not any(found.roles.values())
