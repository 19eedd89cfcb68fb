"""Sessions with a model: prose that streams in, instructions, failures, cost; whatever it says, figures stay the facts'."""

from __future__ import annotations

import re

import pytest

from kepudraft.compose.passage import Origin
from kepudraft.errors import ModelUnavailable, RateLimited
from kepudraft.llm.chat import ChatRequest, Completion, Usage
from kepudraft.llm.scripted import ScriptedModel
from kepudraft.session.work import Step
from tests.session.conftest import ANSWERS


def lines_of(request: ChatRequest) -> list[str]:
    user = request.messages[-1].content
    block = user.split("事实：\n", 1)[1].split("\n\n", 1)[0].removesuffix("\n正文：")
    return [re.sub(r"^\d+\. ", "", line) for line in block.splitlines()]


def fluent(request: ChatRequest) -> Completion:
    text = "\n".join(f"{n}. 全年{line}。" for n, line in enumerate(lines_of(request), 1))
    return Completion(text, Usage(100, 20, 40))


def wrong(request: ChatRequest) -> str:
    return "\n".join(f"{n}. {re.sub('[0-9]', '9', line)}。" for n, line in enumerate(lines_of(request), 1))


@pytest.fixture
def models() -> dict[str, ScriptedModel]:
    def refuse(request: ChatRequest) -> str:
        raise ModelUnavailable("连不上模型服务", remedy="请检查网络")

    def stopped(request: ChatRequest) -> str:
        raise KeyboardInterrupt

    def limited(request: ChatRequest) -> str:
        raise RateLimited("请求太多", remedy="请过一会儿再试", retry_after=3)

    replies = {"fluent": fluent, "wrong": wrong, "down": refuse, "stopped": stopped, "limited": limited}
    return {name: ScriptedModel(reply, name=name) for name, reply in replies.items()}


@pytest.fixture
def sitting(sit, models):
    opened = sit(open_model=models.__getitem__)
    opened.begin()
    opened.say(*ANSWERS, "", "")
    return opened


def origins(sitting) -> set[Origin]:
    return {s.origin for _, w in sitting.work.sections for p in w.passages for s in p.sentences}


def test_a_models_prose_is_shown_verified_and_counted(sitting):
    sitting.say("/model fluent")
    shown = sitting.say("全部")
    assert Origin.MODEL in origins(sitting)
    assert "全年" in shown
    assert "已写出" in sitting.say("/export a.md")
    cost = sitting.say("/cost")
    assert "fluent" in cost
    assert sitting.log.state.usage.prompt == 100 * sitting.log.state.requests >= 100


def test_wrong_figures_never_stay(sitting):
    sitting.say("/model wrong", "全部")
    assert "全部有依据" in sitting.say("/check")
    text = "\n".join(p.text for _, w in sitting.work.sections for p in w.passages)
    assert "99" not in text


def test_an_instruction_reaches_the_model(sitting, models):
    sitting.say("/model fluent", "全部", "/retry 2 写得简洁些")
    assert any("写得简洁些" in m.content for r in models["fluent"].requests for m in r.messages)


@pytest.mark.parametrize(("name", "said"), [("down", "连不上模型服务"), ("limited", "请求太多"), ("stopped", "已停下")])
def test_a_call_that_fails_loses_nothing_and_offline_goes_on(sitting, name: str, said: str):
    sitting.say("/model fluent", "", "")
    work = sitting.work
    sitting.say(f"/model {name}")
    shown = sitting.say("/retry 0")
    assert said in shown
    assert sitting.work == work
    sitting.say("")  # accepts, and fails to write the next
    assert sitting.work.step is Step.DRAFT
    sitting.say("/offline", "全部")
    assert sitting.work.step is Step.DONE
    assert "已写出" in sitting.say("/export a.docx")


def test_what_was_spent_is_known_after_a_failure_and_a_restart(sitting, sit, models):
    sitting.say("/model fluent", "", "/model down", "/retry 0")
    requests = sitting.log.state.requests
    assert requests >= 2
    again = sit(open_model=models.__getitem__)
    again.begin()
    assert again.log.state.requests == requests
    assert again.log.state.model == "down"


def test_the_version_before_is_one_that_was_seen(sitting):
    sitting.say("/model fluent", "全部")
    role, before = sitting.work.sections[2]
    sitting.say("/model wrong", "/retry 2")
    after = sitting.work.written(role)
    assert all("99" not in p.text for version in after.older for p in version)
    assert after.passages == before.passages or after.older[-1] == before.passages
