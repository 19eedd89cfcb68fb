"""What each step of a session asks, and what an answer to it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from kepudraft.errors import FactError, InputError
from kepudraft.facts.indicators import Indicator
from kepudraft.figures.scan import scan
from kepudraft.genre import UnitType
from kepudraft.session import asking, drafting, views
from kepudraft.session.corrections import corrected
from kepudraft.session.desk import Desk
from kepudraft.session.exporting import export
from kepudraft.session.intake import take_answer, take_text
from kepudraft.session.opening import interviewing, set_heading, take_pasted
from kepudraft.session.outlining import shape_outline
from kepudraft.session.screen import Tone
from kepudraft.session.work import Step, Work

PROMPTS = {
    Step.UNIT: "单位> ", Step.TYPE: "类型> ", Step.YEAR: "年度> ", Step.ASK: "答> ", Step.MORE: "补充> ", Step.FACTS: "事实> ",
    Step.OUTLINE: "提纲> ", Step.DRAFT: "起草> ", Step.DONE: "完成> ",
}
ALL = ("全部", "全部写完", "都写", "all", "一次写完")
YES = ("", "好", "好的", "对", "是", "是的", "行", "可以", "ok", "y", "yes", "没有问题", "没问题", "接受", "下一步", "继续")
_ENOUGH = ("", "无", "没有", "没有了", "没了", "好了", "完了", "就这些")


def ask(desk: Desk) -> None:
    """Put the present step's question."""
    work = desk.work
    if work.step is Step.DRAFT:
        drafting.ask(desk)
        return
    desk.screen.say(_question(desk), Tone.ASK)
    if work.step is Step.ASK and not work.answers:
        desk.screen.say("    直接写数，如 24；有上年数就写 24，上年20。没有写 无，暂缺写 待补。整段材料也可以直接粘贴。")


def _question(desk: Desk) -> str:
    work, step = desk.work, desk.work.step
    if step is Step.ASK and (indicator := asking.next_indicator(work)):
        return asking.question(work, indicator)
    if step is Step.DONE and desk.log.state.exported:
        return "写完了。还可以接着改，改后用 /export 再导出；回车退出。"
    return {
        Step.UNIT: "单位名称是什么？（也可以把事实文件拖进来，或粘贴一段材料）",
        Step.TYPE: "是哪类单位？" + "  ".join(f"{n} {t}" for n, t in enumerate(UnitType, 1)),
        Step.YEAR: f"总结哪一年？（回车为{_usual_year(desk)}）",
        Step.ASK: "问完了，回车继续。",
        Step.MORE: "还有别的要写吗？一行一条，可粘贴、可拖入文件；问题写“问题：…”，计划写“明年：…”。没有就回车。",
        Step.FACTS: "事实对吗？回车进入提纲；要改就写，如 F3 改为 46场、F3 上年40场、删除 F3、增加 讲座46场。",
        Step.OUTLINE: "提纲可以吗？回车开始起草；要改就写，如 移动 3 到 2、改名 2 新标题、合并 3 2、删除 4、字数 2 300。",
        Step.DONE: "各部分都已写好。回车导出 Word；/check 核对，/edit 2 修改，/help 看其他命令，Ctrl-D 退出。",
    }[step]


def answer(desk: Desk, line: str) -> None:
    """Take the answer to the present step.

    Raises:
        InputError: It cannot be used.
    """
    _ANSWERS[desk.work.step](desk, line)


def where(desk: Desk) -> str:
    """Where a session stands, in a line."""
    work = desk.work
    head = f"{work.unit or '单位未定'}{f'，{work.year}年' if work.year else ''}，{len(work.facts)}条事实"
    return head + (f"，已写{len(work.sections)}部分" if work.sections else "") + (f"，{len(work.questions)}个问题没答" if work.questions else "")


def _unit(desk: Desk, line: str) -> None:
    if not line:
        raise InputError("还不知道单位名称", remedy="请输入全称，如 梧桐里社区")
    if "\n" not in line:
        set_heading(desk, unit=line.removeprefix("单位：").removeprefix("单位:").strip())
        return
    take_pasted(desk, line)


def _type(desk: Desk, line: str) -> None:
    if not line:
        raise InputError("还不知道单位类型", remedy="请输入前面的序号，如 4")
    set_heading(desk, unit_type=line)


def _year(desk: Desk, line: str) -> None:
    set_heading(desk, year=line or str(_usual_year(desk)))


def _usual_year(desk: Desk) -> int:
    today = desk.tools.today()
    return today.year if today.month > 6 else today.year - 1


