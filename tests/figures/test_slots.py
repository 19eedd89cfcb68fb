from hypothesis import given
from hypothesis import strategies as st

from kepudraft.figures.slots import cut, fill, mask

ALPHABET = "举办讲座0129一二三十百千万近余个人名次场年月日，。⟦F1⟧〔数〕"


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_what_is_cut_is_filled(text):
    assert fill(*cut(text)) == text


def test_slots_are_named_in_order():
    template, slots = cut("2024年举办讲座46场，听众9800人次。")
    assert template == "⟦F1⟧举办讲座⟦F2⟧，听众⟦F3⟧。"
    assert [slot.surface for slot in slots] == ["2024年", "46场", "9800人次"]


def test_a_bracket_that_looks_like_a_slot_survives():
    text = "填入⟦F1⟧后共3场"
    template, slots = cut(text)
    assert template == "填入⟦F1⟧后共⟦F2⟧"
    assert slots[0].figure is None
    assert fill(template, slots) == text


def test_masks_leave_words_alone():
    assert mask("9月14日学习十九大精神，举办近46场（次）讲座。") == "〔数〕学习十九大精神，举办〔数〕（次）讲座。"
    assert mask("获一等奖3项") == "获〔数〕"
