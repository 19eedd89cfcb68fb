"""Open questions: how each is put, and what an answer makes of the work."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kepudraft.compose.passage import Origin, Sentence
from kepudraft.errors import FactError, InputError
from kepudraft.facts.derive import with_derived
from kepudraft.facts.last_year import checked
from kepudraft.facts.sheet import Fact, Status
from kepudraft.figures.scan import scan
from kepudraft.outline import Outline, SectionPlan
from kepudraft.session.asking import values_in
from kepudraft.session.corrections import corrected
from kepudraft.session.intake import Taken, again, take_line
from kepudraft.session.prose import person_sentence
from kepudraft.session.shaping import number_of
from kepudraft.session.work import Asked, Question, Work
from kepudraft.verify.figures import verify

_SKIP = ("跳过", "删", "删除", "删掉", "不要", "去掉", "不要了")
_CLAUSE = re.compile(r"[^，,；;。！？!?\n]+")
_NEW = ("1", "新", "新事实", "新的事实", "是新事实", "y", "yes")
_SLIP = ("2", "笔误", "写错了", "错了", "改")
_DROP = ("3", "去掉这句", "删去这句", "删句", "删", "删除", "去掉")


@dataclass(frozen=True, slots=True)
class Decided:
    """The work after an answer, and what to say of it."""

    work: Work
    said: str
    taken: Taken | None = None
    facts_changed: bool = False
    prose_changed: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is shown: what is wrong, and the choices."""

    text: str
    choices: tuple[str, ...]


def put(question: Question, work: Work, outline: Outline | None) -> Put:
    """How a question is asked."""
    place = dict(question.item).get("place", "")
    if question.kind is Asked.FAULT:
        return Put(
            f"{question.file} {place}“{question.text}”没有采用：{question.why}",
            ("直接输入正确的写法（可以只写数和单位）", "回车：不用这一条（会记在 /facts 的注意里）"),
        )
    if question.kind is Asked.CONFLICT:
        other = work.fact(question.fact_id)
        first = f"{question.fact_id}“{other.text}”（{other.source}）" if other else question.fact_id
        return Put(
            f"两处说法不一样：{question.why}",
            (f"1 用原来的 {first}", f"2 用后来的“{question.text}”（{question.file} {place}）",
             "两件事都对：把后一条重新写清楚（加上时间、地点或范围）", "回车：先用原来的"),
        )
    where = f"第{number_of(outline, question.role)}部分" if outline and number_of(outline, question.role) else "总述"
    if question.retyping:
        return Put(f"{where}的这一句请重新写：{question.text}", ("直接输入整句", "回车：不改了"))
    right = f"改成{question.expected}" if question.expected else "重新写这一句"
    return Put(
        f"{where}里的“{question.surface}”没有事实依据：{question.why}\n  {question.text}",
        ("1 这是新的事实，记进事实表", f"2 是笔误，{right}", "3 去掉这一句", "回车：以后再说（没有答复前不能导出）"),
    )


def decide(work: Work, question: Question, line: str, outline: Outline | None) -> Decided:
    """Apply the answer to the first open question.

    Raises:
        InputError: The answer cannot be used; the question stays.
    """
    rest = replace(work, questions=work.questions[1:])
    said = line.strip()
    if question.kind is Asked.FAULT:
        return _fault(rest, question, said)
    if question.kind is Asked.CONFLICT:
        return _conflict(rest, question, said)
    if outline is None:
        return Decided(rest, "")
    section = next((s for s in outline.sections if s.role.value == question.role), None)
    if section is None or not said:
        return Decided(rest, "先放着，/check 会再问" if section else "")
    if question.retyping:
        return _replaced(rest, question, section, (person_sentence(_ended(said), section, with_derived(work.sheet)),))
    if said.lower() in _NEW:
        return _new_fact(rest, question, section)
    if said in _DROP:
        return _replaced(rest, question, section, ())
    if said in _SLIP and not question.expected:
        return Decided(replace(work, questions=(replace(question, retyping=True), *work.questions[1:])), "")
    text = question.text.replace(question.surface, question.expected, 1) if said in _SLIP else said
    if said not in _SLIP and len(said) < 4:
        raise InputError(f"“{said}”不是可选的答复", remedy="请输入 1、2、3，或重新写出整句")
    return _replaced(rest, question, section, (person_sentence(_ended(text), section, with_derived(work.sheet)),))


def _fault(rest: Work, question: Question, said: str) -> Decided:
    if not said or said in _SKIP:
        return Decided(_left_out(rest, question), "没有采用这一条")
    taken = again(rest, question, said)
    return Decided(_first(taken.work, rest), "", taken, facts_changed=True)


