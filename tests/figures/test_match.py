"""Whether one figure bears another."""

from __future__ import annotations

import pytest

from kepudraft.figures.match import Relation, relation
from kepudraft.figures.scan import Figure, scan


def figure(text: str) -> Figure:
    found = scan(text).figures
    assert len(found) == 1, (text, found)
    return found[0]


@pytest.mark.parametrize(
    ("written", "stated", "expected"),
    [
        ("讲座46场", "讲座46场", Relation.SAME),
        ("讲座46场次", "讲座46场", Relation.EQUAL),
        ("观众38.6万人次", "观众386000人次", Relation.EQUAL),
        ("观众三十八万六千人次", "观众38.6万人次", Relation.EQUAL),
        ("经费385932元", "经费38.5932万元", Relation.EQUAL),
        ("干部3名", "干部3人", Relation.EQUAL),
        ("观众38.6万人", "观众38.6万人次", Relation.NONE),
        ("增长9%", "增长9个百分点", Relation.NONE),
        ("资料300份", "资料300册", Relation.NONE),
        ("讲座46期", "讲座46场", Relation.NONE),
        ("经费约38万元", "经费385932元", Relation.ROUNDED),
        ("经费38万余元", "经费385932元", Relation.ROUNDED),
        ("经费近39万元", "经费385932元", Relation.ROUNDED),
        ("经费近38万元", "经费385932元", Relation.NONE),
        ("经费约40万元", "经费345000元", Relation.NONE),
        ("讲座46场", "讲座46余场", Relation.HEDGE_DROPPED),
        ("讲座近46场", "讲座46场", Relation.HEDGE_ADDED),
        ("讲座超46场", "讲座近46场", Relation.HEDGE_CHANGED),
        ("讲座突破46场", "讲座46余场", Relation.HEDGE_CHANGED),
        ("讲座46多场", "讲座46余场", Relation.EQUAL),
        ("5月开展", "5月24日开展", Relation.EQUAL),
        ("5月24日开展", "5月开展", Relation.NONE),
        ("2025年5月24日开展", "5月24日开展", Relation.EQUAL),
        ("2024年5月24日开展", "5月24日开展", Relation.NONE),
        ("第33届大赛", "第34届大赛", Relation.NONE),
    ],
)
def test_relation(written: str, stated: str, expected: Relation):
    assert relation(figure(written), figure(stated), year=2025) is expected


@pytest.mark.parametrize("text", ["讲座46场", "观众38.6万人次", "5月24日至31日", "数十场", "3至5场", "三分之二", "一等奖", "增长9.5%"])
def test_every_figure_bears_itself(text: str):
    one = figure(text)
    assert relation(one, one) is Relation.SAME
