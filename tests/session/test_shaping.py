"""The outline as the person wants it."""

from __future__ import annotations

import pytest

from kepudraft.errors import OutlineError
from kepudraft.facts.read import read_facts
from kepudraft.outline import Outline
from kepudraft.pipeline import Drafter
from kepudraft.session.shaping import headed, merged, moved, renamed, shaped, sized, without
from kepudraft.session.work import Shaping
from tests.conftest import SHEETS


@pytest.fixture(scope="module")
def outline() -> Outline:
    return Drafter().outline(read_facts(SHEETS[2]))


def ids(outline: Outline) -> list[str]:
    return sorted([i for s in outline.sections for i in s.fact_ids if i.startswith("F")] + [u.fact_id for u in outline.unused])


def headings(outline: Outline) -> list[str]:
    return [s.heading for s in headed(outline)]


def test_moving_keeps_all_others_in_order(outline: Outline):
    before = headings(outline)
    made = shaped(outline, moved(Shaping(), outline, 3, 1))
    assert headings(made) == [before[2], *before[:2], *before[3:]]
    assert made.sections[0].heading == ""
    again = shaped(outline, moved(moved(Shaping(), outline, 3, 1), made, 1, 3))
    assert headings(again) == before


def test_every_change_keeps_every_fact(outline: Outline):
    shaping = Shaping()
    for change in (
        lambda s, o: moved(s, o, 4, 2), lambda s, o: merged(s, o, 3, 2), lambda s, o: without(s, o, 1), lambda s, o: renamed(s, o, 1, "新标题"),
        lambda s, o: sized(s, o, 1, 300), lambda s, o: merged(s, o, 2, 1), lambda s, o: without(s, o, 1),
    ):
        shaping = change(shaping, shaped(outline, shaping))
        assert ids(shaped(outline, shaping)) == ids(outline)


def test_merged_sections_are_parts_of_one(outline: Outline):
    before = headings(outline)
    made = shaped(outline, merged(Shaping(), outline, 3, 2))
    assert headings(made) == [*before[:2], *before[3:]]
    home = headed(made)[1]
    assert before[1] in [p.heading for p in home.parts] or len(home.parts) > 2
    draft = Drafter().finish(made, [(s, ()) for s in made.sections][:0], read_facts(SHEETS[2]))
    assert draft.report.ok


def test_a_section_left_out_says_so_of_its_facts(outline: Outline):
    made = shaped(outline, without(Shaping(), outline, 2))
    assert any("按您的要求删去" in u.reason for u in made.unused)


def test_a_name_and_a_length(outline: Outline):
    shaping = sized(renamed(Shaping(), outline, 2, "阵地建设。"), outline, 2, 333)
    section = headed(shaped(outline, shaping))[1]
    assert (section.heading, section.target_chars) == ("阵地建设", 333)


@pytest.mark.parametrize("change", [
    lambda o: moved(Shaping(), o, 1, 99), lambda o: moved(Shaping(), o, 0, 1), lambda o: renamed(Shaping(), o, 1, " "),
    lambda o: merged(Shaping(), o, 1, 1),
    lambda o: renamed(Shaping(), o, 1, "长" * 41), lambda o: without(Shaping(), o, 0), lambda o: sized(Shaping(), o, 1, 1),
])  # fmt: skip
def test_what_cannot_be_done_is_refused(outline: Outline, change):
    with pytest.raises(OutlineError):
        change(outline)


def test_changes_to_sections_that_are_gone_are_passed_over(outline: Outline):
    shaping = Shaping(("gone", "team"), (("gone", "x"),), (("gone", "team"), ("team", "gone")), ("gone",), (("gone", 100),))
    assert sorted(headings(shaped(outline, shaping))) == sorted(headings(outline))
