"""Works as JSON: whole values and the patches between two of them. What is read from a log is checked, for anyone may have edited it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from kepudraft.compose.passage import Origin, Passage, Sentence
from kepudraft.facts.sheet import Fact, Source, Status
from kepudraft.figures.scan import scan
from kepudraft.genre import Role, UnitType
from kepudraft.session.work import Asked, Question, Shaping, Step, Work, Written

Json = dict[str, Any]

_PAIRS = ("answers", "lasts")


def patch(old: Work, new: Work) -> Json:
    """What makes `new` of `old`: changed attributes; of facts and sections only the changed ones, and the order of all."""
    made: Json = {}
    for field in fields(Work):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        if field.name == "facts":
            known = {f.id: f for f in before}
            made["facts"] = {"ids": [f.id for f in after], "set": [_fact(f) for f in after if known.get(f.id) != f]}
        elif field.name == "sections":
            known_sections = dict(before)
            changed = {k: _written(w) for k, w in after if known_sections.get(k) != w}
            made["sections"] = {"keys": [k for k, _ in after], "set": changed}
        else:
            made[field.name] = _plain(field.name, after)
    return made


def patched(work: Work, change: Mapping[str, Any]) -> Work:
    """The work with a patch applied.

    Raises:
        KeyError: As below.
        TypeError: As below.
        ValueError: The patch is none.
    """
    return replace(work, **{name: _restored(work, name, value) for name, value in change.items()})


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - the JSON border
    if name == "questions":
        return [{f.name: getattr(q, f.name) for f in fields(Question)} | {"item": dict(q.item)} for q in value]
    if name == "shaping":
        return {f.name: [list(v) if isinstance(v, tuple) else v for v in getattr(value, f.name)] for f in fields(Shaping)}
    if name in _PAIRS:
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _restored(work: Work, name: str, value: Any) -> Any:  # noqa: ANN401 - the JSON border
    if name == "facts":
        facts = {f.id: f for f in work.facts} | {f.id: f for f in map(_to_fact, value["set"])}
        return tuple(facts[i] for i in value["ids"])
    if name == "sections":
        sections = dict(work.sections) | {str(Role(k).value): _to_written(w) for k, w in value["set"].items()}
        return tuple((k, sections[k]) for k in value["keys"])
    return _READERS[name](value)


def _date(value: Any) -> tuple[int, int, int] | None:  # noqa: ANN401
    if value is None:
        return None
    year, month, day = (_int(v) for v in value)
    return year, month, day


def _int(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r:.40} 应是整数")
    return value


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} 应是文字")
    return value


def _question(value: Json) -> Question:
    item = tuple((_text(k), _text(v)) for k, v in value["item"].items())
    words = {f.name: _text(value[f.name]) for f in fields(Question) if f.name not in ("kind", "item", "retyping")}
    return Question(kind=Asked(value["kind"]), item=item, retyping=value["retyping"] is True, **words)


def _shaping(value: Json) -> Shaping:
    return Shaping(
        tuple(map(_text, value["order"])), tuple((_text(a), _text(b)) for a, b in value["headings"]),
        tuple((_text(a), _text(b)) for a, b in value["merged"]), tuple(map(_text, value["dropped"])),
        tuple((_text(a), _int(b)) for a, b in value["chars"]),
    )


def _fact(fact: Fact) -> Json:
    plain = {f.name: getattr(fact, f.name) for f in fields(Fact) if f.name not in ("figures", "source")}
    return plain | {"inputs": list(fact.inputs), "source": [fact.source.file, fact.source.place]}


def _to_fact(value: Json) -> Fact:
    text = _text(value["text"])
    words = {name: _text(value[name]) for name in ("id", "topic", "last", "note", "formula", "part_of", "subject")}
    return Fact(
        text=text, figures=scan(text).figures, status=Status(value["status"]), source=Source(*map(_text, value["source"])),
        role=Role(value["role"]) if value["role"] else None, headline=value["headline"] is True,
        inputs=tuple(map(_text, value["inputs"])), **words,
    )


def _written(written: Written) -> Json:
    return {
        "passages": [_passage(p) for p in written.passages], "how": written.how, "basis": written.basis,
        "accepted": written.accepted, "locked": written.locked, "older": [[_passage(p) for p in v] for v in written.older],
    }


def _to_written(value: Json) -> Written:
    return Written(
        tuple(map(_to_passage, value["passages"])), _text(value["how"]), _text(value["basis"]), value["accepted"] is True,
        value["locked"] is True, tuple(tuple(map(_to_passage, v)) for v in value["older"]),
    )


def _passage(passage: Passage) -> Json:
    paragraphs = [[[s.text, list(s.fact_ids), s.origin.value, s.gap] for s in p] for p in passage.paragraphs]
    return {"paragraphs": paragraphs, "exemplars": list(passage.exemplar_ids)}


def _to_passage(value: Json) -> Passage:
    return Passage(
        tuple(
            tuple(Sentence(_text(t), tuple(map(_text, ids)), Origin(o), _text(gap)) for t, ids, o, gap in paragraph)
            for paragraph in value["paragraphs"]
        ),
        tuple(map(_text, value["exemplars"])),
    )


_READERS: dict[str, Any] = {
    "unit": _text, "unit_type": lambda v: UnitType(v) if v else None, "year": lambda v: None if v is None else _int(v), "date": _date,
    "remarks": lambda v: tuple(map(_text, v)), "answers": lambda v: tuple((_text(a), _text(b)) for a, b in v.items()),
    "lasts": lambda v: tuple((_text(a), _text(b)) for a, b in v.items()), "questions": lambda v: tuple(map(_question, v)),
    "pending": _text, "source": _text, "last_id": _int, "shaping": _shaping, "length": lambda v: None if v is None else _int(v), "step": Step,
    "current": lambda v: str(Role(v).value) if v else "",
}
