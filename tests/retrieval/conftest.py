from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.retrieval.encode import HashingEncoder

HEAD = """---
id: {id}
unit_type: {unit_type}
level: 县级
year: 2018
title: 某单位2018年科普工作总结
fictional: true
---
"""
EXEMPLARS = {
    "guan-a": (
        "科技馆",
        "## 一、办好展览 {role=activities}\n临时展览3个，观众38.6万人次。\n"
        "## 二、存在问题 {role=problems}\n展品老化，更新资金不足。\n",
    ),
    "guan-b": (
        "科技馆",
        "## 一、展教活动 {role=activities}\n科普大篷车进乡镇40次，受众2万人次。\n"
        "### （一）科学课 {role=activities}\n科学课120场，学生6000人次。\n"
        "### （二）科学秀 {role=youth}\n科学秀60场，学生9000人次。\n"
        "### （三）讲座 {role=activities}\n院士讲座5场，听众800人次。\n",
    ),
    "shequ-a": (
        "社区",
        "## 一、讲座入户 {role=activities}\n举办健康讲座12场，居民600人次参加。\n"
        "## 二、明年打算 {role=plans}\n更新科普画廊，再办讲座10场。\n",
    ),
    "shequ-b": ("社区", "## 一、读书活动 {role=activities}\n图书室新增图书500册，居民借阅1200人次。\n"),
    "xuexiao-a": ("学校", "## 一、社团 {role=youth}\n航模社团30人，获省级一等奖2项。\n"),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus folder of five short exemplars."""
    folder = tmp_path / "corpus"
    (folder / "exemplars").mkdir(parents=True)
    for name, (unit_type, body) in EXEMPLARS.items():
        path = folder / "exemplars" / f"{name}.md"
        path.write_text(HEAD.format(id=name, unit_type=unit_type) + body, encoding="utf-8")
    return folder


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder(dim=128)
