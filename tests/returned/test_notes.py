"""What a person reads of changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.returned.notes import difference


@pytest.mark.parametrize(("before", "after", "shown"), [
    ("举办科普讲座36场次，听众很多。", "举办科普讲座63场次，听众很多。", "举办科普讲座〔36→63〕场次，听众很多。"),
    ("听众1380人次。", "听众1280人次。", "听众〔1380→1280〕人次。"),
    ("接待38.6万人次。", "接待386人次。", "接待〔38.6万→386〕人次。"),
    ("完全不同的一句话。", "另写了别的内容，毫无关系！", ""),
    ("", "新的。", ""),
])
def test_a_difference_shows_whole_figures(before, after, shown):
    assert difference(before, after) == shown


def test_a_long_sentence_is_shortened_around_its_changes():
    before = "甲" * 60 + "46场" + "乙" * 60 + "12件" + "丙" * 60
    shown = difference(before, before.replace("46场", "64场").replace("12件", "21件"))
    assert "〔46→64〕" in shown
    assert "〔12→21〕" in shown
    assert len(shown) < 110


@given(st.text("甲乙46万.场", min_size=1, max_size=20), st.text("甲乙46万.场", min_size=1, max_size=20))
def test_short_differences_can_be_read_back(before, after):
    shown = difference(before, after)
    if shown and "…" not in shown:
        assert re.sub("〔(.*?)→(.*?)〕", r"\1", shown) == before
        assert re.sub("〔(.*?)→(.*?)〕", r"\2", shown) == after
