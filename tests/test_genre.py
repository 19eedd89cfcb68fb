"""The table of sections and topics: complete, and complained of with its place where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.errors import CorpusError
from kepudraft.genre import Genre, Role, UnitType, load_genre
from kepudraft.settings import shipped


@pytest.fixture
def genre() -> Genre:
    return load_genre(shipped("corpus"))


def test_every_type_orders_known_roles_and_needs_problems_and_plans(genre: Genre):
    for form in genre.types.values():
        assert set(form.needed) <= set(form.order)
        assert {Role.PROBLEMS, Role.PLANS} <= set(form.needed)
        assert form.order[0] is Role.OVERVIEW
        assert form.order[-2:] == (Role.PROBLEMS, Role.PLANS)


def test_headings_of_one_style_have_one_shape(genre: Genre):
    for unit_type in UnitType:
        pairs = [genre.heading(unit_type, role, 0) for role in (Role.LEADERSHIP, Role.VENUES, Role.ACTIVITIES, Role.TEAM)]
        assert all(h.count("，") == 1 for h in pairs), pairs


@pytest.mark.parametrize(
    ("text", "role", "topic"),
    [
        ("接待观众38.6万人次", Role.VENUES, "观众接待"),
        ("科普大篷车进校园48次", Role.VENUES, "流动科普"),
        ("全国科普月期间，活动32项", Role.ACTIVITIES, "主题活动"),
        ("省青少年科技创新大赛二等奖2项", Role.YOUTH, "竞赛活动"),
        ("实用技术培训48期，培训农民5200人次", Role.RURAL, "技术培训"),
        ("注册科普志愿者186人", Role.TEAM, "志愿服务"),
        ("投入科普经费860万元", Role.LEADERSHIP, "制度经费"),
    ],
)
def test_a_facts_words_tell_its_topic(genre: Genre, text: str, role: Role, topic: str):
    found = genre.topic_of(text)
    assert found is not None
    assert (found.role, found.name) == (role, topic)


def test_what_opens_a_summary_is_known_with_what_goes_on_about_it(genre: Genre):
    lead = next(lead for lead in genre.leads if lead.fits("全年开展科普活动 860 场次，参与 32 万人次"))
    assert lead.is_followed_by("参加科普活动的公众1.6万人次")
    assert not lead.is_followed_by("讲座听众1380人次")
    assert genre.is_basic("辖区居民4860户、1.2万余人")
    assert not genre.is_basic("学生1.9万人次")


def test_a_lead_that_is_no_pattern_is_told(tmp_path: Path):
    text = (shipped("corpus") / "roles.toml").read_text("utf-8").replace("pattern = '^(?:开[放馆]", "pattern = '^(?:开[放馆(")
    (tmp_path / "roles.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match="不是正则表达式"):
        load_genre(tmp_path)


def test_no_cue_no_topic(genre: Genre):
    assert genre.topic_of("楼道里挂了小牌") is None


def test_awards_are_results_whatever_they_speak_of(genre: Genre):
    assert genre.marked("获评省级科技志愿服务先进集体") is Role.RESULTS
    assert genre.marked("区级科普示范社区") is Role.RESULTS
    assert genre.marked("1个社区获评市级科普示范社区") is Role.RESULTS
    assert genre.marked("评出一等奖3人") is None
    assert genre.marked("志愿者68人") is None


@pytest.mark.parametrize(
    ("broken", "says"),
    [("styles = [", "读不通"), ("styles = []", "内容不对"), ("", "内容不对")],
)
def test_a_broken_table_is_told_with_its_place(tmp_path: Path, broken: str, says: str):
    (tmp_path / "roles.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(CorpusError, match=says) as error:
        load_genre(tmp_path)
    assert "roles.toml" in str(error.value)


def test_a_missing_table_is_told(tmp_path: Path):
    with pytest.raises(CorpusError, match="找不到段落表"):
        load_genre(tmp_path)


def test_a_heading_list_of_the_wrong_length_is_told(tmp_path: Path):
    text = (shipped("corpus") / "roles.toml").read_text("utf-8").replace('styles = ["对句", "短句", "平实"]', 'styles = ["对句"]')
    (tmp_path / "roles.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match="headings 应有1个"):
        load_genre(tmp_path)
