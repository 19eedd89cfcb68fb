"""Operators that plant one fault of form in a text: what `eval.structure` measures by.

An operator takes a build and a random source and gives a `Mutant`, or None where the fault cannot be planted there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from eval.structure_cases import Build
from kepudraft.assemble import chinese_ordinal
from kepudraft.genre import Genre, Role
from kepudraft.verify.form import FormKind, Severity

_STRICT_FROM = 2016
_WORK = frozenset((Role.LEADERSHIP, Role.ACTIVITIES, Role.VENUES, Role.TEAM, Role.YOUTH, Role.RURAL))
_ENDED = re.compile("[^。！？]{14,}[。！？]")
_PADDING = (
    "在上级的正确领导和大力支持下，我们高度重视科普工作，精心组织、周密部署，扎实推进各项任务落到实处，取得了显著成效。",
    "我们统一思想、提高认识，切实加强组织保障，不断创新方式方法，形成合力，使科普工作再上新台阶。",
    "活动内容丰富、形式多样，深受群众欢迎，受到社会各界的一致好评，营造了良好氛围，为科普事业高质量发展奠定了坚实基础。",
    "今后要进一步加强领导，充分发挥优势，凝心聚力、与时俱进，奋力谱写科普工作新篇章，作出新的更大贡献。",
)
# Words of a heading that say outright what follows; written down here apart from the judge's own table.
_PLAIN = {
    Role.LEADERSHIP: ("组织领导", "领导", "机制", "制度"), Role.VENUES: ("阵地", "展厅", "设施", "场馆"),
    Role.ACTIVITIES: ("主题活动", "科普活动", "活动"), Role.YOUTH: ("青少年", "学生", "科学教育"),
    Role.RURAL: ("农村", "农业", "农民"), Role.TEAM: ("队伍", "志愿", "人才"), Role.RESULTS: ("成效", "荣誉", "成绩"),
    Role.PROBLEMS: ("问题", "不足", "困难"), Role.PLANS: ("计划", "打算", "安排", "明年"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one fault, the finding that it must give, and how it is to be judged."""

    text: str
    kind: FormKind
    severity: Severity = Severity.ERROR
    target_chars: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Planter:
    """What operators draw on."""

    genre: Genre
    rng: Random = field(default_factory=Random)


Operator = Callable[[Build, Planter], Mutant | None]


def _demanded(build: Build) -> Severity:
    return Severity.ERROR if build.year >= _STRICT_FROM else Severity.WARNING


def _drop(build: Build, role: Role) -> Mutant | None:
    kept = tuple(block for block in build.blocks if block.role is not role)
    if not build.is_annual or len(kept) == len(build.blocks) or len(kept) < 2:
        return None
    severity = _demanded(build) if role not in _WORK else Severity.WARNING
    return Mutant(replace(build, blocks=kept).text(), FormKind.MISSING_SECTION, severity)


def drop_work(build: Build, planter: Planter) -> Mutant | None:
    """Leave out a needed section of work."""
    needed = [r for r in planter.genre.types[build.unit_type].needed if r in _WORK and any(b.role is r for b in build.blocks)]
    return _drop(build, planter.rng.choice(needed)) if needed else None


def drop_problems(build: Build, planter: Planter) -> Mutant | None:
    """Leave out the problems."""
    return _drop(build, Role.PROBLEMS)


def drop_plans(build: Build, planter: Planter) -> Mutant | None:
    """Leave out the plans."""
    return _drop(build, Role.PLANS)


def swap_order(build: Build, planter: Planter) -> Mutant | None:
    """Exchange problems or plans with a section before them."""
    blocks = list(build.blocks)
    late = [i for i, b in enumerate(blocks) if b.role in (Role.PROBLEMS, Role.PLANS) and i]
    if not late:
        return None
    place = planter.rng.choice(late)
    other = planter.rng.randrange(place)
    blocks[place], blocks[other] = blocks[other], blocks[place]
    return Mutant(replace(build, blocks=tuple(blocks)).text(), FormKind.ORDER)


def skip_number(build: Build, planter: Planter) -> Mutant | None:
    """Leave out a number of the first level."""
    count = len(build.blocks)
    place = planter.rng.randrange(1, count)
    numbers = tuple(f"{chinese_ordinal(i + 1 + (i >= place))}、" for i in range(count))
    return Mutant(build.text(numbers), FormKind.NUMBERING)


def repeat_number(build: Build, planter: Planter) -> Mutant | None:
    """Give a number of the first level twice."""
    count = len(build.blocks)
    place = planter.rng.randrange(1, count)
    numbers = tuple(f"{chinese_ordinal(i + 1 - (i >= place))}、" for i in range(count))
    return Mutant(build.text(numbers), FormKind.NUMBERING)


