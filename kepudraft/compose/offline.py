"""Composing without a model: a section's facts -> paragraphs in the voice of the genre.

Every sentence is made of the facts' own clauses, in an order a reader expects: a total before its parts, events by
date, awards by level and grade, things of one kind in one sentence. What joins them is chosen by a seed and claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kepudraft.compose.clauses import clause, is_flow
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.compose.phrases import number_mark, phrases
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.genre import Genre, Role
from kepudraft.outline import SectionPlan

_LONG = 70  # characters after which a sentence takes no further thing
_AGAIN = re.compile(r"([\u4e00-\u9fff]{2,6}?)(?=(?:接待|参与|服务|吸引|惠及|放映|播放|参训|听众|观众|受益|出车)[^，；]{0,8}\d)")
_SHORT = 60  # characters below which a paragraph joins its neighbour
_DATED = re.compile(r"^(?:20\d\d年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?")


def compose(plan: SectionPlan, sheet: FactSheet, genre: Genre, *, seed: int = 0) -> Passage:
    """The prose of one section without parts, or of one part.

    Args:
        plan: What to tell; its facts are ids in `sheet`.
        sheet: The facts, computed ones among them.
        genre: For what to ask where a needed section has no facts.
        seed: Chooses among equal wordings; the same seed gives the same text.
    """
    writer = _Writer(sheet, genre, f"{seed}|{sheet.unit}|{plan.role}|{plan.heading}")
    if plan.role is Role.OVERVIEW:
        return Passage((writer.overview(plan),))
    if not plan.fact_ids:
        return Passage((_gap(genre.roles[plan.role].ask),))
    if plan.role is Role.PROBLEMS:
        return Passage((writer.listed(plan, "problems"),))
    if plan.role is Role.PLANS:
        return Passage((writer.listed(plan, "plans"),))
    return Passage(_joined([writer.paragraph(ids, n) for n, ids in enumerate(plan.topics or (plan.fact_ids,))]))


def plain(sentence: Sentence, sheet: FactSheet) -> tuple[Sentence, ...]:
    """A sentence's facts once more, each in its own words and its own sentence: what no joining can bend."""
    facts = {fact.id: fact for fact in sheet.facts}
    told = [facts[i] for i in sentence.fact_ids if not facts[i].formula]
    return tuple(Sentence(f"{_plain_text(fact)}。", (fact.id,), Origin.OFFLINE) for fact in told)


def _plain_text(fact: Fact) -> str:
    text = fact.text.rstrip("，,；;。 ")
    return f"计划{text}" if fact.status is Status.PLANNED and not text.startswith("计划") else text


def _joined(paragraphs: list[tuple[Sentence, ...]]) -> tuple[tuple[Sentence, ...], ...]:
    """Short paragraphs run together: one line standing alone reads like a list."""
    joined: list[tuple[Sentence, ...]] = []
    for paragraph in paragraphs:
        if joined and min(_length(joined[-1]), _length(paragraph)) < _SHORT:
            joined[-1] = (*joined[-1], *paragraph)
        else:
            joined.append(paragraph)
    return tuple(joined)


def _length(paragraph: Sequence[Sentence]) -> int:
    return sum(len(s.text) for s in paragraph)


def _gap(ask: str) -> tuple[Sentence, ...]:
    return (Sentence(f"【待补充：{ask}】", (), Origin.OFFLINE, gap=ask),)


