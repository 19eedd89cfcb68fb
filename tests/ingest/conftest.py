"""Texts to be taken in, written for these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.genre import Genre, load_genre
from tests.conftest import ROOT

ONE = """青石县科协2022年工作总结

2022年，青石县科协在县委、县政府领导下，围绕提升全民科学素质，做了以下工作，现总结如下。

一、加强组织领导

县政府召开联席会议2次，全县落实科普经费96万元，各乡镇都有分管领导。

二、办好科普活动

（一）科技活动周。5月组织28家单位参加，发放资料1.2万份，接待群众3600人次。

（二）全国科普日。9月在全县办活动45场，有1.8万人次参加。

三、存在的问题

基层人手少，活动之后问效不够。

四、2023年工作计划

每个乡镇办好4场活动，全县新建科普驿站5个。
"""


@pytest.fixture(scope="session")
def genre() -> Genre:
    return load_genre(ROOT / "corpus")


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "青石县科协.txt"
    path.write_text(ONE, encoding="utf-8")
    return path
