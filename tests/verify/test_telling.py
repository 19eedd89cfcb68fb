"""A sentence and the facts that it was given: all told, once, nothing else."""

from __future__ import annotations

import re

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.verify.telling import Telling, _repeated, faults, is_copied, trimmed

SHEET = with_derived(read_facts_from_bytes("""单位：梧桐里社区
年度：2025
讲座24场，听众1380人次
宣传栏6处，更换12期
垃圾分类科普入户1150户
图书室藏书3200册，看书借书1860人次
活动室每天开放，周一闭馆
""".encode()))


def telling(text: str, *ids: str, lead: str = "") -> Telling:
    return Telling(lead + text, lead, tuple(SHEET.fact(i) for i in ids), f"{SHEET.unit}")


def problems(text: str, *ids: str) -> str:
    return "；".join(faults([telling(text, *ids)], "", SHEET, ())[0])


@pytest.mark.parametrize(("text", "ids"), [
    ("全年举办讲座24场，听众达1380人次。", ("F1",)), ("现有宣传栏6处，共更换12期。", ("F2",)), ("开展垃圾分类科普，入户1150户。", ("F3",)),
    ("图书室藏书3200册，借阅1860人次。", ("F4",)), ("活动室每天开放，周一闭馆。", ("F5",)),
])
def test_a_faithful_sentence_has_no_fault(text: str, ids: tuple[str, ...]):
    assert problems(text, *ids) == ""


@pytest.mark.parametrize(("text", "ids", "told"), [
    ("全年举办讲座24场。", ("F1",), "漏了“1380人次”"), ("举办讲座24场，听众1380人次，更换12期。", ("F1",), "“12期”是别的事情的数字"),
    ("讲座24场，听众1380人次，共24场。", ("F1",), "写了2遍"), ("活动室每天开放。", ("F5",), "没有说清“周一闭馆”"),
    ("科普分类科普入户1150户。", ("F3",), "没有说清"), ("讲座24场，听众1380人次，以及。", ("F1",), "没有写完"),
    ("通过讲座24场1380人次听众。", ("F1",), "没有写完"), ("讲座24场，听众1380人次，发挥了作用。", ("F1",), "作用"),
    ("讲座24场（听众1380人次。", ("F1",), "没有写完"), ("讲座24场。听众1380人次。", ("F1",), "写成一句"),
    ("讲座{a}场，听众1380人次。", ("F1",), "留有记号"), ("听众众多的讲座24场，听众众多，1380人次。", ("F1",), "说了两遍"),
])
def test_what_is_wrong_is_said_in_words(text: str, ids: tuple[str, ...], told: str):
    assert told in problems(text, *ids)


def test_whose_contest_it_was_is_told():
    sheet = with_derived(read_facts_from_bytes("单位：江州市科技馆\n年度：2025\n获省科普剧大赛一等奖1个\n".encode()))
    one = Telling("获科普剧大赛一等奖1个。", "", sheet.facts, sheet.unit)
    assert faults([one], "", sheet, ())[0] == ("漏了“省”",)
    assert faults([Telling("获省科普剧大赛一等奖1个。", "", sheet.facts, sheet.unit)], "", sheet, ())[0] == ()


def test_joint_words_do_not_look_unfinished():
    assert problems("讲座24场，1380人次听众参与。", "F1") == ""


def test_clauses_that_claim_are_cut_and_the_first_never():
    assert trimmed(telling("讲座24场，听众1380人次，取得良好的社会效益。", "F1")) == "讲座24场，听众1380人次。"
    assert trimmed(telling("取得良好的社会效益，讲座24场。", "F1")).startswith("取得")


@pytest.mark.parametrize("empty", ["，参与活动", "，起到了宣传的作用", "，展示了讲座的风采", "；共计参加"])
def test_a_clause_that_says_nothing_of_the_facts_is_cut(empty: str):
    assert trimmed(telling(f"讲座24场，听众1380人次{empty}。", "F1")) == "讲座24场，听众1380人次。"


def test_a_clause_that_tells_a_word_of_the_facts_stays():
    assert trimmed(telling("活动室每天开放，周一闭馆。", "F5")) == "活动室每天开放，周一闭馆。"


def test_a_clause_that_tells_a_figure_again_is_cut():
    assert trimmed(telling("讲座24场，听众1380人次，全年共举办24场。", "F1")) == "讲座24场，听众1380人次。"


def test_notes_copied_are_known_whatever_their_marks():
    assert is_copied(telling("讲座24场、听众1380人次。", "F1"))
    assert is_copied(telling("讲座24场，听众1380人次；", "F1", lead="一是"))
    assert not is_copied(telling("举办讲座24场，听众1380人次。", "F1"))


def test_each_sentence_is_judged_by_its_own_facts():
    one, two = telling("讲座6场，听众1380人次。", "F1"), telling("宣传栏24处，更换12期。", "F2")
    first, second = faults([one, two], "", SHEET, ())
    assert any("6场" in p for p in first)
    assert any("24处" in p for p in second)


STANDING = with_derived(read_facts_from_bytes("""单位：梧桐里社区
年度：2025
科普书架2个，藏书3200册
获区科普知识竞赛二等奖1个
暑假夏令营3期
问题：科普专职人员没有，兼职3人
问题：讲解员少，只有5人
明年：讲座30场；宣传栏增加2处；再加展板20块
""".encode()))


def standing(text: str, part: str) -> str:
    fact = next(f for f in STANDING.facts if part in f.text)
    return "；".join(faults([Telling(text, "", (fact,), STANDING.unit)], "", STANDING, ())[0])


