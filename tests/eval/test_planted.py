"""The planted-error cases are what they claim to be: drafts borne by their facts, mutants that differ where they say."""

from __future__ import annotations

from random import Random

import pytest

from eval.planted import OPERATORS, mutants, rewritings
from eval.planted_cases import Bearing, Draft, Mark, load_drafts, numerals_of, strip_marks
from eval.planted_edits import Mutant
from eval.planted_rewrites import REWRITES
from eval.planted_score import load_rules
from kepudraft.genre import UnitType

DRAFTS = load_drafts()
WHOLE = [d for d in DRAFTS if not d.is_paraphrase]
SAMPLE = WHOLE[::12]
SAME_UNITS = ({"人", "名", "位"}, {"场", "场次"}, {"册", "册次"}, {"天", "个"})


@pytest.fixture(scope="module")
def planted() -> list[Mutant]:
    return [m for d in SAMPLE for m in mutants(d, seed=0)]


def test_there_are_enough_sheets_drafts_and_paraphrases_over_all_unit_types() -> None:
    assert len({d.sheet.unit for d in DRAFTS}) >= 20
    assert len(WHOLE) >= 60
    assert len(DRAFTS) - len(WHOLE) >= 30
    assert {d.sheet.unit_type for d in DRAFTS} == set(UnitType)


def test_half_of_the_sheets_are_held_back() -> None:
    units = {split: {d.sheet.unit for d in DRAFTS if d.split == split} for split in ("dev", "held")}
    assert len(units["dev"]) == len(units["held"])
    assert not units["dev"] & units["held"]


def test_drafts_are_as_long_as_summaries_of_small_units_and_hold_no_marks() -> None:
    for draft in WHOLE:
        assert 300 <= len(draft.text) <= 800, draft.name
    for draft in DRAFTS:
        assert not set("⟦⟧^") & set(draft.text), draft.name


def test_every_figure_of_every_draft_is_marked() -> None:
    for draft in DRAFTS:
        marked = {m.numeral.start for m in draft.marks}
        assert [n.surface for n in numerals_of(draft.text) if n.start not in marked] == [], draft.name


def test_every_marked_fact_exists_and_bears_the_value() -> None:
    for draft in DRAFTS:
        assert [(m.numeral.surface, m.facts) for m in draft.marks if not _is_borne(draft, m)] == [], draft.name


def test_a_mark_belongs_to_the_figure_before_it() -> None:
    text, marks = strip_marks("讲座46场次⟦F2⟧，上年40场次⟦F2^⟧，比上年增加6场次⟦=F2⟧。")
    assert text == "讲座46场次，上年40场次，比上年增加6场次。"
    assert [(m.numeral.surface, m.bearing, m.facts) for m in marks] == [
        ("46场次", Bearing.FACT, ("F2",)), ("40场次", Bearing.LAST, ("F2",)), ("6场次", Bearing.DERIVED, ("F2",)),
    ]


def test_every_operator_has_a_rule_and_every_rule_an_operator() -> None:
    assert set(OPERATORS) == set(load_rules())


def test_the_generator_is_deterministic(planted: list[Mutant]) -> None:
    again = [m for d in SAMPLE for m in mutants(d, seed=0)]
    assert [(m.operator, m.text) for m in again] == [(m.operator, m.text) for m in planted]


def test_mutants_differ_from_their_draft_exactly_at_their_edits(planted: list[Mutant]) -> None:
    for mutant in (*planted, *(m for d in SAMPLE for m in rewritings(d, seed=0))):
        assert mutant.text != mutant.draft.text
        assert _undone(mutant) == mutant.draft.text


def test_a_planted_place_lies_in_an_edit_or_right_behind_it(planted: list[Mutant]) -> None:
    for mutant in planted:
        assert mutant.planted, mutant.operator
        for error in mutant.planted:
            assert 0 <= error.start <= error.end <= len(mutant.text)
            assert (error.figure is not None) == (error.start == error.end)


def test_a_changed_digit_gives_no_value_that_the_facts_know() -> None:
    for draft in SAMPLE:
        for mutant in OPERATORS["digit"](draft, Random(1)):
            new = next(n for n in numerals_of(mutant.text) if n.end > mutant.planted[0].start)
            assert new.value not in draft.values


def test_the_rewritings_are_at_least_eight() -> None:
    assert len(REWRITES) >= 8


def _is_borne(draft: Draft, mark: Mark) -> bool:
    facts = [draft.sheet.fact(i) for i in mark.facts]
    if mark.bearing is Bearing.GENERAL:
        return True
    if mark.bearing is Bearing.DERIVED:
        return bool(facts)
    texts = [f.last if mark.bearing is Bearing.LAST else f.text for f in facts]
    return any(_bears(text, mark) for text in texts)


def _bears(text: str, mark: Mark) -> bool:
    said = mark.numeral
    for n in numerals_of(text):
        units = {n.unit, said.unit}
        alike = len(units) == 1 or "个" in units or any(units <= c for c in SAME_UNITS) or said.unit in ("趟", "")
        if alike and (n.value == said.value if said.value is not None else n.surface == said.surface):
            return True
    return False


def _undone(mutant: Mutant) -> str:
    text, at, end = "", 0, 0
    for edit in mutant.edits:
        kept = edit.start - end
        text += mutant.text[at:at + kept] + mutant.draft.text[edit.start:edit.end]
        assert mutant.text[at + kept:at + kept + len(edit.new)] == edit.new
        at += kept + len(edit.new)
        end = edit.end
    return text + mutant.text[at:]