class _Writer:
    """The state that all sentences of a passage share: sheet and seed."""

    def __init__(self, sheet: FactSheet, genre: Genre, seed: str) -> None:
        self.facts = {fact.id: fact for fact in sheet.facts}
        self.sheet = sheet
        self.genre = genre
        self.seed = seed
        self.named: set[str] = set()
        self.changes = len(seed)  # so that sections begin with different wordings

    def overview(self, plan: SectionPlan) -> tuple[Sentence, ...]:
        """«2025年，××接待观众…。现将…总结如下。»"""
        names = {"unit": self.sheet.unit, "year": self.sheet.year}
        things = self._things(plan.fact_ids)
        if not things:
            return (Sentence(phrases().pick("overview.bare", self.seed).format(**names), (), Origin.OFFLINE),)
        lead = phrases().pick("overview.lead", self.seed).format(**names)
        told = [self._told(thing) for thing in things]
        body = re.sub(r"^20\d\d年", "", _linked(told))
        if not body.startswith("全年"):
            body = re.sub("([，；])全年", r"\1", body)
        first = Sentence(f"{lead}{body}。", _ids(things), Origin.OFFLINE)
        return first, Sentence(phrases().pick("overview.close", self.seed), (), Origin.OFFLINE)

    def listed(self, plan: SectionPlan, kind: str) -> tuple[Sentence, ...]:
        """«…以下问题：一是…；二是….» as one sentence; a single item without number."""
        things = self._things(plan.fact_ids)
        items = [self._told(thing) for thing in things]
        if kind == "plans":
            strip = re.compile("^(?:" + "|".join(phrases().texts["plans.strip"]) + ")+[，,]?(?=.)")
            items = [strip.sub("", item) for item in items]
        if len(items) == 1:
            return (Sentence(f"{phrases().pick(f'{kind}.one', self.seed)}{items[0]}。", _ids(things), Origin.OFFLINE),)
        lead = phrases().pick(f"{kind}.lead", self.seed)
        sentences = []
        for n, (item, thing) in enumerate(zip(items, things, strict=True), 1):
            end = "。" if n == len(items) else "；"
            sentences.append(Sentence(f"{lead if n == 1 else ''}{number_mark(n)}{item}{end}", _ids([thing]), Origin.OFFLINE))
        return tuple(sentences)

    def paragraph(self, fact_ids: tuple[str, ...], n: int) -> tuple[Sentence, ...]:
        """The facts of one topic as sentences; a second or later sentence may open with a connective."""
        sentences: list[Sentence] = []
        for chunk in self._chunks(self._things(fact_ids)):
            text = _linked([self._subject(thing) + self._told(thing) for thing in chunk])
            opener = self._opener(text, len(sentences), n)
            sentences.append(Sentence(f"{opener}{text}。", _ids(chunk), Origin.OFFLINE))
        return tuple(sentences)

    def _subject(self, thing: list[Fact]) -> str:
        """«科技特派员方面，» before the first thing under a heading whose subject the text itself does not name."""
        subject = thing[0].subject
        if not subject or subject in self.named:
            return ""
        self.named.add(subject)
        return phrases().texts["openers.topic"][0].format(subject)

    def _opener(self, text: str, position: int, paragraph: int) -> str:
        if position == 0:
            if paragraph == 0 and is_flow(text) and "全年" not in text and "年内" not in text:
                return phrases().pick("openers.year", self.seed)
            return ""
        if _DATED.match(text) or not is_flow(text):
            return ""
        # Every other sentence at most: a connective before each reads like a list.
        return phrases().pick("openers.more", f"{self.seed}|{position}") if position % 2 == 1 else ""

    def _things(self, fact_ids: Sequence[str]) -> list[list[Fact]]:
        """Facts grouped by what they are about: a total with its changes and its parts behind it, then in telling order."""
        things: dict[str, list[Fact]] = {}
        for fact_id in fact_ids:
            fact = self.facts[fact_id]
            owner = fact.inputs[0] if fact.formula else fact.part_of
            key = next((k for k, members in things.items() if any(m.id == owner for m in members)), None) if owner else None
            things.setdefault(key or fact_id, []).append(fact)
        return sorted(things.values(), key=lambda thing: _telling_key(thing[0]))

    def _told(self, thing: list[Fact]) -> str:
        """A total, its changes, its parts: «…38.6万人次，比上年增长9.0%，其中…»."""
        own = [f for f in thing if not f.formula]
        told = []
        for n, fact in enumerate(own):
            text = clause(fact, tuple(self._worded(f) for f in thing if f.formula and f.inputs[0] == fact.id))
            told.append(text if n == 0 else ("其中" if n == 1 and not text.startswith("其中") else "") + text)
        return "，".join(told)

    def _worded(self, change: Fact) -> Fact:
        """«比上年增长…», «较上年增长…», «同比增长…» in turn: one wording throughout wears the reader out."""
        ways = phrases().texts["change.against"]
        self.changes += 1
        way = ways[self.changes % len(ways)]
        if way == "同比" and not re.search("增长|下降", change.text[:5]):
            way = ways[self.changes // len(ways) % 2]  # 同比 goes with a rate, not with «增加6场»
        return replace(change, text=change.text.replace(ways[0], way))

    def _chunks(self, things: list[list[Fact]]) -> list[list[list[Fact]]]:
        """Things -> sentences: things of one kind together, none over-long, a dated event by itself."""
        chunks: list[list[list[Fact]]] = []
        length = 0
        for thing in things:
            size = sum(len(f.text) for f in thing)
            alone = bool(_DATED.match(thing[0].text)) or thing[0].text.count("，") >= 3
            after_alone = bool(chunks) and bool(_DATED.match(chunks[-1][-1][0].text))
            if not chunks or alone or after_alone or length + size > _LONG:
                chunks.append([thing])
                length = size
            else:
                chunks[-1].append(thing)
                length += size
        return chunks


def _linked(told: list[str]) -> str:
    """Clauses as one sentence: «举办临时展览6个；临时展览接待观众9.4万人次» -> «举办临时展览6个，接待观众9.4万人次»."""
    linked = told[0]
    for before, text in pairwise(told):
        again = _AGAIN.match(text)
        if again and again[1] in before.split("，")[0]:
            linked += f"，{text[again.end(1) :]}"
        else:
            linked += f"；{text}"
    return linked


def _telling_key(fact: Fact) -> tuple[int, int, int, int, int]:
    """Undated facts first, then events by date; awards by level and grade; otherwise as the file has them."""
    dated = _DATED.match(fact.text)
    month, day = (int(dated["month"]), int(dated["day"] or 0)) if dated else (0, 0)
    level, grade = phrases().rank_of_award(fact.text) if _is_award(fact) else (0, 0)
    order = int(re.sub(r"\D", "", fact.id) or 0)
    return month, day, level, grade, order


def _is_award(fact: Fact) -> bool:
    return fact.role is Role.RESULTS or any(word in fact.text for word in phrases().grades)


def _ids(things: Sequence[Sequence[Fact]]) -> tuple[str, ...]:
    return tuple(f.id for thing in things for f in thing)
