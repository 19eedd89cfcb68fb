"""A sheet's claims: kept while it is asked, within bounds, and quick to make however alike its facts are."""

from __future__ import annotations

import pytest

from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.verify import claims
from kepudraft.verify.claims import claims_of
from kepudraft.verify.figures import verify
from kepudraft.verify.report import Verdict


def sheet_of(*facts: str) -> FactSheet:
    return read_facts_from_bytes("\n".join(["单位：望川县科学技术协会", "年度：2025", *facts]).encode())


def test_sheets_asked_in_turn_keep_their_claims():
    sheets = [sheet_of(f"科普讲座{n}场，听众{n * 40}人次") for n in range(10, 74)]
    first = [claims_of(sheet) for sheet in sheets]
    assert all(claims_of(sheet) is made for sheet, made in zip(sheets, first, strict=True))


def test_an_equal_sheet_has_claims_of_its_own():
    one, other = sheet_of("科普讲座24场"), sheet_of("科普讲座24场")
    assert claims_of(one) is not claims_of(other)


def test_another_year_is_kept_beside_the_sheets_own():
    sheet = sheet_of("科普讲座24场")
    earlier = claims_of(sheet, year=2024)
    assert earlier.sheet.year == 2024
    assert claims_of(sheet).sheet.year == 2025
    assert claims_of(sheet, year=2024) is earlier


def test_no_more_is_kept_than_allowed_but_the_newest_always(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(claims, "_kept", claims._Kept(3))
    large, small, other = sheet_of("科普讲座24场", "展览8场", "巡展5站", "会员1200人"), sheet_of("展览9场"), sheet_of("巡展6站")
    made = claims_of(large)
    assert claims_of(large) is made
    kept = claims_of(small)
    assert claims_of(other) is not kept
    assert claims_of(small) is kept
    assert claims_of(large) is not made


def test_hundreds_of_facts_worded_alike_are_told_apart():
    names = [f"{a}{b}{c}" for a in "东西南北上下" for b in "山河桥湖城港" for c in "里坊园苑"]
    sheet = sheet_of(*(f"{name}社区开展讲座{n}场" for n, name in enumerate(names, 3)))
    text = "。".join(f"全年在{name}社区为居民讲了{n}场讲座" for n, name in enumerate(names, 3))
    assert {f.verdict for f in verify(text, sheet).figures} == {Verdict.SUPPORTED}
    # Every community gets its neighbour's number.
    moved = "。".join(f"全年在{name}社区为居民讲了{n}场讲座" for n, name in enumerate([*names[1:], names[0]], 3))
    assert {f.verdict for f in verify(moved, sheet).figures} == {Verdict.MISATTRIBUTED}
