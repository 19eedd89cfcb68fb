"""Writing section by section: the prose streams in, is verified, saved, shown with its figures, and waits to be accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from kepudraft.compose.passage import Passage
from kepudraft.errors import InputError
from kepudraft.facts.derive import with_derived
from kepudraft.llm.meter import MeteredModel
from kepudraft.outline import Outline, SectionPlan
from kepudraft.pipeline import Drafter
from kepudraft.session import views
from kepudraft.session.deciding import doubtful_in
from kepudraft.session.desk import Desk, at_open
from kepudraft.session.prose import Judged, basis, from_text, judged, mended, to_text, with_gaps
from kepudraft.session.screen import Tone
from kepudraft.session.shaping import number_of, numbered
from kepudraft.session.work import Step, Work, Written


class Told(NamedTuple):
    """Who is told of the prose as it grows, and of what went otherwise than asked."""

    stream: Callable[[str], None]
    notify: Callable[[str], None]


def ask(desk: Desk) -> None:
    """Say what is expected of the section in hand."""
    outline, current = outline_in_hand(desk), desk.work.current
    section = next((s for s in outline.sections if s.role.value == current), None)
    if section is None or desk.work.written(current) is None:
        name = views.title_of(outline, current) if section else "下一部分"
        desk.screen.say(f"回车开始写{name}；全部 一次写完。", Tone.ASK)
        return
    left = sum(not _is_accepted(desk.work, s) for s in outline.sections if s is not section)
    n = number_of(outline, current)
    desk.screen.say(
        f"这部分可以吗？回车接受（后面还有{left}部分）；输入意见就重写；/edit {n} 自己改；全部 一次写完。", Tone.ASK
    )


def outline_in_hand(desk: Desk) -> Outline:
    """The outline.

    Raises:
        InputError: There are no facts yet.
    """
    outline = desk.outline
    if outline is None:
        raise InputError("还没有事实，没有提纲", remedy="请先回答问题，或把事实文件拖进来")
    return outline


def start(desk: Desk, *, everything: bool = False) -> None:
    """From the outline to the first section."""
    outline = outline_in_hand(desk)
    desk.save(at_open(desk.work, outline), "提纲无误")
    write_all(desk) if everything else go_on(desk)


def go_on(desk: Desk) -> None:
    """Accept the section in hand and write the next; write the one in hand where it is not written yet."""
    outline, work = outline_in_hand(desk), desk.work
    written = work.written(work.current) if work.current else None
    if written is not None:
        name = views.title_of(outline, work.current)
        work = at_open(work.with_section(work.current, replace(written, accepted=True)), outline)
        desk.save(work, f"接受{name}")
        desk.screen.say(f"已接受{name}", Tone.GOOD)
    if desk.work.step is Step.DRAFT and desk.work.current and desk.work.written(desk.work.current) is None:
        _write(desk, _planned(outline, desk.work.current))
    elif desk.work.step is Step.DRAFT and desk.work.current:
        show(desk, desk.work.current)


def write_all(desk: Desk) -> None:
    """Write and accept all sections that are left; each is saved as it is made."""
    outline = outline_in_hand(desk)
    for section in outline.sections:
        role = section.role.value
        if _is_accepted(desk.work, section):
            continue
        if desk.work.written(role) is None:
            _write(desk, section, brief=True)
        written = desk.work.written(role)
        if written is not None:
            desk.save(at_open(desk.work.with_section(role, replace(written, accepted=True)), outline), f"接受{views.title_of(outline, role)}")


def rewrite(desk: Desk, role: str, instruction: str) -> None:
    """Write a section anew, by the person's words where a model can follow them.

    Raises:
        InputError: It is locked, there is none, or the words hold a figure that no fact bears.
    """
    outline = outline_in_hand(desk)
    section = _planned(outline, role)
    _refuse_locked(desk.work, outline, role)
    if bad := doubtful_in(instruction, desk.work) if instruction else ():
        raise InputError(
            f"意见里的“{'、'.join(bad)}”没有事实依据：是新的事实，还是笔误？", remedy=f"是新事实请先写：增加 …{bad[0]}；是笔误请改后再说"
        )
    _write(desk, section, instruction)


def edit(desk: Desk, role: str) -> None:
    """Let the person edit a section in their own program, and verify what comes back.

    Raises:
        InputError: The program failed, or what it gave back cannot be used; nothing is changed then.
    """
    outline = outline_in_hand(desk)
    section, written = _planned(outline, role), desk.work.written(role)
    if written is None:
        raise InputError(f"{views.title_of(outline, role)}还没有写", remedy="请先按回车写出来，再改")
    _refuse_locked(desk.work, outline, role)
    before = to_text(section, written.passages)
    desk.screen.say("在编辑器里改，存盘后关闭编辑器" + ("；## 开头的小标题行请保留" if "\n## " in "\n" + before else ""))
    text = desk.tools.edit(before)
    if text.strip() == before.strip():
        desk.screen.say("没有改动")
        return
    passages = _kept(desk, text, section, written)
    if passages == written.passages:
        desk.screen.say("没有改动")
        return
    work = desk.work.with_section(role, written.rewritten(passages, "本人修改", basis(section, desk.work)))
    desk.save(mended(replace(work, current=role if work.step is Step.DRAFT else work.current), outline), f"修改{views.title_of(outline, role)}")
    show(desk, role)


def show(desk: Desk, role: str) -> None:
    """A section with its figures and exemplars."""
    outline = outline_in_hand(desk)
    section, written = _planned(outline, role), desk.work.written(role)
    if written is None:
        raise InputError(f"{views.title_of(outline, role)}还没有写", remedy="/outline 看哪些已写")
    found = judged(desk.work, outline)
    views.show_section(desk.screen, section, written.passages, views.mark(outline, role))
    _figures(desk, section, written, found)


def recall(desk: Desk, section: SectionPlan, passages: tuple[Passage, ...]) -> views.Excerpts:
    """Exemplars by id; those found in an earlier sitting are looked up once more."""
    searcher = desk.searcher
    if searcher is None:
        return lambda name: None
    if any(i not in searcher.found for p in passages for i in p.exemplar_ids):
        outline = replace(outline_in_hand(desk), sections=(section, *section.parts))
        desk.drafter(with_model=False).exemplars(outline, with_derived(desk.work.sheet))
    return searcher.found.get


def _write(desk: Desk, section: SectionPlan, instruction: str = "", *, brief: bool = False) -> None:
    outline, role = outline_in_hand(desk), section.role.value
    old = desk.work.written(role)
    name = views.title_of(outline, role)
    drafter = desk.drafter(seed=len(old.older) + 1 if old else 0)
    if instruction and drafter.model is None:
        desk.screen.say("离线起草看不懂意见，只换了一种措辞；要照意见改，请用 /edit 自己改，或 /model 名称 用模型。", Tone.WARN)
    desk.screen.say(f"{views.mark(outline, role)}{section.heading}" if section.heading else "（总述）", Tone.HEAD)
    shown: list[str] = []

    def stream(piece: str) -> None:
        shown.append(piece)
        desk.screen.stream(piece)

    notices: list[str] = []
    try:
        passages = _asked(desk, drafter, section, instruction, Told(stream, notices.append))
    finally:
        desk.screen.end()
        _note_usage(desk, drafter)
    for notice in notices:
        desk.screen.say(f"注意：{notice}", Tone.WARN)
    work, new = desk.work, with_gaps(passages, section, desk.work)
    how = f"重写：{instruction}" if instruction else "重写" if old else "起草"
    digest = basis(section, work)
    written = old.rewritten(new, how, digest) if old else Written(new, how, digest)
    work = mended(work.with_section(role, written), outline, asking=False)
    if (final := work.written(role)) is None:
        return
    final = replace(final, how=how, older=written.older)  # what was mended before anyone saw it is no earlier text
    work = work.with_section(role, final)
    if work.step is Step.DRAFT or work.step is Step.DONE:
        work = replace(work, current=role, step=Step.DRAFT)
    desk.save(work, f"{how[:2]}{name}")
    if not shown:
        views.show_prose(desk.screen, section, final.passages)
    elif "".join(shown).split() != "\n".join(p.text for p in final.passages).split():
        desk.screen.say("核对、补齐后：", Tone.HEAD)
        views.show_prose(desk.screen, section, final.passages)
    if old and final.passages == old.passages:
        desk.screen.say("和原来一样，没有别的写法了", Tone.WARN)
    found = judged(desk.work, outline)
    if brief and all(p.role != role for p, _ in found.failing):
        n, count = number_of(outline, role), len(found.findings(role))
        desk.screen.say(f"数字核对：{f'{count}个，都有依据（/evidence {n} 看出处）' if count else '没有数字'}", Tone.GOOD)
    else:
        _figures(desk, section, final, found)


def _asked(desk: Desk, drafter: Drafter, section: SectionPlan, instruction: str, told: Told) -> tuple[Passage, ...]:
    """The one place where a session waits for a model."""
    sheet = with_derived(desk.work.sheet)
    return asyncio.run(
        drafter.write_section(section, sheet, instruction=instruction, on_delta=told.stream, notify=told.notify)
    )


def _note_usage(desk: Desk, drafter: Drafter) -> None:
    model = drafter.model
    if isinstance(model, MeteredModel) and model.requests:
        used = model.usage
        desk.log.note(
            "usage", prompt=used.prompt, completion=used.completion, cached=used.cached, counted=used.counted, requests=model.requests
        )


def _figures(desk: Desk, section: SectionPlan, written: Written, found: Judged) -> None:
    role = section.role.value
    views.show_figures(
        desk.screen, desk.work, found, role, written.passages, number=number_of(outline_in_hand(desk), role),
        excerpts=recall(desk, section, written.passages),
    )


def _kept(desk: Desk, text: str, section: SectionPlan, written: Written) -> tuple[Passage, ...]:
    """The edited text read back; what cannot be read is kept in a file, for it is the person's work."""
    try:
        return from_text(text, section, written.passages, with_derived(desk.work.sheet))
    except InputError as error:
        if text.strip():
            path = desk.log.folder / "edited.txt"
            path.write_text(text, encoding="utf-8", errors="replace")
            desk.screen.say(f"您改的内容另存在 {path}", Tone.WARN)
        raise error


def _planned(outline: Outline, role: str) -> SectionPlan:
    found = next((s for s in outline.sections if s.role.value == role), None)
    if found is None:
        raise InputError("提纲里已没有这一部分", remedy="见 /outline")
    return found


def section_numbered(desk: Desk, number: str) -> SectionPlan:
    """The section that a command names; the one in hand where it names none.

    Raises:
        InputError: There is none.
    """
    outline = outline_in_hand(desk)
    if not number:
        if not desk.work.current:
            raise InputError("没有说是第几部分", remedy="请写序号，如 /show 2；序号见 /outline")
        return _planned(outline, desk.work.current)
    return numbered(outline, int(number))


def _refuse_locked(work: Work, outline: Outline, role: str) -> None:
    written = work.written(role)
    if written and written.locked:
        raise InputError(f"{views.title_of(outline, role)}已锁定", remedy=f"要改请先 /unlock {number_of(outline, role)}")


def _is_accepted(work: Work, section: SectionPlan) -> bool:
    written = work.written(section.role.value)
    return written is not None and written.accepted
