"""Facts and scripted models that the tests of drafting with a model share."""

from __future__ import annotations

import re
from collections.abc import Callable

from kepudraft.assemble import Draft, walk
from kepudraft.compose.passage import Sentence
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.llm.chat import ChatRequest
from kepudraft.llm.scripted import ScriptedModel
from kepudraft.verify.figures import verify

FACTS = """单位：梧桐里社区
年度：2025
讲座24场，听众1380人次（上年20场、1120人次）
宣传栏6处，更换12期
志愿者68人，其中医生、教师21人
义诊咨询12次460人次
获区科普知识竞赛二等奖1个
问题：活动室只有120平方米，一次坐40人
明年：讲座30场；宣传栏增加2处
"""


def sheet_of(text: str = FACTS) -> FactSheet:
    return read_facts_from_bytes(text.encode())


def lines_of(request: ChatRequest) -> list[str]:
    """The numbered facts of a request."""
    user = request.messages[-1].content
    block = user.split("事实：\n", 1)[1].split("\n\n", 1)[0].removesuffix("\n正文：")
    return [re.sub(r"^\d+\. ", "", line) for line in block.splitlines()]


def model(write: Callable[[str], str], **options: bool) -> ScriptedModel:
    """A model that writes each line of facts by `write`."""
    return ScriptedModel(
        lambda request: "\n".join(f"{n}. {write(line)}" for n, line in enumerate(lines_of(request), 1)), **options
    )


def fluent(line: str) -> str:
    return f"共有{line}。"


def sentences(draft: Draft) -> list[Sentence]:
    return [s for section in walk(draft.sections) for s in section.passage.sentences]


def assert_whole(draft: Draft) -> None:
    """Faithful, and every fact told or listed."""
    assert verify(draft.text, draft.sheet).ok
    told = {i for s in sentences(draft) for i in s.fact_ids} | {u.fact_id for u in draft.unused}
    assert {f.id for f in draft.sheet.facts if not f.formula} <= told
