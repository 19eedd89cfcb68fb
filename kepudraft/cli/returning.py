"""What `kepudraft check` does beside judging: tell what changed since the export, write comments into a copy, write the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kepudraft.errors import DraftTextError, InputError

if TYPE_CHECKING:
    # Loaded where they are asked for: a plain check must not wait for them.
    from kepudraft.facts.sheet import FactSheet
    from kepudraft.returned.changes import Changes
    from kepudraft.verify.report import Report

Html = Annotated[Path | None, typer.Option("--html", metavar="文件", help="写出核对页（.html）：每个数字点开看依据，可打印、签字")]
Comments = Annotated[
    Path | None, typer.Option("--comments", metavar="文件", help="把问题写成 Word 批注，存成另一份 .docx（文稿须是 .docx）")
]
Against = Annotated[
    Path | None, typer.Option("--against", metavar="文件", help="导出时的依据（.json），用来比较改了哪些句子；在同一文件夹里的会自动找到")
]


@dataclass(frozen=True, slots=True)
class Back:
    """A text that came back, as `check` judged it.

    Attributes:
        name: The file, or "-".
        text: As it was judged.
        sheet: The facts.
        report: Of the text against the facts.
        changes: What was changed since the export; None where that cannot be known.
        has_wording: True if the old wording is known.
    """

    name: str
    text: str
    sheet: FactSheet
    report: Report
    changes: Changes | None
    has_wording: bool

    @property
    def counted(self) -> str:
        """What the person can count in the file."""
        return "段" if _is_word(self.name) else "行"


def refuse_targets(text: str, facts: str, html: Path | None, comments: Path | None) -> None:
    """Refuse targets before anything is judged.

    Raises:
        InputError: A suffix is wrong, comments are asked for a text that is no Word file, or a target is an input.
    """
    if comments is not None and not _is_word(text):
        raise InputError("批注只能写进 Word 文件，文稿不是 .docx", place=text, remedy="请用 .docx 文稿，或改用 --html")
    for target, suffix in ((html, ".html"), (comments, ".docx")):
        if target is None:
            continue
        if target.suffix.lower() != suffix:
            raise InputError(f"文件后缀应是 {suffix}", place=str(target), remedy=f"请写成 {target.with_suffix(suffix).name}")
        for given in (text, facts):
            if given != "-" and target.exists() and Path(given).exists() and target.samefile(given):
                raise InputError("这是给出的文件本身，不能盖掉", place=str(target), remedy="请换一个文件名")


def came_back(name: str, text: str, sheet: FactSheet, report: Report, against: Path | None) -> Back:
    """Compare a text with its export: by what the Word file carries, and by the JSON record given or lying beside it.

    Raises:
        DraftTextError: `against` is no record.
    """
    from kepudraft.returned.changes import compare, load_record, record_beside, trace_of_document, with_wording
    from kepudraft.verify.word_text import read_placed

    trace = trace_of_document(read_placed(Path(name)).document) if _is_word(name) else None
    record = load_record(against) if against else record_beside(Path(name), trace) if trace else None
    if trace and record and trace.record == record.record:
        trace = with_wording(trace, record)
    elif record:
        trace = record  # the file was saved by a program that dropped the trace, or comes from another export
    if trace is None:
        return Back(name, text, sheet, report, None, False)
    return Back(name, text, sheet, report, compare(text, trace), any(s.text for s in trace.sentences))


def print_changes(back: Back) -> None:
    """What was changed, a line each; nothing for a text that was not exported from here."""
    from kepudraft.returned.notes import summary, told

    if back.changes is None:
        return
    print(summary(back.changes))
    for change in back.changes.items:
        print(f"  {told(change, back.text, back.sheet, counted=back.counted)}")
    if back.changes.items and not back.has_wording:
        print("  （要看原句的文字，请加 --against 导出时的 .json）")
    print()


def changes_record(back: Back) -> list[dict[str, object]] | None:
    """The changes as JSON values; None where they cannot be known."""
    if back.changes is None:
        return None
    return [
        {"kind": c.kind.value, "start": c.span.start if c.span else None, "end": c.span.end if c.span else None, "text": c.text,
         "before": c.before, "facts": list(c.fact_ids)}
        for c in back.changes.items
    ]


def write_back(back: Back, html: Path | None, comments: Path | None) -> tuple[Path, ...]:
    """Write the page and the commented copy, both or neither.

    Raises:
        ExportError: A file cannot be written.
    """
    from kepudraft.export.atomic import write_all

    contents = {}
    if html is not None:
        contents[html] = _page(back).encode()
    if comments is not None:
        contents[comments] = _commented(back)
    write_all(contents)
    return tuple(contents)


def _page(back: Back) -> str:
    from kepudraft.export.evidence import of_text
    from kepudraft.export.html import page
    from kepudraft.facts.derive import with_derived
    from kepudraft.returned.notes import summary, told

    changes = back.changes
    said = [summary(changes), *(told(c, back.text, back.sheet, counted=back.counted) for c in changes.items)] if changes else []
    return page(of_text(back.text, back.report, with_derived(back.sheet), edited=changes.edited if changes else (), changes=said))


def _commented(back: Back) -> bytes:
    from kepudraft.returned.comments import commented
    from kepudraft.returned.notes import notes
    from kepudraft.verify.word_text import read_placed

    placed = read_placed(Path(back.name))
    try:
        return commented(placed, notes(back.text, back.report, back.sheet, back.changes))
    except Exception as error:  # python-docx and lxml raise anything on a file whose other parts are damaged
        raise DraftTextError("批注写不进这个 Word 文件", place=back.name, remedy="请用 Word 打开后另存为 .docx，或改用 --html") from error


def _is_word(name: str) -> bool:
    return name.lower().endswith(".docx")
