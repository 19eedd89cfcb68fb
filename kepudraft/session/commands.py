"""The commands (/…): one table of names, what each does, and the line of help that it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from kepudraft.errors import FactError, InputError
from kepudraft.facts.read import parse_date
from kepudraft.session import drafting, views
from kepudraft.session.desk import Desk
from kepudraft.session.exporting import export
from kepudraft.session.opening import set_heading
from kepudraft.session.outlining import shape_outline
from kepudraft.session.prose import judged, mended
from kepudraft.session.screen import Tone
from kepudraft.session.work import Step, Work
from kepudraft.verify.form import FormFinding
from kepudraft.verify.language import check_language
from kepudraft.verify.structure import check_structure

_SIGNS = "/／"
# A Chinese keyboard gives 、 where / is meant.
_LINE = re.compile(r"^[/／、]\s*([A-Za-z\u4e00-\u9fff]+)\s*(.*)$", re.S)
_SECTION = re.compile(r"^(?:第\s*)?(\d{1,2})?\s*(?:部分)?\s*(.*)$", re.S)
_CHARS = range(200, 20001)


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        names: The first is shown; the others are understood, too.
        usage: What stands behind the name.
        help: One line.
        act: Does it; what it returns says whether the present question is put again.
    """

    names: tuple[str, ...]
    usage: str
    help: str
    act: Callable[[Desk, str], bool]


@dataclass(frozen=True, slots=True)
class Call:
    """A command as typed."""

    command: Command
    rest: str