def _indicator(desk: Desk, line: str) -> None:
    indicator = asking.next_indicator(desk.work)
    if indicator is None:
        desk.save(replace(desk.work, step=Step.MORE), "问完了")
        return
    if not line:
        raise InputError("没有读到答案", remedy="没有这一项请写 无，暂缺请写 待补")
    if "\n" in line:
        desk.taken(take_text(desk.work, line), "粘贴材料", then=interviewing)
        return
    _answered(desk, indicator, line)


def _answered(desk: Desk, indicator: Indicator, line: str) -> None:
    work, said = desk.work, asking.answer_to(indicator, line, desk.work)

    def noted(value: str) -> Work:
        return replace(work, answers=(*work.answers, (indicator.name, value)))

    label = f"{indicator.name}：{line}"
    if said.none or said.later:
        desk.save(interviewing(noted("无" if said.none else "待补")), label)
        desk.screen.say(f"  记下：{indicator.name}{'，没有' if said.none else '，待补充'}", Tone.GOOD)
    elif indicator.unit and not asking.is_amount(said.value, indicator):
        if not asking.has_number(line):
            raise InputError(f"没有看到“{indicator.name}”的数", remedy="请写数，如 24；没有写 无，暂缺写 待补")
        # More than the number was told, or another thing: read it as a line of facts, and ask again for what it leaves open.
        desk.taken(take_text(work, line), label, then=interviewing)
    else:
        _refuse_other_unit(indicator, said.value)
        desk.taken(take_answer(noted(line), indicator, said), label, then=interviewing)


def _refuse_other_unit(indicator: Indicator, value: str) -> None:
    """人 for 人次 is another indicator: ask, for nobody could tell later."""
    figures = scan(value).figures if indicator.unit else ()
    named = [f for f in figures if f.quantity and f.quantity.unit.name]
    if named and not asking.same_unit(named[0], indicator):
        raise InputError(
            f"这里要的是“{indicator.unit}”（{indicator.note}），您写的是“{value}”", remedy=f"请按{indicator.unit}写；没有这样的数写 待补"
        )


def _more(desk: Desk, line: str) -> None:
    if line in _ENOUGH:
        if not desk.work.facts:
            raise InputError("还没有一条事实，写不成总结", remedy="请至少写一条带数字的事实，如 讲座24场")
        desk.save(replace(desk.work, step=Step.FACTS), "材料齐了")
        views.show_facts(desk.screen, desk.work)
        return
    desk.taken(take_text(desk.work, line), f"补充：{line}")


def _facts(desk: Desk, line: str) -> None:
    if line.lower() in YES:
        outline = desk.outline
        if outline is None:
            raise InputError("还没有一条事实，写不成总结", remedy="请写一条，如 增加 讲座24场")
        desk.save(replace(desk.work, step=Step.OUTLINE), "事实无误")
        desk.look_ahead()
        views.show_outline(desk.screen, desk.work, outline)
        return
    try:
        made = corrected(desk.work, line)
    except FactError:
        if not asking.has_number(line) or re.match(r"[FfＦｆ]\s*[\d０-９]", line):
            raise
        desk.taken(take_text(desk.work, line), f"增加：{line}")
        return
    if made.taken is not None:
        desk.taken(made.taken, line)
    else:
        desk.correct(line)


def _outline(desk: Desk, line: str) -> None:
    if line.lower() in YES or line.lower() in ALL:
        drafting.start(desk, everything=line.lower() in ALL)
        return
    shape_outline(desk, line)


def _draft(desk: Desk, line: str) -> None:
    if line.lower() in ALL:
        drafting.write_all(desk)
    elif line.lower() in YES:
        drafting.go_on(desk)
    else:
        drafting.rewrite(desk, desk.work.current, line)


def _done(desk: Desk, line: str) -> None:
    if line.lower() in YES and desk.log.state.exported:
        desk.is_over = True
    elif line.lower() in YES:
        export(desk, f"{desk.work.unit}{desk.work.year}年科普工作总结.docx")
    elif re.search(r"\.(?:docx|md|txt|json|html)$", line, re.I):
        export(desk, line)
    else:
        raise InputError(
            "没有听懂", remedy="补充事实请写：增加 …；改事实：F3 改为 46场；按意见重写：/retry 2 意见；导出：/export 总结.docx"
        )


_ANSWERS: Mapping[Step, Callable[[Desk, str], None]] = {
    Step.UNIT: _unit, Step.TYPE: _type, Step.YEAR: _year, Step.ASK: _indicator, Step.MORE: _more, Step.FACTS: _facts,
    Step.OUTLINE: _outline, Step.DRAFT: _draft, Step.DONE: _done,
}