def _conflict(rest: Work, question: Question, said: str) -> Decided:
    if not said or said == "1" or said in _SKIP:
        return Decided(_left_out(rest, question), "用原来的" if said else "先用原来的，后来的没有采用")
    if said == "2":
        old = rest.fact(question.fact_id)
        if old and (line := _only_the_figure(rest, old, question.text)):
            made = corrected(rest, line)
            return Decided(made.work, made.said, facts_changed=True)
        gone = replace(rest, facts=tuple(f for f in rest.facts if f.id != question.fact_id))
        taken = _with_last(again(gone, question, dict(question.item).get("value", question.text)), old)
        return Decided(_first(taken.work, rest), f"用后来的，{question.fact_id} 不再用", taken, facts_changed=True)
    if said == question.fact_id:
        raise InputError("看不懂", remedy="请输入 1 或 2，或把后一条重新写清楚")
    if len(said) < 4:
        raise InputError(f"“{said}”不是可选的答复", remedy="请输入 1 或 2，或把后一条重新写清楚")
    taken = take_line(rest, said, dict(question.item).get("place", "") + "，本人更正")
    return Decided(_first(taken.work, rest), "", taken, facts_changed=True)


def _only_the_figure(work: Work, old: Fact, text: str) -> str:
    """The correction that puts the one new value into a fact which tells more than it; "" where the facts tell the same."""
    new = Fact("", text, scan(text).figures, "", Status.DONE, old.source)
    before = {i.name: f for i, f in values_in(old, work.unit_type)}
    after = [(i.name, f) for i, f in values_in(new, work.unit_type)]
    if len(after) != 1 or len(new.figures) >= len(old.figures) or after[0][0] not in before:
        return ""
    return f"{old.id} {before[after[0][0]].surface} 改为 {after[0][1].surface}"


def _with_last(taken: Taken, old: Fact | None) -> Taken:
    """Last year's value stays with the thing, whichever of two values of this year holds."""
    if old is None or not old.last or len(taken.added) != 1 or taken.added[0].last:
        return taken
    fact = checked(replace(taken.added[0], last=old.last)).fact
    return replace(taken, work=taken.work.with_fact(fact), added=(fact,))


def _first(work: Work, before: Work) -> Work:
    """What was newly found wrong is asked first: it is about the line that was just typed."""
    fresh = tuple(q for q in work.questions if q not in before.questions)
    return replace(work, questions=(*fresh, *before.questions))


def _left_out(work: Work, question: Question) -> Work:
    """No fact is lost silently: what was left out stays among the remarks."""
    place = dict(question.item).get("place", "")
    remark = f"没有采用：{question.file} {place}“{question.text}”"
    return replace(work, remarks=tuple(dict.fromkeys((*work.remarks, remark))))


def _new_fact(rest: Work, question: Question, section: SectionPlan) -> Decided:
    """The clause with the figure becomes a fact; where that does not bear the sentence, the whole sentence does."""
    sentence = question.text.rstrip("。！？!?")
    clause = next((c for c in _CLAUSE.findall(sentence) if question.surface in c), sentence).strip()
    for text in dict.fromkeys((clause, sentence)):
        taken = take_line(rest, text, f"“{section.heading or '总述'}”一节，本人填写")
        if len(taken.work.questions) > len(rest.questions):
            continue  # it contradicts another, or lacks its unit
        told = person_sentence(question.text, section, with_derived(taken.work.sheet))
        report = verify(f"一、{section.heading}\n{question.text}" if section.heading else question.text, with_derived(taken.work.sheet))
        if all(f.surface != question.surface for f in report.unfaithful):
            made = _replaced(taken.work, question, section, (told,))
            return replace(made, said="", taken=taken, facts_changed=True)
    taken = take_line(rest, clause, f"“{section.heading or '总述'}”一节，本人填写")
    if len(taken.work.questions) > len(rest.questions):
        return Decided(_first(taken.work, rest), "", taken, facts_changed=True)
    raise FactError(
        f"记成事实后，“{question.surface}”仍核对不上", remedy="请输入 2 重新写这一句，把数字写在它说的事后面（如 举办讲座46场）"
    )


def _replaced(work: Work, question: Question, section: SectionPlan, new: tuple[Sentence, ...]) -> Decided:
    written = work.written(question.role)
    if written is None:
        return Decided(work, "")
    done = False

    def put_in(sentence: Sentence) -> tuple[Sentence, ...]:
        nonlocal done
        if done or sentence.text != question.text:
            return (sentence,)
        done = True
        return new

    passages = tuple(
        replace(p, paragraphs=tuple(made for paragraph in p.paragraphs if (made := tuple(n for s in paragraph for n in put_in(s)))))
        for p in written.passages
    )
    changed = replace(written.rewritten(passages, "本人修改", written.basis), accepted=written.accepted)
    said = "已去掉这一句" if not new else f"改为：{new[0].text}"
    return Decided(work.with_section(question.role, changed), said, prose_changed=True)


def _ended(text: str) -> str:
    return text if text[-1:] in "。！？!?】" else text + "。"


def doubtful_in(text: str, work: Work) -> tuple[str, ...]:
    """The amounts of an instruction that no fact bears («写成48场»); lengths and counts of sentences are none of the unit's."""
    report = verify(text, with_derived(work.sheet))
    known = {f.surface for f in report.unfaithful}
    return tuple(
        f.surface for f in scan(text).figures
        if f.surface in known and f.quantity and f.quantity.unit.name and not re.search("[字句段点条行页倍号]$|部分|方面|左右", f.surface)
    )


def is_person(sentence: Sentence) -> bool:
    """True for a sentence that the person wrote."""
    return sentence.origin is Origin.PERSON