@pytest.mark.parametrize(("text", "part"), [
    ("现有科普书架2个，藏书共3200册。", "书架"), ("在区科普知识竞赛中荣获二等奖1个。", "二等奖"), ("暑期举办夏令营3期。", "夏令营"),
    ("尚未配备科普专职人员，仅有兼职3人。", "专职"), ("缺少科普专职人员，只有兼职3人。", "专职"), ("讲解员力量不足，目前只有5人。", "讲解员"),
    ("明年计划举办讲座30场。", "讲座"), ("将增设宣传栏2处。", "宣传栏"), ("计划新增展板20块。", "展板"),
])
def test_words_that_a_facts_standing_allows_are_no_claim(text: str, part: str):
    assert not re.search("事实里没有|漏了", standing(text, part))


@pytest.mark.parametrize(("text", "part", "told"), [
    ("没有科普书架2个，藏书3200册。", "书架", "没有"), ("科普书架2个，尚未藏书3200册。", "书架", "尚未"),
    ("将有科普书架2个，藏书3200册。", "书架", "将"), ("新增科普书架2个，藏书3200册。", "书架", "新增"),
    ("减少科普书架2个，藏书3200册。", "书架", "减少"), ("去年科普书架2个，藏书3200册。", "书架", "去年"),
    ("科普书架每个2个，每月藏书3200册。", "书架", "每"), ("各科普书架2个，藏书3200册。", "书架", "各"),
    ("科普书架2个，落后藏书3200册。", "书架", "落后"), ("科普书架2个，比上年少，藏书3200册。", "书架", "少"),
    ("科普书架2个，较上年持平，藏书3200册。", "书架", "持平"),
    ("走访慰问，有科普书架2个，藏书3200册。", "书架", "走访"), ("科普书架2个超过预期，藏书3200册。", "书架", "预期"),
    ("科普书架2个？藏书3200册。", "书架", "应写成一句"),
    ("颁发区科普知识竞赛二等奖1个。", "二等奖", "颁发"),
    ("获市科普知识竞赛二等奖1个。", "二等奖", "市"), ("再次获区科普知识竞赛二等奖1个。", "二等奖", "再次"),
    ("未获区科普知识竞赛二等奖1个。", "二等奖", "未"), ("联合获区科普知识竞赛二等奖1个。", "二等奖", "联合"),
    ("科普专职人员，兼职3人。", "专职", "漏了“没有”"), ("科普专职人员有，兼职没有3人。", "专职", "否定的不是这件事"),
    ("已举办讲座30场。", "讲座", "已"),
    ("宣传栏有2处。", "宣传栏", "漏了“增加”"),
])
def test_small_words_that_turn_a_fact_round_are_claims(text: str, part: str, told: str):
    assert re.search(f"(?:事实里没有“|漏了“)[^”]*{told}|{told}", standing(text, part))


@pytest.mark.parametrize("more", [
    "5", "，5", "（5）", "，共五", "，上百", "，近百", "，达万", "，１２", "，一", "⑤", "，№5", "，占大半", "余",
    "</s>", " ~~", "😀", "\u202e", "\x00", "Я", "，㐀㐁",
])
def test_numbers_that_nobody_reads_and_signs_that_nobody_wrote_are_faults(more: str):
    assert problems(f"举办讲座24场{more}，听众1380人次。", "F1") != ""


def test_a_long_answer_costs_no_more_than_its_length():
    text = "".join(chr(0x4E00 + i * 7 % 20000) for i in range(20_000))
    assert _repeated(text) == ""
    assert _repeated(text + text[500:900]) == text[500:900]


def test_a_figure_without_the_noun_that_it_counts_is_told():
    sheet = with_derived(read_facts_from_bytes("单位：澜川市青少年科技馆\n年度：2025\n讲座24场\n明年：兴趣班办到52个班\n".encode(), suffix=".txt"))
    plan = sheet.facts[-1:]
    assert "没有说清" in faults([Telling("办到52个班。", "", plan, sheet.unit)], "下一步工作计划", sheet, ())[0][0]
    assert faults([Telling("兴趣班计划办到52个班。", "", plan, sheet.unit)], "下一步工作计划", sheet, ())[0] == ()


def test_a_number_that_has_lost_its_unit_is_told():
    sheet = with_derived(read_facts_from_bytes("单位：梧桐里社区\n年度：2025\n社团学生352人（上年288人）\n".encode(), suffix=".txt"))
    lost = faults([Telling("社团学生352人，比上年增长22.2。", "", sheet.facts, sheet.unit)], "", sheet, ())[0]
    assert any(f.startswith("“22.2”不对") for f in lost)
    assert faults([Telling("社团学生352人，比上年增长22.2%。", "", sheet.facts, sheet.unit)], "", sheet, ())[0] == ()


def test_a_bracket_written_twice_is_told():
    sheet = with_derived(read_facts_from_bytes("单位：梧桐里社区\n年度：2025\n新添仪器46件（套）\n".encode(), suffix=".txt"))
    assert faults([Telling("新添仪器46件（套）（套）。", "", sheet.facts, sheet.unit)], "", sheet, ())[0] == ("“（套）”写了两遍",)


def test_an_amount_without_its_unit_is_told():
    assert "“24”没有写单位" in problems("举办讲座24，听众1380人次。", "F1")


def test_a_kind_of_enterprise_keeps_its_whole_name():
    sheet = with_derived(read_facts_from_bytes("单位：云岭县科学技术局\n年度：2025\n高新技术企业开放日6场\n".encode(), suffix=".txt"))
    assert "漏了“高新技术企业”" in faults([Telling("举办新技术企业开放日6场。", "", sheet.facts, sheet.unit)], "", sheet, ())[0]
