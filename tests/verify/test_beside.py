"""Right values on one another's nouns within a sentence, which no sheet-wide check can know to be moved."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.verify.beside import misplaced, strays
from kepudraft.verify.telling import Telling, trimmed

SHEET = with_derived(read_facts_from_bytes("""单位：梧桐里社区
年度：2025
讲座24场，听众1380人次（上年20场、1120人次）
宣传栏6处，更换12期
志愿者68人，其中医生、教师21人
科普书架2个，藏书3200册，看书借书1860人次
垃圾分类知晓率由72%提高到86%
宣传栏6处，更换内容12期
科技特派员服务行政村104个
新技术推广8项
""".encode()))


def wrong(text: str, *ids: str) -> str:
    return "；".join(misplaced(text, [SHEET.fact(i) for i in ids]))


@pytest.mark.parametrize(("text", "fact"), [
    ("举办讲座24场，听众1380人次。", "F1"), ("举办讲座24场，吸引1380人次参加讲座。", "F1"), ("1380人次听众参加讲座24场。", "F1"),
    ("更换宣传栏12期，现有6处。", "F2"), ("宣传栏6处，宣传栏内容更新12期。", "F2"), ("6处宣传栏更换12期。", "F2"),
    ("现有志愿者68人，医生、教师等志愿者21人。", "F3"), ("科普书架2个，藏书3200册，借阅1860人次。", "F4"), ("知晓率从72%提高到86%。", "F5"),
    ("知晓率提高到86%，原为72%。", "F5"), ("科技特派员服务的行政村达到104个。", "F7"), ("推广新技术8项。", "F8"),
])
def test_figures_beside_their_own_words_or_none_are_in_place(text: str, fact: str):
    assert wrong(text, fact) == ""


@pytest.mark.parametrize(("text", "fact", "told"), [
    ("讲座1380人次，听众24场。", "F1", "“24场”写在了“1380人次”的位置"), ("宣传栏12期，更换6处。", "F2", "“12期”写在了“6处”的位置"),
    ("宣传栏更换了6处内容，共12期。", "F6", "“6处”写在了“12期”的位置"),
    ("志愿者增加68人，其中医生、教师21人。", "F3", "“68人”是有多少，不是变了多少"),
    ("宣传栏新增6处，更换12期。", "F2", "“6处”是有多少，不是变了多少"),
    ("新挂宣传栏6处，更换12期。", "F2", "“6处”是一共有多少，不是新增的"),
    ("现有医生68人，志愿者中教师21人。", "F3", "“68人”写在了“21人”的位置"),
    ("科普书架3200册，藏书2个，看书借书1860人次。", "F4", "“3200册”写在了“2个”的位置"),
    ("科普书架2个，看书借书3200册，藏书1860人次。", "F4", "“3200册”写在了“1860人次”的位置"),
    ("科技特派员为行政村提供科技服务104个。", "F7", "“104个”数的是“政村”"),
    ("知晓率由86%提高到72%。", "F5", "先后反了"), ("知晓率由72%提高了86%。", "F5", "是变成了多少"),
])
def test_figures_among_anothers_words_are_moved(text: str, fact: str, told: str):
    assert told in wrong(text, fact)


ALL = tuple(f.id for f in SHEET.facts if f.id == "F1" or "F1" in f.inputs)


@pytest.mark.parametrize("text", [
    "讲座24场，听众1380人次，增长23.2%。", "讲座24场，听众1380人次，比上年分别增加4场、增长23.2%。", "听众1380人次，讲座24场，听众增长23.2%。",
    "听众比上年增长23.2%，达1380人次，讲座24场。",
])
def test_a_share_behind_its_own_figure_is_in_place(text: str):
    assert strays(text, [SHEET.fact(i) for i in ALL]) == []


def test_a_share_behind_another_figure_is_a_stray_and_its_clause_goes_behind_its_own():
    text, facts = "讲座24场，比上年增长23.2%，听众1380人次。", tuple(SHEET.fact(i) for i in ALL)
    (stray,) = strays(text, facts)
    assert (stray.surface, stray.owner, stray.behind) == ("23.2%", "1380人次", "24场")
    assert trimmed(Telling(text, "", facts, SHEET.unit)) == "讲座24场，听众1380人次，比上年增长23.2%。"


def test_an_amount_behind_a_part_goes_behind_the_whole():
    sheet = with_derived(read_facts_from_bytes("单位：梧桐里社区\n年度：2025\n讲座24场，其中健康讲座10场（上年20场）\n".encode()))
    facts = tuple(sheet.facts)
    text = "举办讲座24场，其中健康讲座10场，比上年增加4场。"
    (stray,) = strays(text, facts)
    assert (stray.surface, stray.owner, stray.behind) == ("4场", "24场", "10场")
    assert trimmed(Telling(text, "", facts, sheet.unit)) == "举办讲座24场，比上年增加4场，其中健康讲座10场。"
    assert strays("举办讲座24场，比上年增加4场，其中健康讲座10场。", facts) == []


def test_a_change_that_names_another_figure_is_a_stray():
    sheet = with_derived(read_facts_from_bytes("单位：江州市科技馆\n年度：2025\n兴趣班48个班，学员1150人（上年44个班、1060人）\n".encode()))
    facts = tuple(sheet.facts)
    (stray,) = strays("兴趣班48个班，学员人数增加4个，达到1150人。", facts)
    assert (stray.surface, stray.owner, stray.behind) == ("4个", "48个", "1150人")
    assert strays("兴趣班48个班，班数增加4个，学员1150人。", facts) == []
    assert trimmed(Telling("兴趣班48个班，学员人数增加4个，达到1150人。", "", facts, sheet.unit)) == "兴趣班48个班，达到1150人。"


def test_changes_of_several_figures_each_go_behind_their_own():
    facts = tuple(SHEET.fact(i) for i in ALL)
    text = "举办讲座24场，听众1380人次，比上年增加4场，增长23.2%。"
    assert trimmed(Telling(text, "", facts, SHEET.unit)) == "举办讲座24场，比上年增加4场，听众1380人次，增长23.2%。"


def test_shares_in_a_row_go_with_the_figures_before_them_in_their_order():
    sheet = with_derived(read_facts_from_bytes("单位：江州市科技馆\n年度：2025\n活动118项，参与315人次（上年105项、282人次）\n".encode()))
    facts = list(sheet.facts)
    one, two = (f.figures[0].surface for f in facts if f.formula and f.figures[0].surface.endswith("%"))
    assert strays(f"活动118项，参与315人次，增长{one}和{two}。", facts) == []
    assert len(strays(f"活动118项，参与315人次，增长{two}和{one}。", facts)) == 2


def test_as_many_as_before_stands_behind_what_is_as_many():
    sheet = with_derived(read_facts_from_bytes(
        "单位：澜川市林学会\n年度：2025\n学术交流3场次，参会240人次（上年3场次、215人次）\n".encode(), suffix=".txt"
    ))
    def said(text: str) -> str:
        return trimmed(Telling(text, "", sheet.facts, sheet.unit))
    right = "学术交流3场次，与上年持平，参会240人次。"
    assert said(right) == right
    assert said("学术交流3场次，参会240人次，与上年持平。") == right
    two = with_derived(read_facts_from_bytes(
        "单位：澜川市林学会\n年度：2025\n交流3场次（上年3场次）\n讲座4场（上年4场）\n".encode(), suffix=".txt"
    ))
    assert strays("讲座4场，与上年持平，交流3场次，与上年持平。", two.facts) == []
    assert misplaced("学术交流3场次，参会240人次与上年持平。", sheet.facts) == ["“与上年持平”是“3场次”的增减，不是“240人次”的"]
