"""What was taken over from last year's summary: planted sentences and years are found, what is right is left alone."""

from __future__ import annotations

import pytest

from kepudraft.verify.form import FormKind, Severity
from kepudraft.verify.reuse import check_reuse

EARLIER = """江州市科技馆2024年科普工作总结
2024年，江州市科技馆坚持服务公众。现将有关情况总结如下。
一、主要活动
坚持开门办馆，把讲台搬到田间地头，受到群众欢迎。
2024年举办科普讲座40场，听众9000人次。
很好。
"""


def found(text: str):
    return [(f.kind, f.surface) for f in check_reuse(text, EARLIER, year=2025)]


def test_a_sentence_taken_over_is_told_at_its_place():
    text = "江州市科技馆2025年科普工作总结\n一、主要活动\n今年做了新的事。坚持开门办馆，把讲台搬到田间地头，受到群众欢迎。"
    (finding,) = check_reuse(text, EARLIER, year=2025)
    assert finding.kind is FormKind.REUSED
    assert finding.span is not None
    assert text[finding.span.start : finding.span.end] == finding.surface == "坚持开门办馆，把讲台搬到田间地头，受到群众欢迎。"


@pytest.mark.parametrize("sentence", [
    "坚持开门办馆、把讲台搬到田间地头,受到群众欢迎！", "坚持开门办馆，把讲台 搬到田间地头，受到群众欢迎。",
])
def test_another_comma_makes_no_new_sentence(sentence):
    assert [kind for kind, _ in found(sentence)] == [FormKind.REUSED]


def test_a_sentence_whose_year_alone_was_changed_is_told():
    assert found("2025年举办科普讲座40场，听众9000人次。") == [(FormKind.REUSED, "2025年举办科普讲座40场，听众9000人次。")]


@pytest.mark.parametrize("sentence", [
    "现将有关情况总结如下。", "很好。", "2025年举办科普讲座46场，听众9800人次。", "一、主要活动", "坚持开门办馆，今年把讲台搬进了社区，居民都说好。",
])
def test_what_every_summary_says_and_what_is_new_is_left_alone(sentence):
    assert found(sentence) == []


def test_the_old_year_in_a_sentence_taken_over_is_an_error():
    findings = check_reuse("2024年举办科普讲座40场，听众9000人次。", EARLIER, year=2025)
    assert {(f.kind, f.severity) for f in findings} == {(FormKind.REUSED, Severity.WARNING), (FormKind.OLD_YEAR, Severity.ERROR)}


def test_the_old_year_elsewhere_is_to_be_looked_at():
    findings = check_reuse("2024年又新建展厅一座。", EARLIER, year=2025)
    assert [(f.kind, f.severity, f.surface) for f in findings] == [(FormKind.OLD_YEAR, Severity.WARNING, "2024年")]


@pytest.mark.parametrize("sentence", [
    "接待观众38.6万人次，比2024年增长9.0%。", "与2024年相比，讲座多了6场。", "获评2021—2024年度先进集体。", "自2024年以来连续开放。",
    "截至2024年底有展品300件。",
    "落实《江州市2024年科普行动方案》。",
])
def test_the_year_before_may_be_named_where_it_is_meant(sentence):
    assert found(sentence) == []


def test_any_text_can_be_compared():
    for text in ("", "\n\n", "。。。", "2024", "《" * 50 + "2024年"):
        check_reuse(text, text, year=2025)
