"""What changed since the export: planted edits are told as what they are, and nothing else is."""

from __future__ import annotations

import json
import random
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.errors import DraftTextError
from kepudraft.export.trace import TRACE_PART, Trace, Traced, digest_of, parts, read_trace, trace_of, written
from kepudraft.returned.changes import (
    ChangeKind,
    compare,
    load_record,
    record_beside,
    trace_of_document,
    with_wording,
)
from kepudraft.verify.word_text import read_placed
from tests.returned.conftest import edited, through_libreoffice


def changes_of(path, record=None):
    placed = read_placed(path)
    trace = trace_of_document(placed.document)
    assert trace is not None
    return compare(placed.text, with_wording(trace, load_record(record)) if record else trace)


def trace_of_sentences(sentences) -> Trace:
    return Trace("", tuple(Traced(digest_of(s), (), s) for s in sentences))


def test_an_export_that_nobody_touched_has_no_changes(exported):
    changes = changes_of(exported)
    assert changes.items == ()
    assert changes.unchanged > 20


def test_a_title_broken_over_lines_is_one_sentence(draft):
    text = draft.text.replace("江州市科技馆2025年", "江州市科技馆\n2025年", 1) + "\n江州市科技馆\n【待补充：成文日期】"
    assert compare(text, trace_of(draft)).items == ()


def test_libreoffice_loses_nothing(exported, record):
    saved = through_libreoffice(exported)
    assert read_placed(saved).text == read_placed(exported).text
    assert changes_of(saved).items == ()
    before, after = Document(str(exported)), Document(str(saved))
    assert [p.style.name for p in after.paragraphs] == [p.style.name for p in before.paragraphs]
    cells = [[[c.text for c in row.cells] for row in d.tables[0].rows] for d in (before, after)]
    assert cells[0] == cells[1]
    assert record_beside(record, trace_of_document(read_placed(saved).document)) == load_record(record)


def test_every_kind_of_edit_is_told(exported, record):
    path = edited(
        exported, ("投入科普经费860万元", "投入科普经费680万元"), ("现将本年度科普工作情况总结如下。", ""),
        ("全国科技活动周期间", "这一句是新加的。全国科技活动周期间"),
    )
    found = {c.kind: c for c in changes_of(path, record).items}
    assert set(found) == {ChangeKind.CHANGED, ChangeKind.REMOVED, ChangeKind.ADDED}
    changed = found[ChangeKind.CHANGED]
    assert "680万元" in changed.text
    assert "860万元" in changed.before
    assert changed.fact_ids
    assert found[ChangeKind.REMOVED].before == "现将本年度科普工作情况总结如下。"
    assert found[ChangeKind.ADDED].text == "这一句是新加的。"


def test_without_the_record_the_facts_stand_for_the_old_wording(exported, sheet):
    (change,) = changes_of(edited(exported, ("投入科普经费860万元", "投入科普经费680万元"))).items
    assert (change.kind, change.before) == (ChangeKind.CHANGED, "")
    assert any("860万元" in sheet.fact(i).text for i in change.fact_ids if i.startswith("F"))


def test_a_moved_sentence_is_neither_removed_nor_added():
    old = [f"这是第{n}句话。" for n in range(8)]
    (change,) = compare("".join([*old[1:6], old[0], *old[6:]]), trace_of_sentences(old)).items
    assert (change.kind, change.text) == (ChangeKind.MOVED, old[0])


def test_spans_stand_where_the_text_is(exported, record):
    path = edited(exported, ("投入科普经费860万元", "投入科普经费680万元"), ("全国科技活动周期间", "新加的一句。全国科技活动周期间"))
    text = read_placed(path).text
    for change in changes_of(path, record).items:
        assert change.span is not None
        assert text[change.span.start : change.span.end] == change.text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_planted_edits_are_counted(data):
    rng = random.Random(data.draw(st.integers(0, 10**6)))
    old = [f"{rng.choice('甲乙丙丁')}{n}号工作完成{rng.randint(1, 999)}项，情况良好。" for n in range(rng.randint(1, 30))]
    gone = set(rng.sample(range(len(old)), rng.randint(0, len(old) // 2)))
    changes = compare("\n".join(s for n, s in enumerate(old) if n not in gone), trace_of_sentences(old))
    assert changes.count(ChangeKind.REMOVED) == len(gone)
    assert changes.unchanged == len(old) - len(gone)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_text_is_unchanged_against_itself(lines):
    text = "\n".join(lines)
    sentences = [part for line in text.split("\n") for part in parts(line)]
    assert not [c for c in compare(text, trace_of_sentences(sentences)).items if c.kind is not ChangeKind.MOVED]


def test_thousands_of_equal_sentences_cost_no_product():
    changes = compare("。\n" * 6000, trace_of_sentences(["。"] * 6000))
    assert changes.unchanged + len(changes.items) >= 6000


def test_the_file_carries_no_wording(draft, exported):
    with zipfile.ZipFile(exported) as package:
        part = package.read(TRACE_PART).decode()
    assert not any(s.text in part for s in trace_of(draft).sentences if len(s.text) > 4)
    assert "科技馆" not in part


def test_a_trace_is_read_as_it_was_written(draft):
    trace = trace_of(draft)
    found = read_trace(written(trace))
    assert found is not None
    assert [(s.digest, s.fact_ids) for s in found.sentences] == [(s.digest, s.fact_ids) for s in trace.sentences]


@pytest.mark.parametrize("part", [
    b"", b"no xml", b"<other/>", b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><trace xmlns='urn:kepudraft:trace:1'>&b;</trace>",
    b"<trace xmlns='urn:kepudraft:trace:1'><s/></trace>", "<trace xmlns='urn:kepudraft:trace:1' record='科普'/>".encode("gb18030"),
])
def test_a_part_that_was_tampered_with_does_no_harm(part):
    found = read_trace(part)
    assert found is None or compare("一句话。", found).count(ChangeKind.CHANGED) <= 1


def test_a_record_is_found_by_its_hash_whatever_its_name(exported, record):
    trace = trace_of_document(read_placed(exported).document)
    record.with_name("a.json").write_text("{", encoding="utf-8")
    record.with_name("b.json").write_text(json.dumps({"text": "x", "sections": [], "sha256": "0"}), encoding="utf-8")
    assert record_beside(exported, trace) == load_record(record)
    record.unlink()
    assert record_beside(exported, trace) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"text": 1, "sections": [], "sha256": ""}', "[" * 100_000])
def test_what_is_no_record_is_refused_in_words(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DraftTextError, match="不是起草时写出的依据文件"):
        load_record(path)
    with pytest.raises(DraftTextError, match="读不了文件"):
        load_record(tmp_path / "none.json")


def test_hostile_shapes_in_a_record_do_no_harm(tmp_path):
    path = tmp_path / "x.json"
    for sections in ([1], [{"paragraphs": [1]}], [{"paragraphs": 3}], [{"parts": {"a": 1}}], [{"paragraphs": [[{"text": 1}]]}]):
        path.write_text(json.dumps({"text": "一句。", "sections": sections, "sha256": "0", "date": "x-y-z", "unit": 3}), encoding="utf-8")
        assert load_record(path).sentences
