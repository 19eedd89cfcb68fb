"""One fact, one clause: each rule of the language by example."""

from __future__ import annotations

import pytest

from kepudraft.compose.clauses import clause, is_flow
from kepudraft.facts.sheet import Fact, Source, Status
from kepudraft.figures.scan import scan
from kepudraft.genre import Role


def fact(text: str, *, status: Status = Status.DONE, role: Role | None = None) -> Fact:
    return Fact("F1", text, scan(text).figures, "", status, Source("facts.txt", "第1行"), role=role)


def told(text: str, **options: object) -> str:
    return clause(fact(text, **options), unit="江州市科技馆")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("科普讲座46场", "举办科普讲座46场"),
        ("应急演练7场次", "开展应急演练7场次"),
        ("资料2.1万份", "发放资料2.1万份"),
        ("资料2.1万+份", "发放资料2.1万余份"),
        ("讲座100+场", "举办讲座100余场"),
        ("志愿者86+人", "现有志愿者86+人"),  # 86余人 is no Chinese
        ("临时展览6个，观众9.4万人次", "举办临时展览6个，接待观众9.4万人次"),
        ("志愿者68人", "现有志愿者68人"),
        ("现有科技小院2个，其中今年新建1个", "现有科技小院2个，其中今年新建1个"),
        ("科普大篷车38次", "科普大篷车出车38次"),
        ("科普大篷车8辆，出车356次", "现有科普大篷车8辆，出车356次"),
        ("展品完好率96.3%", "展品完好率为96.3%"),
        ("所属学会14个，学术交流11场次", "现有所属学会14个，开展学术交流11场次"),
        ("理事会1次，常务理事会4次", "召开理事会1次，常务理事会4次"),
        ("企业开放日6场", "开展企业开放日6场"),
        ("6月防灾减灾演练2场", "6月开展防灾减灾演练2场"),
        ("“护士进社区”义诊35次", "开展“护士进社区”义诊35次"),
        ("防沙治沙观察营1期", "举办防沙治沙观察营1期"),
        ("讲座9场，一共430人次", "举办讲座9场，430人次参加"),
        ("宣传单发了1500张", "发放宣传单1500张"),
        ("宣传栏22块，换内容6次", "现有宣传栏22块，更换内容6次"),
        ("科普月启动，全月活动156项", "科普月启动，全月开展活动156项"),
        ("获区级科普示范社区", "获评区级科普示范社区"),
        ("获评省级科技志愿服务先进集体", "获评省级科技志愿服务先进集体"),
        ("获区级科普示范社区创建奖", "获区级科普示范社区创建奖"),
        ("教学班36个，学生1580人", "现有教学班36个，学生1580人"),
        ("科普活动室1间60平方米", "现有科普活动室1间、60平方米"),
        ("科普挂图4套", "科普挂图4套"),  # made or shown, nobody says
    ],
)
def test_a_noun_gets_the_verb_that_goes_with_it(text: str, clause_of_it: str):
    assert told(text) == clause_of_it


@pytest.mark.parametrize(
    "text",
    [
        "接待观众38.6万人次", "走访科技工作者26人", "特派员服务行政村518个", "教师外出培训42人次", "台风期间连线9次",
        "楼道里挂了科普小牌", "与两家单位签订协议",
    ],
)
def test_a_clause_that_is_complete_or_unknown_stays(text: str):
    assert told(text) == text