def wrong_marker(build: Build, planter: Planter) -> Mutant | None:
    """Write a heading of the first level with the mark of another."""
    count = len(build.blocks)
    place = planter.rng.randrange(count)
    form = planter.rng.choice(("（{}）", "{n}.", "（{n}）"))
    numbers = [f"{chinese_ordinal(i + 1)}、" for i in range(count)]
    numbers[place] = form.format(chinese_ordinal(place + 1), n=place + 1)
    return Mutant(build.text(tuple(numbers)), FormKind.NUMBERING)


def skip_part(build: Build, planter: Planter) -> Mutant | None:
    """Leave out or repeat the number of a part, or give it the mark of a point."""
    parts = [(i, n) for i, b in enumerate(build.blocks) for n, line in enumerate(b.lines) if line.startswith("（二）")]
    if not parts:
        return None
    i, n = planter.rng.choice(parts)
    number = planter.rng.choice(("（三）", "（一）", "2."))
    return Mutant(_with_line(build, i, n, number + build.blocks[i].lines[n][3:]).text(), FormKind.NUMBERING)


def skip_point(build: Build, planter: Planter) -> Mutant | None:
    """Make 一是 … 三是 of 一是 … 二是."""
    places = [(i, n) for i, b in enumerate(build.blocks) for n, line in enumerate(b.lines) if re.search("一是.*[；。]二是", line)]
    if not places:
        return None
    i, n = planter.rng.choice(places)
    line = re.sub("([；。])二是", "\\1三是", build.blocks[i].lines[n], count=1)
    return Mutant(_with_line(build, i, n, line).text(), FormKind.NUMBERING)


def exchange_headings(build: Build, planter: Planter) -> Mutant | None:
    """Exchange two headings that say outright what follows."""
    blocks = list(build.blocks)
    plain = [i for i, b in enumerate(blocks) if any(word in b.heading for word in _PLAIN.get(b.role, ()))]
    pairs = [(i, j) for i in plain for j in plain if i < j and blocks[i].role is not blocks[j].role]
    if not pairs:
        return None
    i, j = planter.rng.choice(pairs)
    blocks[i], blocks[j] = replace(blocks[i], heading=blocks[j].heading), replace(blocks[j], heading=blocks[i].heading)
    return Mutant(replace(build, blocks=tuple(blocks)).text(), FormKind.HEADING, Severity.WARNING)


def _with_line(build: Build, i: int, n: int, *lines: str) -> Build:
    """The build with line `n` of block `i` replaced by `lines`."""
    block = build.blocks[i]
    new = replace(block, lines=(*block.lines[:n], *lines, *block.lines[n + 1 :]))
    return replace(build, blocks=(*build.blocks[:i], new, *build.blocks[i + 1 :]))


def _prose(build: Build, planter: Planter, roles: frozenset[Role] = frozenset(Role)) -> tuple[int, int]:
    """A random line of prose: block and line."""
    places = [
        (i, n) for i, b in enumerate(build.blocks) if b.role in roles for n, line in enumerate(b.lines)
        if len(line) > 30 and line.endswith("。")
    ]  # fmt: skip
    return planter.rng.choice(places)


def duplicate_sentence(build: Build, planter: Planter) -> Mutant | None:
    """Tell a sentence again at the end of another paragraph."""
    i, n = _prose(build, planter)
    found = _ENDED.search(build.blocks[i].lines[n])
    if not found:
        return None
    j, m = _prose(build, planter)
    return Mutant(_with_line(build, j, m, build.blocks[j].lines[m] + found[0]).text(), FormKind.REPEATED_SENTENCE)


def duplicate_paragraph(build: Build, planter: Planter) -> Mutant | None:
    """Put a paragraph a second time behind another."""
    i, n = _prose(build, planter)
    paragraph = build.blocks[i].lines[n]
    j, m = _prose(build, planter)
    return Mutant(_with_line(build, j, m, build.blocks[j].lines[m], paragraph).text(), FormKind.REPEATED_PARAGRAPH)


def empty_section(build: Build, planter: Planter) -> Mutant | None:
    """Leave a heading without text."""
    i = planter.rng.randrange(len(build.blocks))
    blocks = (*build.blocks[:i], replace(build.blocks[i], lines=()), *build.blocks[i + 1 :])
    mutant = replace(build, blocks=blocks, closing=() if i == len(blocks) - 1 else build.closing)
    return Mutant(mutant.text(), FormKind.EMPTY_SECTION)


