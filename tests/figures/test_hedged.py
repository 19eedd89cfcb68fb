"""A hedge before a verb is part of what is said, though not of the figure."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.figures.scan import scan
from kepudraft.verify.figures import verify
from kepudraft.verify.report import Verdict


def _verdict(fact: str, text: str) -> Verdict:
    sheet = read_facts_from_bytes(f"单位：甲市科技馆\n年度：2025\n讲座46场\n{fact}\n".encode(), suffix=".txt")
    return verify(text, sheet).figures[0].verdict


@pytest.mark.parametrize(
    ("fact", "text", "verdict"),
    [
        ("社会资金投入少，约占一成半", "社会资金投入少，约占一成半。", Verdict.SUPPORTED),
        ("社会资金投入少，约占一成半", "社会资金投入少，占一成半。", Verdict.HEDGE_CHANGED),
        ("社会资金投入少，占一成半", "社会资金投入少，约占一成半。", Verdict.HEDGE_CHANGED),
        ("社会资金投入少，约占一成半", "社会资金投入少，占比约一成半。", Verdict.EQUIVALENT),
        ("年接待公众约为3000人次", "年接待公众3000人次。", Verdict.HEDGE_CHANGED),
        ("年接待公众约3000人次", "年接待公众约为3000人次。", Verdict.EQUIVALENT),
        ("年接待公众约为3000人次", "年接待公众约3000人次。", Verdict.EQUIVALENT),
        ("年接待公众约为3000人次", "年接待公众约为4000人次。", Verdict.UNSUPPORTED),
    ],
)
def test_a_hedge_before_a_verb_is_seen(fact: str, text: str, verdict: Verdict):
    assert _verdict(fact, text) is verdict


def test_half_of_a_tenth_is_read():
    (figure,) = scan("约占一成半。").figures
    assert (figure.surface, str(figure.quantity and figure.quantity.value)) == ("一成半", "1.5")


def test_a_lost_hedge_is_told_with_the_hedge():
    sheet = read_facts_from_bytes("单位：甲市科技馆\n年度：2025\n讲座46场，听众约为9800人次\n".encode(), suffix=".txt")
    (finding,) = verify("举办讲座46场，听众9800人次。", sheet).unfaithful
    assert finding.expected == "约9800人次"
    assert "写的是约9800人次，这里写成9800人次" in finding.explanation


@pytest.mark.parametrize("fact", ["听众约为9800人次（上年8000人次）", "听众9800人次（上年约为8000人次）"])
def test_no_change_is_computed_from_a_rough_number(fact: str):
    sheet = read_facts_from_bytes(f"单位：甲市科技馆\n年度：2025\n讲座46场\n{fact}\n".encode(), suffix=".txt")
    assert with_derived(sheet).facts == sheet.facts
