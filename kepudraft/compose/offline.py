"""Composing without a model: a section's facts -> paragraphs in the voice of the genre.

Every sentence is made of the facts' own clauses, in an order a reader expects: a total before its parts, events by
date, awards by level and grade, things of one kind in one sentence. What joins them is chosen by a seed and claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kepudraft.compose.clauses import clause, is_flow, is_stock, leading_verb
from kepudraft.compose.linking import goes_on, linked
from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.compose.phrases import number_mark, phrases
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.scan import Kind
from kepudraft.genre import Genre, Role
from kepudraft.outline import SectionPlan

_LONG = 75  # characters after which a sentence takes no further thing
_TOO_LONG = 120  # … not even one that speaks of the same
_SHORT = 60  # characters below which a paragraph joins its neighbour
_DATED = re.compile(r"^(?:20\d\d年)?(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号])?")
_RATE = re.compile("增长|下降")
_PLACED = re.compile("辖区|社区|村|街道|学校|[全本占]")  # says whose it is
_QUOTED = re.compile("《[^》]*》")
_YEAR = re.compile(r"^(?:20\d\d年|全年|今年|本年度?|年内|一年来)(?:共|累计)?")


def compose(plan: SectionPlan, sheet: FactSheet, genre: Genre, *, seed: int = 0) -> Passage:
    """The prose of one section without parts, or of one part.

    Args:
        plan: What to tell; its facts are ids in `sheet`.
        sheet: The facts, computed ones among them.
        genre: For what to ask where a needed section has no facts.
        seed: Chooses among equal wordings; the same seed gives the same text.
    """
    writer = _Writer(sheet, genre, plan, f"{seed}|{sheet.unit}|{plan.role}|{plan.heading}")
    if plan.role is Role.OVERVIEW:
        return Passage((writer.overview(),))
    if not plan.fact_ids:
        return Passage((_gap(genre.roles[plan.role].ask),))
    if plan.role is Role.PROBLEMS:
        return Passage((writer.listed("problems"),))
    if plan.role is Role.PLANS:
        return Passage((writer.listed("plans"),))
    return Passage(writer.paragraphs())


def plain(sentence: Sentence, sheet: FactSheet) -> tuple[Sentence, ...]:
    """A sentence's facts once more, each in its own words and its own sentence: what no joining can bend."""
    facts = {fact.id: fact for fact in sheet.facts}
    told = [facts[i] for i in sentence.fact_ids if not facts[i].formula]
    return tuple(Sentence(f"{_plain_text(fact)}。", (fact.id,), Origin.OFFLINE) for fact in told)


def things_of(sentence: Sentence, sheet: FactSheet) -> tuple[tuple[Fact, ...], ...]:
    """The facts of a sentence by what they are about: each thing with its parts and changes, in the sentence's order."""
    facts = {fact.id: fact for fact in sheet.facts}
    things: list[list[Fact]] = []
    for fact in (facts[i] for i in sentence.fact_ids):
        owner = fact.inputs[0] if fact.formula else fact.part_of
        home = next((t for t in things if any(f.id == owner for f in t)), None) if owner else None
        if home is None:
            things.append([fact])
        else:
            home.append(fact)
    return tuple(map(tuple, things))


def worded(facts: Sequence[Fact], unit: str) -> str:
    """The facts of one thing as a clause of their own, without end mark."""
    return _told(_Thing(list(facts)), _Changes(phrases().texts["change.against"][0]), unit)


def _plain_text(fact: Fact) -> str:
    text = fact.text.rstrip("，,；;。 ")
    return f"计划{text}" if fact.status is Status.PLANNED and not text.startswith("计划") else text


def _gap(ask: str) -> tuple[Sentence, ...]:
    return (Sentence(f"【待补充：{ask}】", (), Origin.OFFLINE, gap=ask),)


@dataclass(slots=True)
class _Thing:
    """Facts that are told as one: a total, its parts, and the changes of each; `told` once it is worded."""

    facts: list[Fact]
    told: str = ""

    @property
    def first(self) -> Fact:
        return self.facts[0]

    @property
    def own(self) -> list[Fact]:
        return [f for f in self.facts if not f.formula]


