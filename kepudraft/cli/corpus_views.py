"""What the person sees of `kepudraft corpus`: progress, summaries with their labels and defects, questions; or JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from kepudraft.cli.taking import Kept, Outcome
from kepudraft.genre import Genre, Role, UnitType
from kepudraft.ingest.label import Label
from kepudraft.ingest.prose import place
from kepudraft.ingest.take import Intake, Taken, relabelled
from kepudraft.ingest.write import record

_MAX_QUESTIONS = 6
_MOST_SHOWN = 30  # files told of one by one; of more, the sums and what is wrong


class Progress:
    """Shows files and passages done, on stderr; nothing if `quiet` or nobody looks."""

    def __init__(self, files: int, *, quiet: bool) -> None:
        console = Console(stderr=True, quiet=quiet)
        self._bars = Bars(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console,
            disable=quiet or files < 2 or not console.is_terminal, transient=True,
        )  # fmt: skip
        self._files = self._bars.add_task("读入", total=files)
        self._passages: TaskID | None = None
        self._begun = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def file(self, name: str) -> None:
        """Say that a file is begun."""
        self._bars.start()
        self._bars.update(self._files, completed=self._begun, description=escape(f"读入 {name[:24]}"))
        self._begun += 1

    def indexed(self, done: int, of: int) -> None:
        """Say how many passages are encoded."""
        self._bars.update(self._files, completed=self._begun, description="读入")
        if self._passages is None:
            self._passages = self._bars.add_task("编入索引", total=of)
        self._bars.update(self._passages, completed=done, total=of)

    def pause(self) -> None:
        """Leave the terminal to a question."""
        self._bars.stop()


def ask(intake: Intake, taken: Taken, genre: Genre) -> Taken:
    """Ask for what is uncertain: unit type, year, roles. An empty answer keeps what was guessed."""
    console = _console()
    unsure = [at for at, one in enumerate(taken.sections) if not one.role.sure and one.section.level <= 1]
    if taken.unit_type.sure and taken.year.sure and not unsure:
        return taken
    console.print(Text(f"\n{intake.source} 第{taken.number}篇 {taken.title}", style="bold"))
    unit_type = None if taken.unit_type.sure else _ask_unit(taken.unit_type)
    year = None if taken.year.sure else _ask_year(taken.year)
    roles = {at: role for at in unsure[:_MAX_QUESTIONS] if (role := _ask_role(taken, at, genre)) is not None}
    return relabelled(taken, unit_type=unit_type, year=year, roles=roles)


def print_added(outcome: Outcome) -> None:
    """Each file with its summaries, their labels and defects; then the sum. Of many files only those with severe defects."""
    console = _console()
    if len(outcome.known) + len(outcome.kept) > _MOST_SHOWN:
        _print_many(console, outcome)
    else:
        for name, ids in outcome.known:
            console.print(f"{name}：以前收过，共{len(ids)}篇，没有改动")
        for intake, kept in outcome.kept:
            _print_intake(console, intake)
            for one in kept:
                _print_taken(console, one.taken, _state(one))
    _print_failed(outcome)
    new = sum(one.new for _, kept in outcome.kept for one in kept)
    left = sum(not one.id for _, kept in outcome.kept for one in kept)
    parts = [f"收入{new}篇", *([f"因缺陷未收{left}篇"] if left else []), *([f"索引共{outcome.passages}段"] if outcome.passages else [])]
    console.print(Text("，".join(parts) + ("；已中断，再运行一次会接着做" if outcome.interrupted else ""), style="bold"))


def _print_many(console: Console, outcome: Outcome) -> None:
    """What was taken in of how many kinds, and the first parts that a person should look at."""
    taken = [(intake.source, one) for intake, kept in outcome.kept for one in kept]
    kinds = Counter(one.taken.unit_type.value for _, one in taken)
    console.print(f"{len(outcome.kept)}个文件读出{len(taken)}篇：" + "、".join(f"{kind}{n}篇" for kind, n in kinds.most_common()))
    if outcome.known:
        console.print(f"{len(outcome.known)}个文件以前收过，没有改动")
    severe = [(source, one) for source, one in taken if one.taken.severe]
    for source, one in severe[:_MOST_SHOWN]:
        console.print(Text(f"{source}：{one.taken.title[:36]}（{_state(one)}）：{one.taken.severe[0].message}", style="yellow"))
    if len(severe) > _MOST_SHOWN:
        console.print(f"还有{len(severe) - _MOST_SHOWN}篇有严重缺陷")
    unsure = sum(not one.taken.unit_type.sure or not one.taken.year.sure for _, one in taken)
    faulty = sum(bool(one.taken.defects) for _, one in taken)
    console.print(f"有缺陷的{faulty}篇，单位类型或年份拿不准的{unsure}篇；逐篇查看：kepudraft corpus list、corpus show 编号")


def print_added_json(outcome: Outcome) -> None:
    """The same for a program."""
    files = [
        {"file": intake.source, "remarks": list(intake.remarks), "exemplars": [
            {**_record(intake, one.taken), "id": one.id, "new": one.new} for one in kept]}
        for intake, kept in outcome.kept
    ]  # fmt: skip
    known = [{"file": name, "ids": list(ids)} for name, ids in outcome.known]
    print_json({"files": files, "known": known, "failed": outcome.failed, "interrupted": outcome.interrupted})


def print_checked(outcome: Outcome) -> None:
    """What files would give, with defects and uncertain labels."""
    console = _console()
    for intake in outcome.intakes:
        _print_intake(console, intake)
        for taken in intake.taken:
            _print_taken(console, taken, "", sections=True)
    _print_failed(outcome)


def print_checked_json(outcome: Outcome) -> None:
    """The same for a program, with the lines left out."""
    files = [
        {"file": intake.source, "remarks": list(intake.remarks), "exemplars": [_record(intake, t) for t in intake.taken],
         "dropped": [{"line": place(d.number), "reason": d.reason} for d in intake.dropped]}
        for intake in outcome.intakes
    ]  # fmt: skip
    print_json({"files": files, "failed": outcome.failed})


def print_list(records: Sequence[dict[str, Any]]) -> None:
    """One line an exemplar."""
    if not records:
        print("还没有自己的范文。可用 kepudraft corpus add 文件… 收入")
        return
    for one in records:
        if "title" not in one:
            print(f"{one['id']}  （没有记录）")
            continue
        year = one["year"]["value"] or "年份不明"
        faults = f"  缺陷{len(one['defects'])}处" if one["defects"] else ""
        print(f"{one['id']}  {one['unit_type']['value']}  {year}  {one['title'][:36]}  {one['chars']}字  {one['source']}{faults}")
    print(f"共{len(records)}篇")


def print_one(one: dict[str, Any], text: str) -> None:
    """Record and text of one exemplar."""
    if "title" in one:
        unsure = [s["heading"] or "（无标题）" for s in one["sections"] if not s["role"]["sure"]]
        print(f"{one['id']}  来自 {one['source']} 第{one['part']}篇，{one['added']} 收入")
        print(f"{one['unit_type']['value']}，{one['level']['value']}，{one['year']['value'] or '年份不明'}，{one['chars']}字")
        if unsure:
            print(f"作用拿不准的部分：{'、'.join(unsure)}")
        for defect in one["defects"]:
            print(f"缺陷：{'、'.join(defect['lines'][:4])}：{defect['title']}：{defect['message']}")
    print(f"\n{text.rstrip()}")


def print_removed(removed: Sequence[str]) -> None:
    """What was removed."""
    print(f"移除{len(removed)}篇：{'、'.join(removed)}")


def print_faults(faults: Sequence[dict[str, Any]]) -> None:
    """What is wrong with the user's corpus."""
    for fault in faults:
        print(f"{fault['id']}：{fault['message']}" if fault["id"] else fault["message"])
    if not faults:
        print("自己的范文没有问题")


