"""The evidence record: complete, in a fixed order, and JSON whatever the facts hold."""

from __future__ import annotations

import json
from dataclasses import replace

from kepudraft.export import records
from kepudraft.figures.scan import Span
from kepudraft.verify.report import Finding, Report, Verdict


def test_the_golden_record(sample, golden):
    golden("summary.json", records.render(sample))


def test_every_figure_of_the_text_is_told_with_its_place(sample):
    record = json.loads(records.render(sample))
    figures = record["figures"]
    assert [f["surface"] for f in figures] == [record["text"][f["start"] : f["end"]] for f in figures]
    assert len(record["figures"]) == len(sample.report.figures)
    told = {f["surface"]: f for f in record["figures"]}
    assert told["46场"]["section"] == "一、（二）"
    assert told["46场"]["sentence"] == "流动科技馆巡展46场。"
    assert record["figures"][0]["where"] == "title"
    assert record["figures"][0]["sentence"] == sample.title


def test_omitted_and_unused_facts_are_told_with_the_reason(sample):
    record = records.record(sample)
    assert record["omitted"] == [{"surface": "6台", "fact": "F4", "explanation": "草稿没有写到“6台”"}]
    assert record["unused"] == [
        {"fact": "F4", "reason": "与科普工作无关"},
        {"fact": "F2", "reason": "草稿没有写到"},
    ]
    assert record["gaps"] == ["临时展览的名称和数量"]


def test_a_figure_in_the_second_of_two_sentences_finds_its_own(draft_of, sample):
    first, second = sample.sections[0].passage.sentences
    paragraph = (first, replace(second, text="现将46场总结如下。"))
    section = replace(sample.sections[0], passage=replace(sample.sections[0].passage, paragraphs=(paragraph,)))
    draft = replace(sample, sections=(section,))
    at = draft.text.index("46场")
    draft = replace(draft, report=Report((Finding(Verdict.SUPPORTED, Span(at, at + 3), "46场", "F2", "", ""),), ()))
    assert records.record(draft)["figures"][0]["sentence"] == "现将46场总结如下。"


def test_the_record_does_not_depend_on_the_clock(sample):
    assert records.render(sample) == records.render(sample)


def test_the_hash_names_the_content(sample):
    digest = records.content_hash(sample)
    assert records.record(sample)["sha256"] == digest
    assert records.content_hash(replace(sample, title="另一篇")) != digest


def test_hostile_text_is_json_in_utf8_and_keeps_the_spans(draft_of):
    draft = draft_of("半\ud83d个\x00字\u2028</script>", title="题\udfff")
    text = records.render(draft)
    record = json.loads(text.encode("utf-8"))
    assert len(record["text"]) == len(draft.text)
    assert "\x00" in record["text"]


def test_without_a_date_it_says_null(draft_of):
    assert records.record(draft_of("甲", date=None))["date"] is None
