"""Clauses in one sentence: what need not be said again."""

from __future__ import annotations

import pytest

from kepudraft.compose.linking import goes_on, linked


@pytest.mark.parametrize(
    ("clauses", "sentence"),
    [
        (("举办临时展览6个", "临时展览接待观众9.4万人次"), "举办临时展览6个，接待观众9.4万人次"),
        (("设有宣传栏4处", "宣传栏每月换1期"), "设有宣传栏4处，每月换1期"),
        (("现有科普画廊46处", "现有科普基地22个"), "现有科普画廊46处、科普基地22个"),
        (("现有农技协5个，与上年持平", "现有农技协会员487人"), "现有农技协5个，与上年持平，会员487人"),
        (("举办科普讲座9场", "举办学术会议3场"), "举办科普讲座9场、学术会议3场"),
        (("举办科普讲座9场", "开展应急演练7场"), "举办科普讲座9场，开展应急演练7场"),
        (("开展青少年科普活动6场", "参加青少年科普活动的学生410人次"), "开展青少年科普活动6场，学生410人次参加"),
        (("举办科普讲座34场", "讲座听众6200余人次"), "举办科普讲座34场，听众6200余人次"),
        (("科技特派员9人，与上年持平", "农技协5个，与上年持平"), "科技特派员9人，农技协5个，均与上年持平"),
    ],
)
def test_what_was_said_is_not_said_again(clauses: tuple[str, ...], sentence: str):
    assert linked(clauses) == sentence


@pytest.mark.parametrize(
    ("before", "clause"),
    [
        ("举办科普讲座9场", "参加科普活动的公众1.6万人次"),  # of all activities, not of the lectures
        ("现有科技志愿者15800人", "科技志愿服务4260次"),
        ("现有科普教育基地86个，省级21个", "基地接待公众212万人次"),  # not of those of the province alone
        ("开展科普活动92场，其中园内61场", "活动参加公众2.3万人次"),
    ],
)
def test_a_figure_is_never_joined_to_another_thing(before: str, clause: str):
    assert linked((before, clause)) == f"{before}；{clause}"


def test_what_goes_on_about_a_total_stands_behind_its_parts():
    assert goes_on("举办讲座24场，其中健康讲座10场", "讲座听众1380人次")
    assert not goes_on("举办讲座24场", "发放资料800份")