def parse(line: str) -> Call | None:
    """The command that a line is, None for any other line: a path or a date begins with / or 、 as well.

    Raises:
        InputError: It looks like a command, and there is none of this name.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    name, rest = found[1].lower(), found[2].strip()
    if command := _BY_NAME.get(name):
        return Call(command, rest)
    if line[0] not in _SIGNS or "/" in line[1:] or "." in rest or "\n" in line:
        return None
    # «/重写2» is typed without a blank, «/retry2» too.
    near = [n for n in _BY_NAME if name.startswith(n) or n.startswith(name)]
    if len({id(_BY_NAME[n]) for n in near}) == 1 and name not in near and name.startswith(near[0]):
        return Call(_BY_NAME[near[0]], (found[1][len(near[0]) :] + " " + rest).strip())
    like = f"，是不是 /{near[0]}" if near else ""
    raise InputError(f"没有“/{found[1][:20]}”这个命令{like}", remedy="/help 看全部命令")


def run(desk: Desk, call: Call) -> bool:
    """Carry a command out; True if the present question is to be put again.

    Raises:
        KepudraftError: It cannot be carried out.
    """
    return call.command.act(desk, call.rest)


def names() -> tuple[str, ...]:
    """All commands with their sign, for completion: those shown, then those understood."""
    return tuple(f"/{n}" for shown in (True, False) for c in COMMANDS for i, n in enumerate(c.names) if (i == 0) is shown)


def _facts(desk: Desk, rest: str) -> bool:
    if rest:
        desk.correct(rest)
    elif desk.work.facts:
        views.show_facts(desk.screen, desk.work)
    else:
        desk.screen.say("还没有事实")
    return True


def _outline(desk: Desk, rest: str) -> bool:
    if rest:
        shape_outline(desk, rest)
    else:
        views.show_outline(desk.screen, desk.work, drafting.outline_in_hand(desk))
    return True


def _draft(desk: Desk, rest: str) -> bool:
    if desk.work.step in (Step.OUTLINE, Step.FACTS, Step.MORE, Step.ASK):
        drafting.start(desk, everything=True)
    else:
        drafting.write_all(desk)
    return True


def _show(desk: Desk, rest: str) -> bool:
    if rest or desk.work.step is Step.DRAFT:
        drafting.show(desk, drafting.section_numbered(desk, _digits(rest)).role.value)
        return True
    outline = drafting.outline_in_hand(desk)
    desk.screen.say(outline.title, Tone.HEAD)
    for section in outline.sections:
        if written := desk.work.written(section.role.value):
            views.show_section(desk.screen, section, written.passages, views.mark(outline, section.role.value))
    return True


def _retry(desk: Desk, rest: str) -> bool:
    found = _SECTION.match(rest)
    digits, words = (found[1] or "", found[2].strip()) if found else ("", rest)
    drafting.rewrite(desk, drafting.section_numbered(desk, digits).role.value, words)
    return True


def _edit(desk: Desk, rest: str) -> bool:
    drafting.edit(desk, drafting.section_numbered(desk, _digits(rest)).role.value)
    return True


def _lock(desk: Desk, rest: str) -> bool:
    return _set_lock(desk, rest, locked=True)


def _unlock(desk: Desk, rest: str) -> bool:
    return _set_lock(desk, rest, locked=False)


def _set_lock(desk: Desk, rest: str, *, locked: bool) -> bool:
    section = drafting.section_numbered(desk, _digits(rest))
    name = views.title_of(drafting.outline_in_hand(desk), section.role.value)
    written = desk.work.written(section.role.value)
    if written is None:
        raise InputError(f"{name}还没有写", remedy="写出来以后再锁定")
    word = "锁定" if locked else "解锁"
    desk.save(desk.work.with_section(section.role.value, replace(written, locked=locked)), f"{word}{name}")
    desk.screen.say(f"已{word}{name}{'，重写和修改都不会动它' if locked else ''}", Tone.GOOD)
    return True


def _undo(desk: Desk, rest: str) -> bool:
    said = desk.log.undo()
    desk.screen.say(f"已撤销：{said}（/redo 恢复）" if said else "没有可撤销的了", Tone.GOOD if said else Tone.PLAIN)
    return True


def _redo(desk: Desk, rest: str) -> bool:
    said = desk.log.redo()
    desk.screen.say(f"已恢复：{said}" if said else "没有可恢复的了", Tone.GOOD if said else Tone.PLAIN)
    return True


def _diff(desk: Desk, rest: str) -> bool:
    section = drafting.section_numbered(desk, _digits(rest))
    name = views.title_of(drafting.outline_in_hand(desk), section.role.value)
    written = desk.work.written(section.role.value)
    if written is None or not written.older:
        desk.screen.say(f"{name}只有一稿，没有可对比的")
        return True
    desk.screen.say(f"{name}，上一稿和现在（{written.how}）：", Tone.HEAD)
    views.show_diff(desk.screen, written.older[-1], written.passages)
    return True


def _evidence(desk: Desk, rest: str) -> bool:
    found = re.fullmatch(r"(\d{1,2})?(?:[.．。](\d{1,3}))?", rest)
    if not found:
        raise InputError(f"“{rest[:20]}”看不懂", remedy="请写 /evidence 3 或 /evidence 3.2（第3部分第2句）")
    outline = drafting.outline_in_hand(desk)
    section = drafting.section_numbered(desk, found[1] or "")
    role = section.role.value
    written = desk.work.written(role)
    if written is None:
        raise InputError(f"{views.title_of(outline, role)}还没有写", remedy="写出来以后才有依据")
    found_all = judged(desk.work, outline)
    own = [p for p in found_all.placed if p.role == role]
    chosen = [p for p in own if not found[2] or p.n == int(found[2])]
    if not chosen:
        raise InputError(f"{views.title_of(outline, role)}只有{len(own)}句", remedy="请写 1 到这个数之间的序号")
    excerpts = drafting.recall(desk, section, written.passages)
    views.show_evidence(
        desk.screen, desk.work, chosen, found_all, number=views.number(outline, role), excerpts=excerpts
    )
    return True


def _check(desk: Desk, rest: str) -> bool:
    outline = drafting.outline_in_hand(desk)
    if not desk.work.sections:
        raise InputError("还没有写，没有可核对的", remedy="回车接着做")
    found = judged(desk.work, outline)
    whole = all(desk.work.written(s.role.value) for s in outline.sections)
    views.show_check(desk.screen, desk.work, found, _form(desk.work, found.text) if whole else ())
    if not whole:
        desk.screen.say("还没有全部写完，格式等写完再查")
    work = mended(desk.work, outline)
    if work != desk.work:
        desk.save(work, "核对")
    return True


def _form(work: Work, text: str) -> tuple[FormFinding, ...]:
    sheet = work.sheet
    structure = check_structure(text, unit_type=sheet.unit_type, year=sheet.year, target_chars=work.length)
    return (*structure, *check_language(text, year=sheet.year))


def _length(desk: Desk, rest: str) -> bool:
    digits = rest.removesuffix("字").strip()
    if not digits.isdigit() or int(digits) not in _CHARS:
        raise InputError(f"字数“{rest[:10]}”不能用", remedy=f"请写 {_CHARS.start} 到 {_CHARS.stop - 1} 之间的数，如 /length 800")
    desk.save(replace(desk.work, length=int(digits)), f"全文{digits}字")
    desk.screen.say(f"全文按{digits}字左右写；已写的部分用 /retry 重写才会变。不会为凑字数编内容。", Tone.GOOD)
    return True


def _offline(desk: Desk, rest: str) -> bool:
    desk.log.note("model", name="")
    desk.screen.say("以后离线起草，不用模型", Tone.GOOD)
    return True


def _model(desk: Desk, rest: str) -> bool:
    if not rest:
        desk.screen.say(f"现在用的模型：{desk.log.state.model or '没有（离线起草）'}；换模型请写 /model 名称")
        return True
    desk.tools.open_model(rest)  # refuses a name that cannot be used, before it is noted
    desk.log.note("model", name=rest)
    desk.screen.say(f"以后用模型 {rest}；数字照样逐个核对", Tone.GOOD)
    return True


def _cost(desk: Desk, rest: str) -> bool:
    state = desk.log.state
    views.show_cost(desk.screen, state.model, state.usage, state.requests)
    return True


def _export(desk: Desk, rest: str) -> bool:
    export(desk, rest or f"{desk.work.unit}{desk.work.year}年科普工作总结.docx")
    return True


def _unit(desk: Desk, rest: str) -> bool:
    set_heading(desk, unit=_needed(rest, "/unit 江州市科技馆"))
    return True


def _type(desk: Desk, rest: str) -> bool:
    set_heading(desk, unit_type=_needed(rest, "/type 社区"))
    return True


def _year(desk: Desk, rest: str) -> bool:
    set_heading(desk, year=_needed(rest, "/year 2025"))
    return True


def _date(desk: Desk, rest: str) -> bool:
    day = parse_date(_needed(rest, "/date 2026年1月6日"), "/date")
    if day is None:
        raise FactError("没有日期", place="/date", remedy="请写成 2026年1月6日")
    desk.save(replace(desk.work, date=day), f"日期{rest}")
    desk.screen.say("成文日期：{}年{}月{}日".format(*day), Tone.GOOD)
    return True


def _help(desk: Desk, rest: str) -> bool:
    desk.screen.say("命令（也可以写中文，如 /撤销）：", Tone.HEAD)
    desk.screen.rows([
        [(f"/{c.names[0]} {c.usage}".rstrip(), Tone.HEAD), ("、".join(f"/{n}" for n in c.names[1:2]), Tone.PLAIN), (c.help, Tone.PLAIN)]
        for c in COMMANDS
    ])
    desk.screen.say("不带斜杠的话：回答眼前的问题；写 F3 改为 46场 就改事实；起草时写意见就重写眼前这部分。")
    desk.screen.say("每一步都已存盘；Ctrl-C 停下正在写的，Ctrl-D 退出，再运行 kepudraft session --resume 接着写。")
    return True


def _quit(desk: Desk, rest: str) -> bool:
    desk.is_over = True
    return False


def _digits(rest: str) -> str:
    found = re.fullmatch(r"(?:第\s*)?(\d{0,2})\s*(?:部分)?", rest)
    if not found:
        raise InputError(f"“{rest[:20]}”不是序号", remedy="请写数字，如 2；序号见 /outline")
    return found[1]


def _needed(rest: str, example: str) -> str:
    if not rest:
        raise InputError("后面要写内容", remedy=f"如 {example}")
    return rest


COMMANDS = (
    Command(("facts", "事实"), "", "看读懂了哪些事实；/facts F3 改为 46场 改事实", _facts),
    Command(("outline", "提纲"), "", "看提纲；/outline 移动 3 到 2、改名、合并、删除、字数、恢复", _outline),
    Command(("draft", "起草"), "", "把没写的部分一次写完", _draft),
    Command(("show", "显示", "看"), "2", "再看第2部分；写完后不带序号看全文", _show),
    Command(("retry", "重写"), "2 写得简洁些", "照意见重写第2部分", _retry),
    Command(("edit", "修改", "编辑"), "2", "自己改第2部分，改后逐个数字核对", _edit),
    Command(("lock", "锁定"), "2", "第2部分不许再动", _lock),
    Command(("unlock", "解锁"), "2", "解除锁定", _unlock),
    Command(("undo", "撤销", "退回"), "", "退回上一步（回答、改动、起草都行）", _undo),
    Command(("redo", "恢复"), "", "把退回的一步再做回来", _redo),
    Command(("diff", "对比"), "2", "第2部分上一稿和现在有什么不同", _diff),
    Command(("evidence", "依据"), "3.2", "第3部分第2句根据哪些事实、出自哪里", _evidence),
    Command(("check", "核对", "检查"), "", "核对全文：数字、漏写的事实、格式", _check),
    Command(("length", "字数"), "800", "全文大约写多少字", _length),
    Command(("offline", "离线"), "", "不用模型", _offline),
    Command(("model", "模型"), "名称", "用哪个模型写，如 ollama:名称，或 模型文件.gguf", _model),
    Command(("cost", "费用"), "", "用了模型多少次", _cost),
    Command(("export", "导出"), "总结.docx", "写成文件（.docx .md .txt .html .json）", _export),
    Command(("unit", "单位"), "名称", "改单位名称", _unit),
    Command(("type", "类型"), "社区", "改单位类型", _type),
    Command(("year", "年度"), "2025", "改年度", _year),
    Command(("date", "日期"), "2026年1月6日", "改成文日期", _date),
    Command(("help", "帮助", "h"), "", "这张表", _help),
    Command(("quit", "退出", "exit", "q"), "", "退出，下次接着写", _quit),
)
"""In the order of the help."""

_BY_NAME = {name: command for command in COMMANDS for name in command.names}