def test_a_noun_with_the_wrong_unit_is_not_held_or_opened():
    assert told("参赛队伍184支") == "参赛队伍184支"
    assert told("青少年活动22场次") == "开展青少年活动22场次"  # 少年 is not the verb 少


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("全社会科普经费2860万元", "全社会投入科普经费2860万元"),
        ("暑假青少年活动6场", "暑假开展青少年活动6场"),
        ("资料全年5200份", "全年发放资料5200份"),
        ("辖区居民4860户", "辖区现有居民4860户"),
        ("新品种引进6个", "引进新品种6个"),
    ],
)
def test_the_verb_stands_behind_whose_figure_it_is(text: str, clause_of_it: str):
    assert told(text) == clause_of_it


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("3月18日，春耕技术培训，6个乡镇，参训412人次", "3月18日，举办春耕技术培训，6个乡镇参训412人次"),
        ("4月11日，青少年创新大赛终评，收到作品412件", "4月11日，举行青少年创新大赛终评，收到作品412件"),
        ("5月，全国科技活动周，活动21项", "5月全国科技活动周期间，开展活动21项"),
        ("全国科普月，18项，6800人次", "全国科普月期间开展活动18项，6800人次参加"),
        ("全国科普月7项", "全国科普月期间开展活动7项"),
        ("科普月做了活动12项", "科普月期间开展活动12项"),
        ("5月30日，科技工作者日，走访26人，开座谈会1场", "5月30日科技工作者日，走访26人，召开座谈会1场"),
        ("7月15日至8月20日，暑期科学营4期，营员160人", "7月15日至8月20日，举办暑期科学营4期，营员160人"),
    ],
)
def test_a_dated_event_says_what_was_done(text: str, clause_of_it: str):
    assert told(text) == clause_of_it


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("开展活动5场，参与3.5万人次", "开展活动5场，3.5万人次参与"),
        ("开展活动5场，620人次", "开展活动5场，620人次参加"),
        ("智能手机班6期180人次，讲防诈骗", "举办智能手机班6期，180人次参加，讲防诈骗"),
        ("举办培训班3期260人", "举办培训班3期，260人参加"),
        ("开放场所12天，3100人次", "开放场所12天，共3100人次"),
        ("居民2860户7100人", "现有居民2860户、7100人"),
    ],
)
def test_who_took_part_is_said_as_far_as_it_is_known(text: str, clause_of_it: str):
    assert told(text) == clause_of_it


def test_what_adds_up_to_a_total_is_its_parts():
    assert told("科学教师15人，专任9人、兼任6人") == "现有科学教师15人，其中专任9人、兼任6人"
    assert told("科学教师15人，专任9人、兼任5人") == "现有科学教师15人，专任9人、兼任5人"


def test_parts_stand_behind_their_total():
    assert told("讲座24场，1380人次听，其中健康讲座10场") == "举办讲座24场，其中健康讲座10场，1380人次听讲"


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("省科普微视频大赛二等奖1个、三等奖2个", "获省科普微视频大赛二等奖1个、三等奖2个"),
        ("区科技运动会团体一等奖1个", "获区科技运动会团体一等奖1个"),
        ("讲解员获省级比赛三等奖1个", "讲解员获省级比赛三等奖1个"),
        ("省五一劳动奖状", "获省五一劳动奖状"),
        ("认定为省级科普教育基地", "被认定为省级科普教育基地"),
    ],
)
def test_prizes_are_won(text: str, clause_of_it: str):
    assert told(text) == clause_of_it


def test_a_title_is_awarded_only_where_the_file_lists_it_as_an_honour():
    assert told("全市科普工作先进单位", role=Role.RESULTS) == "获评全市科普工作先进单位"
    assert told("全市科普工作先进单位") == "本馆为全市科普工作先进单位"


@pytest.mark.parametrize(
    ("text", "clause_of_it"),
    [
        ("科普讲座30场", "举办科普讲座30场"),
        ("志愿者350人", "志愿者达到350人"),
        ("志愿者发展到1500人", "志愿者发展到1500人"),
        ("宣传栏再加2处", "宣传栏再加2处"),
    ],
)
def test_a_plan_keeps_its_verb_or_gets_one(text: str, clause_of_it: str):
    assert told(text, status=Status.PLANNED) == clause_of_it


def test_problems_are_told_in_the_clerks_words():
    assert told("展品老化，年末故障待修12件", status=Status.PROBLEM) == "展品老化，年末故障待修12件"


def test_figures_are_written_one_way():
    assert told("志愿者服务9,800小时") == "志愿者服务9800小时"
    assert told("培训１２期，８６０人次") == "举办培训12期，860人次参加"
    assert told("讲座 18 场") == "举办讲座18场"
    assert told("科普志愿者三百一十二人") == "现有科普志愿者三百一十二人"


def test_parts_of_two_totals_stay_behind_both():
    text = "科普专项立项18项，安排240万元，其中重点项目4项、80万元"
    assert told(text) == text


def test_one_day_does_not_last():
    assert told("3月12日植树节，植树60棵").startswith("3月12日植树节，")
    assert told("科技节，活动16项").startswith("科技节期间，")


def test_an_open_day_is_no_opening():
    assert is_flow("开放298天")
    assert not is_flow("开放日参观740人次")