@dataclass(slots=True)
class _Changes:
    """How the changes of one sentence are worded: in one way, and a second rate without saying against what."""

    way: str
    said: bool = field(default=False)

    def worded(self, change: Fact) -> Fact:
        first = phrases().texts["change.against"][0]
        rate = bool(_RATE.match(change.text.removeprefix(first)))
        way = self.way if rate or self.way != "同比" else "较上年"  # 同比 goes with a rate, not with «增加6场»
        if rate and self.said and "、" not in change.text:
            way = ""
        self.said = self.said or change.text.startswith(first)
        return replace(change, text=change.text.replace(first, way))


class _Writer:
    """What all sentences of a passage share: sheet, plan and seed."""

    def __init__(self, sheet: FactSheet, genre: Genre, plan: SectionPlan, seed: str) -> None:
        self.facts = {fact.id: fact for fact in sheet.facts}
        self.sheet = sheet
        self.genre = genre
        self.plan = plan
        self.seed = seed
        self.named: set[str] = set()
        self.clauses: dict[str, str] = {}
        self.sentences = int(phrases().pick("change.against", seed) != phrases().texts["change.against"][0])

    def overview(self) -> tuple[Sentence, ...]:
        """«2025年，××接待观众…。现将…总结如下。»"""
        names = {"unit": self.sheet.unit, "year": self.sheet.year}
        clusters = sorted(self._clusters(self._things(self.plan.fact_ids)), key=lambda c: self._overview_key(c[0].first))
        things = [thing for cluster in clusters for thing in cluster]
        basic = [t for t in things if self._overview_key(t.first) == 0]
        done = [t for t in things if t not in basic]
        first = (self._basic(basic),) if basic else ()
        if not done:
            return (*first, Sentence(phrases().pick("overview.bare", self.seed).format(**names), (), Origin.OFFLINE))
        self._word(done)
        body = linked([_YEAR.sub("", thing.told) for thing in done])
        kind = self._lead(body)
        lead = phrases().pick(f"overview.{kind}lead" if kind != "scope" else "overview.scope", self.seed).format(**names)
        close = phrases().pick(f"overview.{kind}{'_' if kind == 'scope' else ''}close", self.seed).format(**names)
        told = Sentence(f"{lead}{body}。", _ids(done), Origin.OFFLINE, lead=lead)
        return (*first, told, Sentence(close, (), Origin.OFFLINE))

    def clause(self, fact: Fact) -> str:
        """The clause of a fact by itself, worked out once: telling order and grouping ask for it again and again."""
        if fact.id not in self.clauses:
            self.clauses[fact.id] = clause(fact, unit=self.sheet.unit)
        return self.clauses[fact.id]

    def _basic(self, things: list[_Thing]) -> Sentence:
        """«辖区现有居民4860户.», «本校学生1860人.» before what was done."""
        self._word(things)
        text = linked([thing.told for thing in things])
        own = "" if _PLACED.match(text) else phrases().self_of(self.sheet.unit)
        return Sentence(f"{own}{text}。", _ids(things), Origin.OFFLINE)

    def _lead(self, body: str) -> str:
        """Which opening goes with a body: "scope" before «全区开展…», "stock_" before what there is, "" before what was done.

        What there is at the end of the year is not held «in 2025»: the year then stands in the closing words.
        """
        if re.match("全[省市县区镇乡街]|各", body):
            return "scope"
        return "stock_" if is_stock(body) else ""

    def _overview_key(self, fact: Fact) -> int:
        """The unit's basic data, then what it did, then what it has."""
        if self.genre.is_basic(fact.text):
            return 0
        return 2 if is_stock(self.clause(fact)) else 1

    def listed(self, kind: str) -> tuple[Sentence, ...]:
        """«…以下问题：一是…；二是….» as one sentence; a single item without number."""
        things = self._things(self.plan.fact_ids)
        self._word(things)
        items = [thing.told for thing in things]
        if kind == "plans":
            strip = re.compile("^(?:" + "|".join(phrases().texts["plans.strip"]) + ")+[，,]?(?=.)")
            items = [strip.sub("", item) for item in items]
        if len(items) == 1:
            lead = phrases().pick(f"{kind}.one", self.seed)
            return (Sentence(f"{lead}{items[0]}。", _ids(things), Origin.OFFLINE, lead=lead),)
        lead = phrases().pick(f"{kind}.lead", self.seed)
        sentences = []
        for n, (item, thing) in enumerate(zip(items, things, strict=True), 1):
            end = "。" if n == len(items) else "；"
            begin = f"{lead if n == 1 else ''}{number_mark(n)}"
            sentences.append(Sentence(f"{begin}{item}{end}", _ids([thing]), Origin.OFFLINE, lead=begin))
        return tuple(sentences)

    def paragraphs(self) -> tuple[tuple[Sentence, ...], ...]:
        """A paragraph a topic; short ones run together, since one line standing alone reads like a list."""
        groups = [self._chunks(self._things(ids)) for ids in self.plan.topics or (self.plan.fact_ids,)]
        if self.plan.role is not Role.ACTIVITIES:  # what there is before single events
            groups.sort(key=lambda chunks: all(_is_event(t) for chunk in chunks for t in chunk))
        made: list[list[list[_Thing]]] = []
        for chunks in groups:
            if made and min(_length(made[-1]), _length(chunks)) < _SHORT:
                made[-1] += chunks
            else:
                made.append(list(chunks))
        return tuple(self._paragraph(chunks, n) for n, chunks in enumerate(made))

    def _paragraph(self, chunks: list[list[_Thing]], n: int) -> tuple[Sentence, ...]:
        sentences: list[Sentence] = []
        stock = False
        for position, chunk in enumerate(chunks):
            self._word(chunk)
            text = linked([self._subject(thing) + thing.told for thing in chunk])
            if stock and is_stock(text):
                text = re.sub("^(?:现有|共有|有)", "有", text)
            stock = stock or is_stock(text)
            opener = self._opener(text, position, n, last=position == len(chunks) - 1)
            sentences.append(Sentence(f"{opener}{text}。", _ids(chunk), Origin.OFFLINE))
        return tuple(sentences)

    def _subject(self, thing: _Thing) -> str:
        """«科技特派员方面，» before the first thing under a heading whose subject the text itself does not name."""
        subject = thing.first.subject
        counted = phrases().verb_for(subject, "") is not None  # «科技特派员» over «在派642人», but not «荣誉»
        if not subject or subject in self.named or (self.genre.labelled(subject) and not counted):
            return ""
        self.named.add(subject)
        return phrases().texts["openers.topic"][0].format(subject)

    def _opener(self, text: str, position: int, paragraph: int, *, last: bool) -> str:
        if not is_flow(text) or re.search("全年|年内|本年|今年|方面，", text):
            return ""
        if position == 0:
            counted = re.search(r"\d", _QUOTED.sub("", text.split("；")[0].split("，")[0]))
            return phrases().pick("openers.year", self.seed) if paragraph == 0 and counted else ""
        # Only the last of several: a connective before each sentence reads like a list.
        return phrases().pick("openers.more", f"{self.seed}|{paragraph}") if last and position >= 2 else ""

    def _things(self, fact_ids: Sequence[str]) -> list[_Thing]:
        """Facts grouped by what they are about, in telling order, what speaks of one thing side by side."""
        things: list[_Thing] = []
        for fact_id in fact_ids:
            fact = self.facts[fact_id]
            owner = fact.inputs[0] if fact.formula else self._total_of(fact)
            home = next((t for t in things if any(m.id == owner for m in t.facts)), None) if owner else None
            if home is not None:
                home.facts.append(fact)
            else:
                things.append(_Thing([fact]))
        if self.plan.role not in (Role.PROBLEMS, Role.PLANS):
            things.sort(key=lambda thing: self._telling_key(thing.first))
        return [thing for cluster in self._clusters(things) for thing in cluster]

    def _total_of(self, part: Fact) -> str:
        """Id of the fact that `part` is a part of: where the named one counts in another unit, one before it that does not."""
        if part.part_of not in self.facts:  # a sheet made by hand may lack it
            return ""
        if not part.figures:
            return part.part_of
        ids = list(self.facts)
        before = [part.part_of, *reversed(ids[max(0, ids.index(part.part_of) - 2) : ids.index(part.part_of)])]
        return next((i for i in before if _units(self.facts[i])[:1] == _units(part)[:1]), part.part_of)

    def _telling_key(self, fact: Fact) -> tuple[int, int, int, int, int, int]:
        """Undated facts first, then events by date; awards by level and grade; otherwise as the file has them."""
        dated = _DATED.match(fact.text)
        held = phrases().held_on(fact.text[:20]) if self.plan.role is Role.ACTIVITIES else (0, 0)
        month, day = (int(dated["month"]), int(dated["day"] or held[1])) if dated else held
        level, grade = phrases().rank_of_award(fact.text) if self.plan.role is Role.RESULTS else (0, 0)
        order = int(re.sub(r"\D", "", fact.id) or 0)
        undone = int(bool(re.search("未|没有", fact.text)))
        return undone, month, day, level, grade, order

    def _word(self, things: Sequence[_Thing]) -> None:
        """Word the things of one sentence: «…38.6万人次，比上年增长9.0%，其中…»."""
        ways = phrases().texts["change.against"]
        changes = _Changes(ways[self.sentences % len(ways)])
        for thing in things:
            thing.told = _told(thing, changes, self.sheet.unit, self.clause)
        self.sentences += changes.said

    def _chunks(self, things: list[_Thing]) -> list[list[_Thing]]:
        """Things -> sentences: things of one kind together, none over-long, a dated event by itself."""
        chunks: list[list[_Thing]] = []
        length = 0
        for thing in things:
            size = sum(len(f.text) for f in thing.facts)
            before = chunks[-1][-1] if chunks else None
            same = before is not None and goes_on(self.clause(before.first), self.clause(thing.first))
            alone = not same and (_is_event(thing) or thing.first.text.count("，") >= 3)
            if before is None or alone or (_is_event(before) and not same) or length + size > (_TOO_LONG if same else _LONG):
                chunks.append([thing])
                length = size
            else:
                chunks[-1].append(thing)
                length += size
        return chunks

    def _clusters(self, things: list[_Thing]) -> list[list[_Thing]]:
        """Things with those that go on about them («讲座听众…» after «讲座…») right behind."""
        clusters: list[list[tuple[str, _Thing]]] = []
        for thing in things:
            told = self.clause(thing.first)
            home = next((c for c in clusters if any(goes_on(before, told) for before, _ in c)), None)
            if home is not None:
                home.append((told, thing))
            else:
                clusters.append([(told, thing)])
        return [[thing for _, thing in cluster] for cluster in clusters]


