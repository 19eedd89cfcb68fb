"""The finished draft into a file: only when every section is written and every figure borne."""

from __future__ import annotations

from pathlib import Path

from kepudraft.assemble import Draft
from kepudraft.errors import ExportError, InputError
from kepudraft.export import write
from kepudraft.facts.derive import with_derived
from kepudraft.outline import Outline
from kepudraft.session import views
from kepudraft.session.desk import Desk
from kepudraft.session.drafting import outline_in_hand
from kepudraft.session.prose import later, mended, pairs
from kepudraft.session.screen import Tone
from kepudraft.session.work import Asked


def export(desk: Desk, name: str) -> None:
    """Write the draft to a file; its suffix names the format.

    Raises:
        InputError: A section is not written, or a figure waits for an answer.
        ExportError: The file cannot be written.
    """
    outline = outline_in_hand(desk)
    target = Path(name.strip().strip("'\"")).expanduser()
    target = target if target.is_absolute() else desk.tools.home / target
    _refuse_facts(desk, target)
    _refuse_unwritten(desk, outline)
    work = mended(desk.work, outline)
    if work != desk.work:
        desk.save(work, "核对")
    if any(q.kind is Asked.NUMBER for q in work.questions):
        raise InputError("还有数字没有事实依据，不能导出", remedy="请先答复下面的问题")
    draft = finished(desk, outline)
    replaced = target.exists()
    write(draft, [target])
    desk.log.note("export", path=str(target))
    desk.screen.say(f"已写出：{target}" + ("（原有的同名文件已被替换）" if replaced else ""), Tone.GOOD)
    figures = len(draft.report.figures)
    unused = dict.fromkeys((*(u.fact_id for u in draft.unused), *draft.report.unused))
    left = f"，{len(unused)}条没有写进正文（/check 可看）" if unused else "，都写进了正文"
    desk.screen.say(f"共{figures}个数字，全部有依据；{len(work.facts)}条事实{left}")
    if gaps := dict.fromkeys((*draft.gaps, *later(work))):
        desk.screen.say(f"交出去之前请补上：{'；'.join(gaps)}", Tone.WARN)


def finished(desk: Desk, outline: Outline) -> Draft:
    """The draft as it goes out, verified once more.

    Raises:
        UnfaithfulDraft: A figure is not borne.
    """
    return desk.drafter(with_model=bool(desk.log.state.model)).finish(outline, pairs(desk.work, outline), with_derived(desk.work.sheet))


def _refuse_unwritten(desk: Desk, outline: Outline) -> None:
    missing = [s for s in outline.sections if desk.work.written(s.role.value) is None]
    if missing:
        names = "、".join(views.title_of(outline, s.role.value) for s in missing)
        raise InputError(f"{names}还没有写，不能导出", remedy="输入 /draft 一次写完")


def _refuse_facts(desk: Desk, target: Path) -> None:
    """The draft must not replace the facts that it rests on, nor the session's own files."""
    if desk.work.source and target.exists() and Path(desk.work.source).exists() and target.samefile(desk.work.source):
        raise ExportError("这是事实文件，写出总结会把它盖掉", place=str(target), remedy="请换一个文件名")
    if target.resolve().is_relative_to(desk.log.folder.resolve()):
        raise ExportError("这是会话自己的文件夹", place=str(target), remedy="请写到别的文件夹，如 /export ../总结.docx")
