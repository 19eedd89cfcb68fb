"""Changes to the outline in a clerk's words: 移动 3 到 2, 改名 2 新标题, 合并 3 2, 删除 4, 字数 2 300."""

from __future__ import annotations

import re
from dataclasses import replace

from kepudraft.errors import OutlineError
from kepudraft.session import views
from kepudraft.session.desk import Desk
from kepudraft.session.drafting import outline_in_hand
from kepudraft.session.prose import basis
from kepudraft.session.shaping import merged, moved, numbered, renamed, sized, without
from kepudraft.session.work import Shaping, Work

_N = r"(?:第\s*)?(\d{1,2})\s*(?:部分|节)?"
_MOVE = re.compile(rf"^(?:移动|移|move|把)\s*{_N}\s*(?:移动?)?(?:到|至|to|放到|排到|,|，|\s)\s*{_N}$", re.I)
_RENAME = re.compile(rf"^(?:改名|重命名|标题|改标题|rename)\s*{_N}\s*(?:为|成|[:：])?\s*(.+)$", re.I)
_MERGE = re.compile(rf"^(?:合并|merge)\s*{_N}\s*(?:和|与|到|并入|,|，|、|into|\s)\s*{_N}$", re.I)
_DROP = re.compile(rf"^(?:删除|删掉|删去|删|去掉|drop|delete)\s*{_N}$", re.I)
_SIZE = re.compile(rf"^(?:字数|长度|length)\s*{_N}\s*(?:为|[:：]|\s)\s*(\d{{1,6}})\s*字?$", re.I)
_RESET = ("恢复", "还原", "reset", "重置")


def shape_outline(desk: Desk, line: str) -> None:
    """Change the outline as a line says, and show it.

    Raises:
        OutlineError: It cannot be understood or carried out.
    """
    outline, shaping = outline_in_hand(desk), desk.work.shaping
    joined: tuple[str, str] | None = None
    if line in _RESET:
        shaping = Shaping()
    elif found := _MOVE.match(line):
        shaping = moved(shaping, outline, int(found[1]), int(found[2]))
    elif found := _MERGE.match(line):
        low, high = sorted((int(found[1]), int(found[2])))
        shaping = merged(shaping, outline, high, low)
        joined = numbered(outline, low).role.value, numbered(outline, high).role.value
    elif found := _DROP.match(line):
        shaping = without(shaping, outline, int(found[1]))
    elif found := _SIZE.match(line):
        shaping = sized(shaping, outline, int(found[1]), int(found[2]))
    elif found := _RENAME.match(line):
        shaping = renamed(shaping, outline, int(found[1]), found[2])
    else:
        raise OutlineError(
            f"看不懂“{line[:30]}”", remedy="可以写：移动 3 到 2；改名 2 新标题；合并 3 2；删除 4；字数 2 300；恢复"
        )
    work = replace(desk.work, shaping=shaping)
    work = _joined(desk, work, *joined) if joined else _parted(work, desk.work.shaping) if line in _RESET else work
    # A section taken out of the outline keeps its prose: it comes back with it.
    desk.changed(work, f"提纲：{line}")
    views.show_outline(desk.screen, desk.work, outline_in_hand(desk))


def _joined(desk: Desk, work: Work, home: str, other: str) -> Work:
    """The prose of two sections that are one now, part by part; to be written anew where only one of them is written."""
    first, second = work.written(home), work.written(other)
    section = next(s for s in desk.outline_of(work).sections if s.role.value == home)
    if first is None or second is None:
        return replace(work, sections=tuple((r, w) for r, w in work.sections if r not in (home, other)))
    made = first.rewritten((*first.passages, *second.passages), "合并", basis(section, work))
    return work.with_section(home, replace(made, accepted=first.accepted and second.accepted))


def _parted(work: Work, before: Shaping) -> Work:
    """Sections that had taken in others are written anew: their prose holds the others'."""
    homes = {to for _, to in before.merged}
    return replace(work, sections=tuple((r, w) for r, w in work.sections if r not in homes))
