"""Long titles are broken by sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.export.headline import break_title, width


@pytest.mark.parametrize(
    ("unit", "broken"),
    [
        ("江州市科技馆", "江州市科技馆2025年科普工作总结"),
        ("江州市青山区科学技术协会", "江州市青山区科学技术协会|2025年度科普工作总结"),
        ("江州市自然博物馆", "江州市自然博物馆|2025年度科普教育基地工作总结"),
        ("江州市市民中心", "江州市市民中心|2025年全民科学素质工作总结"),
        ("江州市青山区阳光街道幸福里社区居民委员会", "江州市青山区阳光街道幸福里社区|居民委员会2025年科普工作总结"),
        (
            "中国科学院江州植物园国家级科普教育基地管理办公室",
            "中国科学院江州植物园|国家级科普教育基地管理办公室|2025年度工作总结",
        ),
        ("甲" * 40, "甲" * 40 + "总结"),
        ("", "关于认真做好全市科普工作情况的总结汇报材料"),
    ],
)
def test_titles_are_broken_by_sense(unit, broken):
    assert break_title(broken.replace("|", ""), unit) == tuple(broken.split("|"))


@given(st.text("江州市青山区科学技术协会街道2025年度工作总结", max_size=70), st.text("江州市区街道科技馆", max_size=30))
def test_the_lines_joined_are_the_title(title, unit):
    parts = break_title(unit + title, unit)
    assert "".join(parts) == unit + title
    assert len(parts) == 1 or max(map(width, parts)) <= 18


@given(st.text("江州市协会总结", max_size=30), st.text("江州市协会总结", max_size=30))
def test_a_year_is_never_broken(before, after):
    title = f"{before}2025年{after}"
    assert any("2025年" in part for part in break_title(title, before))


def test_digits_are_half_as_wide():
    assert width("2025年（一）") == 6
