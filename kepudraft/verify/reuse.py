"""What a summary took over from last year's: sentences word for word, and the old year.

In come both texts, out go `FormFinding`s whose spans index into the new one. Terms that hold no more are found by
`verify.terms`, whoever wrote them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.figures.figure import Span
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import scan
from kepudraft.figures.sentences import sentence_spans
from kepudraft.verify.form import FormFinding, FormKind, Severity, in_order
from kepudraft.verify.layout import Line, LineKind, read_layout

_FILE = Path(__file__).with_name("reuse.toml")
_MARKS = re.compile(r"[\s，。；：、！？,.;:!?“”‘’\"'（）()《》【】—\-]+")
_COMPARED = re.compile(r"(?:比|较|同|与|和|自|从|截至|截止|对比)[^，。；\n]{0,6}$")
_COMPARED_AFTER = re.compile(r"年?度?(?:相比|以来|年?底|年末|同期|[—~～至到\-]|级|届|版)")
_REACH = 12


@dataclass(frozen=True, slots=True)
class _Rules:
    min_chars: int
    exempt: re.Pattern[str]


@cache
def _rules() -> _Rules:
    try:
        data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        exempt = re.compile("|".join(f"(?:{pattern})" for pattern in data["exempt"]) or r"(?!)")
        return _Rules(int(data["min_chars"]), exempt)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise RuleError(f"沿用规则表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error


def check_reuse(text: str, earlier: str, *, year: int) -> tuple[FormFinding, ...]:
    """Find what was taken over from the summary of the year before.

    Args:
        text: The new summary; spans index into it.
        earlier: Last year's summary.
        year: The year that the new summary covers.
    """
    known = {_plain(sentence) for line in _prose(earlier) for sentence in _cut(earlier, line)}
    undated = {_undated(sentence) for sentence in known}
    return in_order((*_reused(text, known, undated), *_old_year(text, known, year - 1, year)))


def _reused(text: str, known: set[str], undated: set[str]) -> Iterator[FormFinding]:
    rules = _rules()
    for line in _prose(text):
        for span in _spans(text, line):
            sentence = text[span.start : span.end]
            plain = _plain(sentence)
            if len(plain) < rules.min_chars or rules.exempt.search(sentence.strip()):
                continue
            has_figures = bool(scan(sentence).figures)
            if plain in known:
                why = "这句话与上年总结完全相同" + ("，数字也没有变，请核对是不是今年的情况" if has_figures else "，请写出今年的情况")
            elif _undated(plain) in undated:
                why = "这句话与上年总结只差年份，请核对是不是今年的情况"
            else:
                continue
            yield FormFinding(FormKind.REUSED, span, sentence, Severity.WARNING, why)


def _old_year(text: str, known: set[str], old: int, year: int) -> Iterator[FormFinding]:
    """The year before where nothing says that the year before is meant."""
    folded = fold(text)
    for match in re.finditer(rf"(?<![0-9—~～\-]){old}(?=年|度)", folded):
        start, end = match.start(), match.end() + 1
        line_start = folded.rfind("\n", 0, start) + 1
        before, after = folded[max(line_start, start - _REACH) : start], folded[match.end() : end + _REACH]
        sentence = next((s for s in _cut_line(text, start) if s.start <= start < s.end), Span(start, end))
        is_taken_over = _plain(text[sentence.start : sentence.end]) in known
        if not is_taken_over and (_COMPARED.search(before) or _COMPARED_AFTER.match(after) or before.count("《") > before.count("》")):
            continue
        why = f"总结的是{year}年，这里写的是{old}年"
        why += "，而且这句话与上年总结相同：像是上年的年份没有改" if is_taken_over else "：请核对是说上年的事，还是年份没有改"
        severity = Severity.ERROR if is_taken_over else Severity.WARNING
        yield FormFinding(FormKind.OLD_YEAR, Span(start, end), text[start:end], severity, why)


def _prose(text: str) -> tuple[Line, ...]:
    """Lines of prose: a heading may well be the same every year."""
    return tuple(line for line in read_layout(text).lines if line.kind in (LineKind.BODY, LineKind.ITEM))


def _spans(text: str, line: Line) -> Iterator[Span]:
    at = line.span.start + line.mark
    for span in sentence_spans(text[at : line.span.end]):
        yield Span(at + span.start, at + span.end)


def _cut(text: str, line: Line) -> Iterator[str]:
    return (text[span.start : span.end] for span in _spans(text, line))


def _cut_line(text: str, place: int) -> Iterator[Span]:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return (Span(start + s.start, start + s.end) for s in sentence_spans(text[start : end if end >= 0 else len(text)]))


def _plain(sentence: str) -> str:
    """The words without blanks and marks: a comma more makes no new sentence."""
    return _MARKS.sub("", fold(sentence))


def _undated(plain: str) -> str:
    return re.sub(r"(?:19|20)[0-9]{2}(?=年)", "", plain)
