"""Drafts put together by hand: what every renderer is shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kepudraft.assemble import Draft, Provenance, Section, plain_text
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.facts.sheet import Fact, FactSheet, Source, Status
from kepudraft.figures.scan import Span
from kepudraft.genre import Role, UnitType
from kepudraft.outline import Unused
from kepudraft.verify.report import Finding, Report, Verdict

DraftMaker = Callable[..., Draft]

_FACTS = (
    Fact("F1", "接待观众38.6万人次，其中未成年人21.2万人次", (), "接待观众", Status.DONE, Source("事实.txt", "第1行"),
         last="35.4万人次", note="按闸机统计"),
    Fact("F2", "流动科技馆巡展46场", (), "流动科技馆", Status.DONE, Source("事实.txt", "第2行")),
    Fact("F3", "问题：展品完好率只有87%", (), "展品", Status.PROBLEM, Source("事实.txt", "第3行")),
    Fact("F4", "购置办公电脑6台", (), "办公", Status.DONE, Source("事实.txt", "第4行")),
    Fact("D1", "接待观众同比增长9.0%", (), "接待观众", Status.DONE, Source("事实.txt", "第1行"),
         formula="(38.6-35.4)÷35.4=9.0%", inputs=("F1",)),
)  # fmt: skip
_PROVENANCE = Provenance("", (("style", "ab12"),), "idx-7f", 20250106, "0.1.0")


def sentence(text: str, *facts: str, gap: str = "") -> Sentence:
    return Sentence(text, facts, Origin.OFFLINE, gap)


def section(number: str, heading: str, *paragraphs: Sequence[Sentence], **fields: object) -> Section:
    found = Section(number, heading, 1, Role.ACTIVITIES, Passage(tuple(tuple(p) for p in paragraphs), ("ex-03",)))
    return replace(found, **fields)  # type: ignore[arg-type]


def findings(text: str, told: Sequence[tuple[str, Verdict, str]]) -> tuple[Finding, ...]:
    """Each surface found in the text from left to right."""
    found: list[Finding] = []
    at = 0
    for surface, verdict, fact in told:
        at = text.index(surface, at)
        found.append(Finding(verdict, Span(at, at + len(surface)), surface, fact, "", f"见{fact}"))
        at += len(surface)
    return tuple(found)


@pytest.fixture
def sample() -> Draft:
    """A whole small summary: overview, parts, a gap, a problem, a closing."""
    title = "江州市科技馆2025年科普工作总结"
    sections = (
        section(
            "", "", [sentence("2025年，江州市科技馆扎实开展科普工作。"), sentence("现总结如下。")], role=Role.OVERVIEW
        ),
        section(
            "一、",
            "主要活动",
            role=Role.ACTIVITIES,
            parts=(
                section(
                    "（一）",
                    "展览教育",
                    [sentence("全年接待观众38.6万人次，其中未成年人21.2万人次，同比增长9.0%。", "F1", "D1")],
                    [
                        sentence("【待补充：临时展览的名称和数量】", gap="临时展览的名称和数量"),
                        sentence("展品常换常新。"),
                    ],
                    level=2,
                ),
                section("（二）", "流动科普", [sentence("流动科技馆巡展46场。", "F2")], level=2),
            ),
        ),
        section("二、", "存在问题", [sentence("展品完好率只有87%。", "F3")], role=Role.PROBLEMS),
        section("", "", [sentence("今后将继续努力。")], role=Role.CLOSING),
    )
    told = [
        ("2025年", Verdict.GENERAL, ""),
        ("2025年", Verdict.GENERAL, ""),
        ("38.6万人次", Verdict.SUPPORTED, "F1"),
        ("21.2万人次", Verdict.SUPPORTED, "F1"),
        ("9.0%", Verdict.DERIVED, "D1"),
        ("46场", Verdict.SUPPORTED, "F2"),
        ("87%", Verdict.SUPPORTED, "F3"),
    ]
    omitted = Finding(Verdict.OMITTED, None, "6台", "F4", "", "草稿没有写到“6台”")
    return Draft(
        title=title,
        sheet=FactSheet("江州市科技馆", UnitType.MUSEUM, 2025, _FACTS, (2026, 1, 6), ("年度按文件名猜为2025年",)),
        sections=sections,
        unused=(Unused("F4", "与科普工作无关"),),
        report=Report((*findings(plain_text(title, sections), told), omitted), ("F4", "F2")),
        provenance=_PROVENANCE,
    )


@pytest.fixture
def draft_of() -> DraftMaker:
    """Makes a draft of one section from paragraphs of plain text."""

    def make(
        *paragraphs: str,
        title: str = "江州市科技馆2025年科普工作总结",
        unit: str = "江州市科技馆",
        heading: str = "主要活动",
        date: tuple[int, int, int] | None = (2026, 1, 6),
    ) -> Draft:
        sections = (section("一、", heading, *([sentence(p)] for p in paragraphs)),)
        sheet = FactSheet(unit, UnitType.MUSEUM, 2025, (), date)
        return Draft(title, sheet, sections, (), Report((), ()), _PROVENANCE)

    return make


@pytest.fixture(scope="session")
def draft_of_paragraphs() -> Callable[[Sequence[str]], Draft]:
    """As `draft_of`, for property tests (which may not ask for a fixture of each function)."""

    def make(paragraphs: Sequence[str]) -> Draft:
        sheet = FactSheet("江州市科技馆", UnitType.MUSEUM, 2025, (), (2026, 1, 6))
        sections = (section("一、", "主要活动", *([sentence(p)] for p in paragraphs)),)
        return Draft("江州市科技馆2025年科普工作总结", sheet, sections, (), Report((), ()), _PROVENANCE)

    return make


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares with a file under golden/; with KEPUDRAFT_GOLDEN=1 in the environment it rewrites the file instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("KEPUDRAFT_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text

    return compare