def one_line(build: Build, planter: Planter) -> Mutant | None:
    """Cut problems or plans down to their first point, told in a short sentence."""
    places = [i for i, b in enumerate(build.blocks) if b.role in (Role.PROBLEMS, Role.PLANS)]
    if not places:
        return None
    i = planter.rng.choice(places)
    text = "".join(build.blocks[i].lines)
    first = re.sub("^.*?[：:。]?(?:一是|1[.．]|（一）)", "", text) if re.search("一是|1[.．]|（一）", text) else text
    line = re.split("[。；，]", first)[0][:40] + "。"
    if len(line) < 6:
        return None
    blocks = (*build.blocks[:i], replace(build.blocks[i], lines=(line,)), *build.blocks[i + 1 :])
    severity = _demanded(build) if build.is_annual else Severity.WARNING
    return Mutant(replace(build, blocks=blocks, closing=()).text(), FormKind.THIN_SECTION, severity)


def _insert(build: Build, planter: Planter, sentence: str, kind: FormKind) -> Mutant:
    i, n = _prose(build, planter, _WORK)
    return Mutant(_with_line(build, i, n, build.blocks[i].lines[n] + sentence).text(), kind)


def leave_mask(build: Build, planter: Planter) -> Mutant | None:
    """Leave 〔数〕, a slot, xx or 20xx where a figure stood."""
    i, n = _prose(build, planter, _WORK)
    line = build.blocks[i].lines[n]
    figures = list(re.finditer("[0-9][0-9.,]*(?=[万余]?[人场次个项份名册期元件])", line))
    mask = planter.rng.choice(("〔数〕", "⟦F1⟧", "⟦F12:人次⟧", "{F1a}", "{{F3}}", "xx", "XX", "××", "＿＿", "[待填]"))
    if figures:
        found = planter.rng.choice(figures)
        return Mutant(_with_line(build, i, n, line[: found.start()] + mask + line[found.end() :]).text(), FormKind.REMAINS)
    return Mutant(_with_line(build, i, n, f"{line}全年共{mask}场次。").text(), FormKind.REMAINS)


def leave_year(build: Build, planter: Planter) -> Mutant | None:
    """Leave 20xx年, xx县 or 某某."""
    word = planter.rng.choice(("20xx年，", "20XX年，", "xx县", "某某同志", "X月X日，", "（此处填写数据）"))
    return _insert(build, planter, f"{word}有关工作按时完成。", FormKind.REMAINS)


def leave_gap(build: Build, planter: Planter) -> Mutant | None:
    """Leave 【待补充：…】."""
    what = planter.rng.choice(("活动场次和参加人次", "科普经费", "志愿者人数"))
    return _insert(build, planter, f"【待补充：{what}】", FormKind.GAP)


def cut_sentence(build: Build, planter: Planter) -> Mutant | None:
    """Break a paragraph off in the middle of its last sentence."""
    i, n = _prose(build, planter)
    line = build.blocks[i].lines[n]
    start = max(line.rfind(mark, 0, len(line) - 1) for mark in "。！？") + 1
    cut = start + (len(line) - start) // 2
    kept = line[:cut].rstrip("。！？；：”）》")
    return Mutant(_with_line(build, i, n, kept).text(), FormKind.HALF_SENTENCE) if cut - start > 3 else None


def markdown(build: Build, planter: Planter) -> Mutant | None:
    """Leave marks of Markdown."""
    i, n = _prose(build, planter)
    line = build.blocks[i].lines[n]
    plain = build.text()
    heading = f"一、{build.blocks[0].heading}"
    texts = (
        plain.replace(heading, f"## {heading}"),
        plain.replace(heading, f"**{heading}**"),
        "# " + plain,
        _with_line(build, i, n, f"- {line}").text(),
        _with_line(build, i, n, f"* {line}").text(),
        _with_line(build, i, n, f"**{line[:6]}**{line[6:]}").text(),
        _with_line(build, i, n, "| 项目 | 数量 |", "|---|---|", line).text(),
        _with_line(build, i, n, f"> {line}").text(),
        _with_line(build, i, n, line, "---").text(),
        _with_line(build, i, n, f"`{line[:4]}`{line[4:]}").text(),
    )
    return Mutant(planter.rng.choice(texts), FormKind.MARKDOWN)


