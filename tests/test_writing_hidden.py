"""Drafting with figures hidden: no value leaves the process, none is learnt by trying, all come back in their places."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kepudraft import Drafter, read_facts
from kepudraft.assemble import Draft
from kepudraft.compose.with_model import Figures
from kepudraft.figures.scan import scan
from tests.conftest import SHEETS
from tests.model_cases import FACTS, assert_whole, fluent, model, sheet_of


@pytest.mark.parametrize("path", SHEETS[:4], ids=lambda p: p.stem)
def test_in_hidden_mode_no_value_of_any_fact_leaves_the_process(path: Path):
    sheet = read_facts(path)
    liar = model(lambda line: f"{line}，另有3场。", takes_grammar=True)
    draft = Drafter(model=liar, figures=Figures.HIDDEN).draft(sheet)
    assert_whole(draft)
    assert liar.requests
    own = load_system_prompts()
    for request in liar.requests:
        told = "\n".join(m.content for m in request.messages if m.role != "system")
        assert {m.content for m in request.messages if m.role == "system"} <= own
        told = re.sub(r"^\d{1,2}\. ", "", told, flags=re.MULTILINE).replace("另有3场", "")
        assert not re.search(r"[0-9０-９]", told), told
        for fact in sheet.facts:
            for figure in fact.figures:
                assert figure.surface not in told
        for literal in re.findall(r'"((?:[^"\\]|\\.)*)"', request.grammar):
            assert not re.search(r"[0-9]", literal.removesuffix(". ")) or re.fullmatch(r"\d+\. ", literal)


def load_system_prompts() -> set[str]:
    from kepudraft.prompts import load_prompt
    from kepudraft.settings import load_settings

    folder = load_settings().prompts_dir
    return {text for name in ("section", "repair") for role, text in load_prompt(folder, name).turns if role == "system"}


def test_hidden_figures_come_back_in_their_places():
    draft = Drafter(model=model(lambda line: f"共有{line}。"), figures=Figures.HIDDEN).draft(sheet_of())
    assert_whole(draft)
    assert "共有宣传栏6处，更换12期" in draft.text


def test_in_hidden_mode_a_right_guess_is_refused_like_a_wrong_one():
    def asked(guess: str) -> tuple[list[str], Draft]:
        writer = model(lambda line: f"共有{re.sub('{[a-z]+}', guess, line, count=1)}。")
        draft = Drafter(model=writer, figures=Figures.HIDDEN).draft(sheet_of())
        assert_whole(draft)
        return ["\n".join(m.content for m in r.messages) for r in writer.requests], draft

    right, draft = asked("24")  # 讲座24场
    wrong, _ = asked("25")
    assert [r.replace("24", "25") for r in right] == wrong
    assert "共有讲座24场" not in draft.text


def test_an_instruction_reaches_the_model_and_in_hidden_mode_without_its_figures():
    import asyncio

    from kepudraft.facts.derive import with_derived

    for figures, shown in ((Figures.SHOWN, "写到200字"), (Figures.HIDDEN, "写到〔数〕")):
        writer = model(fluent)
        drafter = Drafter(model=writer, figures=figures)
        sheet = with_derived(sheet_of())
        section = next(s for s in drafter.outline(sheet).sections if s.fact_ids)
        asyncio.run(drafter.write_section(section, sheet, instruction="写到200字"))
        assert shown in writer.requests[0].messages[-1].content


def test_scan_finds_no_slot_left_in_any_draft():
    draft = Drafter(model=model(fluent), figures=Figures.HIDDEN).draft(read_facts(SHEETS[0]))
    assert not re.search(r"[{}⟦⟧]", draft.text)
    assert scan(draft.text).figures
    assert replace(draft, notices=()) == draft


def test_in_hidden_mode_numbers_in_words_and_signs_stay_here_too():
    text = FACTS + "科普经费12.5万元，增长一半\n知晓率翻番\n展厅③号半数展品更新\n"
    writer = model(fluent)
    draft = Drafter(model=writer, figures=Figures.HIDDEN).draft(sheet_of(text))
    assert_whole(draft)
    told = "\n".join(m.content for r in writer.requests for m in r.messages if m.role != "system")
    assert not re.search("一半|翻番|③|半数", told)
    assert all(word in draft.text for word in ("一半", "翻番", "③", "半数"))