def _told(thing: _Thing, changes: _Changes, unit: str, plainly: Callable[[Fact], str] | None = None) -> str:
    """«接待观众38.6万人次，比上年增长9.0%，其中未成年人21.2万人次»."""
    told: list[str] = []
    for n, fact in enumerate(thing.own):
        mine = [changes.worded(f) for f in thing.facts if f.formula and f.inputs[0] == fact.id]
        text = plainly(fact) if plainly and not mine else clause(fact, mine, unit=unit)
        told.append(text if n == 0 else _as_part(text, fact, told[0], first=n == 1))
    return "，".join(told)


def _as_part(text: str, part: Fact, total: str, *, first: bool) -> str:
    """«举办健康讲座10场» behind «举办讲座24场» -> «其中健康讲座10场»: the total has said the verb."""
    verb = leading_verb(text)
    if is_stock(text) or (verb and (verb == leading_verb(total) or not part.text.startswith(verb))):
        text = text.removeprefix(verb)
    return f"其中{text}" if first and not text.startswith("其中") else text


def _is_event(thing: _Thing) -> bool:
    return bool(_DATED.match(thing.first.text))


def _units(fact: Fact) -> list[str]:
    return [f.quantity.unit.name for f in fact.figures if f.quantity and f.kind is not Kind.DATE]


def _length(chunks: Sequence[Sequence[_Thing]]) -> int:
    return sum(len(f.text) for chunk in chunks for thing in chunk for f in thing.facts)


def _ids(things: Sequence[_Thing]) -> tuple[str, ...]:
    return tuple(f.id for thing in things for f in thing.facts)