def empty_quotes(build: Build, planter: Planter) -> Mutant | None:
    """Empty a pair of quotation marks or lose one of two brackets."""
    quoted = [(i, n) for i, b in enumerate(build.blocks) for n, line in enumerate(b.lines) if re.search("“[^”]+”|《[^》]+》", line)]
    if not quoted:
        return _insert(build, planter, "“”活动如期举行。", FormKind.QUOTES)
    i, n = planter.rng.choice(quoted)
    line = build.blocks[i].lines[n]
    form = planter.rng.choice((r"\1\3", r"\2\3", r"\1\2"))
    return Mutant(_with_line(build, i, n, re.sub("([“《])([^”》]+)([”》])", form, line, count=1)).text(), FormKind.QUOTES)


def wrong_term(build: Build, planter: Planter) -> Mutant | None:
    """Use a term in a year in which it does not hold."""
    wrong = ["全国科普日" if build.year >= 2025 else "全国科普月"]
    if build.year >= 2022:
        wrong.append("《全民科学素质行动计划纲要（2006—2010—2020年）》")
    if build.year < 2017:
        wrong.append("全国科技工作者日")
    if build.year < 2021:
        wrong.append("《全民科学素质行动规划纲要（2021—2035年）》")
    term = planter.rng.choice(wrong)
    sentence = f"按照{term}的要求逐项落实。" if term.startswith("《") else f"{term}期间开展了系列活动。"
    return _insert(build, planter, sentence, FormKind.TERM)


def mixed_number(build: Build, planter: Planter) -> Mutant | None:
    """Write 3千余 or 5百."""
    number = planter.rng.choice(("3千余份", "5百份", "2千多册", "8百余册", "6千份", "1千2百余份"))
    return _insert(build, planter, f"发放各类资料{number}。", FormKind.NUMERAL_STYLE)


def percent_range(build: Build, planter: Planter) -> Mutant | None:
    """Leave the first sign of a range of percentages out."""
    form = planter.rng.choice(("85～90%", "4—6%", "92.5-95%", "70至80%", "3~5%"))
    return _insert(build, planter, f"各点满意率为{form}。", FormKind.PERCENT_RANGE)


def padding(build: Build, planter: Planter) -> Mutant | None:
    """Pad with stock phrases."""
    i, n = _prose(build, planter)
    pad = "".join(planter.rng.sample(_PADDING, planter.rng.randint(2, 4)))
    line = build.blocks[i].lines[n]
    mutant = _with_line(build, i, n, line, pad) if planter.rng.random() < 0.5 else _with_line(build, i, n, pad)
    return Mutant(mutant.text(), FormKind.STOCK_PHRASES)


def no_title(build: Build, planter: Planter) -> Mutant | None:
    """Leave the title out."""
    return Mutant(build.text().split("\n", 1)[1], FormKind.TITLE)


def bad_title(build: Build, planter: Planter) -> Mutant | None:
    """Leave year or 总结 out of the title, or write another year."""
    title = planter.rng.choice((
        re.sub("[0-9]{4}年度?", "", build.title),
        re.sub("[0-9]{4}", str(build.year + planter.rng.choice((-6, -2, 3))), build.title, count=1),
        re.sub("(?:工作)?(?:情况)?(?:总结|报告).*", "", build.title),
    ))  # fmt: skip
    return Mutant(replace(build, title=title).text(), FormKind.TITLE) if str(build.year) not in title or "总结" not in title else None


def far_length(build: Build, planter: Planter) -> Mutant | None:
    """Ask for a text much longer or shorter."""
    text = build.text()
    return Mutant(text, FormKind.LENGTH, target_chars=int(len(text) * planter.rng.choice((0.4, 0.5, 2.3, 3.0))))


def bad_signature(build: Build, planter: Planter) -> Mutant | None:
    """Leave the signature out where it is demanded, or write the date wrongly."""
    unit = re.split("[0-9]{4}", build.title)[0] or "某县科协"
    end, severity = planter.rng.choice((
        ("", Severity.ERROR), (f"\n{unit}\n{build.year}年12月06日", Severity.WARNING),
        (f"\n{unit}\n{build.year}.12.26", Severity.WARNING), (f"\n{unit}\n{build.year - 3}年12月26日", Severity.WARNING),
    ))  # fmt: skip
    return Mutant(build.text() + end, FormKind.SIGNATURE, severity, signed=True)


OPERATORS: tuple[Operator, ...] = (
    drop_work, drop_problems, drop_plans, swap_order, skip_number, repeat_number, wrong_marker, skip_part, skip_point,
    exchange_headings, duplicate_sentence, duplicate_paragraph, empty_section, one_line, leave_mask, leave_year, leave_gap,
    cut_sentence, markdown, empty_quotes, wrong_term, mixed_number, percent_range, padding, no_title, bad_title, far_length,
    bad_signature,
)  # fmt: skip