def print_json(value: object) -> None:
    """A value for a program."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _record(intake: Intake, taken: Taken) -> dict[str, Any]:
    made = record(taken, source=intake.source, digest=intake.digest, parts=len(intake.taken), added="")
    return {key: value for key, value in made.items() if key not in ("form", "added")}


def _state(one: Kept) -> str:
    if not one.id:
        return "有严重缺陷，未收"
    return f"{one.id}" if one.new else f"{one.id} 以前收过"


def _print_intake(console: Console, intake: Intake) -> None:
    console.print(Text(f"\n{intake.source}：{len(intake.taken)}篇，去掉{len(intake.dropped)}行", style="bold"))
    for remark in intake.remarks:
        console.print(Text(f"  {remark}"))


def _print_taken(console: Console, taken: Taken, state: str, *, sections: bool = False) -> None:
    year = f"{taken.year.value}年" if taken.year.value else "年份不明"
    marks = "、".join([*_unsure("单位类型", taken.unit_type), *_unsure("年份", taken.year)])
    headed = sum(bool(one.section.heading) for one in taken.sections)
    console.print(Text(
        f"  {taken.number}. {taken.title[:40]}  {taken.unit_type.value}，{taken.level.value}，{year}，"
        f"{headed}个标题，{taken.chars}字  {state}".rstrip()
    ))  # fmt: skip
    if marks:
        console.print(Text(f"     待确认：{marks}", style="yellow"))
    unsure = [one.section.heading or "（无标题）" for one in taken.sections if not one.role.sure]
    if unsure:
        console.print(Text(f"     作用拿不准：{'、'.join(h[:20] for h in unsure[:5])}{'等' if len(unsure) > 5 else ''}", style="yellow"))
    if sections:
        for one in taken.sections:
            name = one.section.number + one.section.heading or "（无标题）"
            indent = "  " * max(one.section.level, 1)
            console.print(Text(f"     {indent}{name[:44]}  {one.role.value.value}{'' if one.role.sure else '？'}"))
    for defect in taken.defects:
        console.print(Text(f"     缺陷：{defect}", style="red"))


def _unsure(name: str, label: Label[Any]) -> list[str]:
    return [] if label.sure else [f"{name}（{label.value or '不明'}）"]


def _print_failed(outcome: Outcome) -> None:
    for message in outcome.failed:
        print(f"kepudraft：{message}", file=sys.stderr)


def _ask_unit(label: Label[UnitType]) -> UnitType | None:
    answer = _answer(f"单位类型（{' '.join(UnitType)}）[{label.value}]：")
    return UnitType(answer) if answer in tuple(UnitType) else None


def _ask_year(label: Label[int | None]) -> int | None:
    answer = _answer(f"哪一年的总结 [{label.value or '不明'}]：")
    return int(answer) if answer.isdigit() and 1990 <= int(answer) <= 2100 else None


def _ask_role(taken: Taken, at: int, genre: Genre) -> Role | None:
    one = taken.sections[at]
    titles = {form.title: role for role, form in genre.roles.items()}
    guess = genre.roles[one.role.value].title
    name = one.section.heading or one.section.text[:20] + "…"
    answer = _answer(f"“{name}”写的是（{' '.join(titles)}）[{guess}]：")
    return titles.get(answer)


def _answer(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""
