"""`--last-year`: last year's summary as proposals and warnings, and the table in which a person confirmed its values."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kepudraft.errors import InputError

if TYPE_CHECKING:
    # Loaded where --last-year is given: the help must not wait for it.
    from kepudraft.facts.sheet import FactSheet
    from kepudraft.returned.confirming import Answers
    from kepudraft.returned.last_year import Earlier, Proposal
    from kepudraft.verify.form import FormFinding

LastYear = Annotated[
    list[str] | None,
    typer.Option("--last-year", metavar="文件", help="上年的总结（docx txt md），或由它确认出的上年数表（xlsx）；两样都给就写两次"),
]


@dataclass(frozen=True, slots=True)
class LastYears:
    """What was given of the year before."""

    texts: tuple[Earlier, ...] = ()
    answers: tuple[Answers, ...] = ()


def read_last_years(names: Sequence[str] | None) -> LastYears:
    """Read every file that --last-year names.

    Raises:
        InputError: One cannot be read.
    """
    if not names:
        return LastYears()
    from kepudraft.returned.confirming import read_answers
    from kepudraft.returned.last_year import read_earlier
    from kepudraft.verify.reading import read_text

    tables = [n for n in names if n.lower().endswith((".xlsx", ".xlsm"))]
    texts = tuple(read_earlier(Path(n).name, read_text(Path(n))) for n in names if n not in tables)
    return LastYears(texts, tuple(read_answers(Path(n)) for n in tables))


def with_last_year(sheet: FactSheet, given: LastYears, *, tell_proposals: bool = True) -> FactSheet:
    """The sheet with the values that were confirmed, and remarks on those that were not."""
    if given == LastYears():
        return sheet
    from kepudraft.returned.confirming import with_confirmed

    for answers in given.answers:
        sheet = with_confirmed(sheet, answers)
    remarks = [_doubt(sheet, earlier) for earlier in given.texts]
    if tell_proposals and given.texts and not given.answers and (found := proposed(sheet, given)):
        remarks.append(
            f"上年总结里读到{len(found)}个可作上年数的数字，没有确认，没有采用；"
            "请用 kepudraft facts 事实文件 --last-year 上年总结 -o 上年数.xlsx 写出确认表"
        )
    return replace(sheet, remarks=(*sheet.remarks, *(r for r in remarks if r)))


def proposed(sheet: FactSheet, given: LastYears) -> tuple[Proposal, ...]:
    """What last year's summary proposes for the facts; nothing from a summary of another year."""
    if not given.texts:
        return ()
    from kepudraft.returned.last_year import proposals

    return tuple(p for earlier in given.texts if not _doubt(sheet, earlier) for p in proposals(sheet, earlier))


def taken_over(text: str, sheet: FactSheet, given: LastYears) -> tuple[FormFinding, ...]:
    """What `text` took over from last year's summary, and terms of it that hold no more."""
    if not given.texts:
        return ()
    from kepudraft.verify.form import FormKind
    from kepudraft.verify.language import check_language
    from kepudraft.verify.reuse import check_reuse

    reused = [f for earlier in given.texts for f in check_reuse(text, earlier.text, year=sheet.year)]
    terms = [f for f in check_language(text, year=sheet.year) if f.kind is FormKind.TERM]
    return tuple(sorted({*reused, *terms}, key=lambda f: (f.span.start if f.span else -1, f.kind)))


def write_proposals(found: Sequence[Proposal], out: Path, *, facts: str, given: LastYears) -> None:
    """Write the table to be confirmed.

    Raises:
        InputError: The name is not that of an Excel file or is that of the facts, no summary is given, or nothing is proposed.
    """
    from kepudraft.export.atomic import write_all
    from kepudraft.returned.confirming import table

    if out.suffix.lower() != ".xlsx":
        raise InputError("上年数确认表只能写成 Excel 文件", place=str(out), remedy="请用 .xlsx 后缀")
    if facts != "-" and out.exists() and Path(facts).exists() and out.samefile(facts):
        raise InputError("这是事实文件，写出确认表会把它盖掉", place=str(out), remedy="请换一个文件名")
    if not given.texts:
        raise InputError("没有给出上年总结，写不出确认表", place=str(out), remedy="请加 --last-year 上年总结.docx")
    if not found:
        raise InputError("上年总结里没有读到能作上年数的数字，没有写出确认表", place=str(out), remedy="请直接在事实表的“上年”栏填写")
    write_all({out: table(found)})


def print_proposals(found: Sequence[Proposal], out: Path | None) -> None:
    """What is proposed, with the sentence that it stands in, and what to do next."""
    print(f"\n上年总结里读到{len(found)}个可作上年数的数字（只是建议，没有采用）：" if found else "\n上年总结里没有读到能作上年数的数字。")
    for p in found:
        others = f"（另有{'、'.join(p.others)}也像）" if p.others else ""
        print(f"  {p.fact.id} {p.fact.text}：今年{p.now}，上年{p.value}{others}")
        print(f"      上年总结第{p.line}段：{p.sentence}")
    if out:
        print(f"\n写出：{out}\n下一步：打开它，逐行对照原句，对的在“确认”栏填“是”；然后 kepudraft draft 事实文件 --last-year {out} -o 总结.docx")


def print_taken_over(findings: Sequence[FormFinding], *, stderr: bool) -> None:
    """What a new draft took over, with its sentence; beside a draft on the screen it goes to standard error."""
    stream = sys.stderr if stderr else sys.stdout
    if findings:
        print("\n与上年总结对照：", file=stream)
    for finding in findings:
        print(f"  {finding.explanation}：{finding.surface}", file=stream)


def _doubt(sheet: FactSheet, earlier: Earlier) -> str:
    """Why the figures of the text are not those of the year before, or ""."""
    if earlier.year is None:
        return f"{earlier.name}里没有写年份，不知是哪一年的总结，其中的数字不作上年数"
    if earlier.year != sheet.year - 1:
        return f"{earlier.name}是{earlier.year}年的总结，不是{sheet.year - 1}年的，其中的数字不作上年数"
    return ""
