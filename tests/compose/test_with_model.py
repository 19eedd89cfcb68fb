"""What a model is shown in place of values."""

from __future__ import annotations

from kepudraft.compose.with_model import hidden


def test_a_sign_of_percent_goes_with_its_number():
    slots: dict[str, str] = {}
    assert hidden("讲座24场，增长22.2%", slots, 0) == "讲座{a}场，增长{b}"
    assert [*slots.values()] == ["24", "22.2%"]


def test_numbers_that_are_no_figures_are_hidden_too():
    slots: dict[str, str] = {}
    assert not any(c.isdigit() for c in hidden("印发江科〔2025〕8号文件，听众9800人次", slots, 0))
    assert "9800" in slots.values()
