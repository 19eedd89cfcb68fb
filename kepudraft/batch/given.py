"""One unit as the input gives it, before its facts are read: small, comparable by content, and fit to be sent to another process."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kepudraft.errors import FactError, os_reason
from kepudraft.facts.material import Material, RawLine, RawRecord
from kepudraft.facts.read import Heading, read_facts, read_facts_from_bytes, sheet_of_material
from kepudraft.facts.sheet import FactSheet


class Form(StrEnum):
    """How the body of a given unit is to be read."""

    FILE = "file"
    JSON = "json"
    MATERIAL = "material"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class GivenUnit:
    """One unit of the input.

    Attributes:
        name: What its files will be called, before it is made safe.
        place: Where it stands, for messages (units.csv 第7行).
        form: How `body` is to be read.
        body: A path, a JSON object, a material as JSON, or the error that it could not be taken in for.
        digest: SHA-256 (hex) of the content, wherever it stands in the input.
        unit_type: As far as it is known without reading the facts, else "".
    """

    name: str
    place: str
    form: Form
    body: str
    digest: str
    unit_type: str = ""


def of_file(path: Path) -> GivenUnit:
    """The unit whose facts a file holds; the name counts as content, since unit and year may be told by it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return refused(path.stem, FactError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限"))
    return GivenUnit(path.stem, path.name, Form.FILE, str(path), _digest("file", path.name, data))


def of_json(text: str, name: str, *, place: str, unit_type: str = "") -> GivenUnit:
    """The unit that one line of JSON holds."""
    return GivenUnit(name, place, Form.JSON, text, _digest("json", "", text.encode("utf-8", "replace")), unit_type)


def of_material(material: Material, name: str, *, place: str, unit_type: str = "") -> GivenUnit:
    """The unit that a row or a sheet of a table holds."""
    body = _packed(material)
    return GivenUnit(name, place, Form.MATERIAL, body, _digest("material", name, body.encode("utf-8", "replace")), unit_type)


def refused(name: str, error: FactError) -> GivenUnit:
    """A unit that could not even be taken in; it stands in the list with its error."""
    body = json.dumps([error.what, error.place, error.remedy], ensure_ascii=False)
    return GivenUnit(name, error.place, Form.ERROR, body, _digest("error", name, body.encode("utf-8", "replace")))


def facts_of(unit: GivenUnit, heading: Heading) -> FactSheet:
    """Read the facts of a unit.

    Raises:
        FactError: They cannot be read, or contradict one another.
    """
    if unit.form is Form.ERROR:
        what, place, remedy = json.loads(unit.body)
        raise FactError(what, place=place, remedy=remedy)
    if unit.form is Form.FILE:
        return read_facts(unit.body, heading)
    if unit.form is Form.JSON:
        return read_facts_from_bytes(unit.body.encode("utf-8", "replace"), file=unit.place, suffix=".json", heading=heading)
    return sheet_of_material(_unpacked(unit.body), heading)


def _digest(kind: str, name: str, data: bytes) -> str:
    return hashlib.sha256(f"{kind}\0{name}\0".encode("utf-8", "replace") + data).hexdigest()


def _packed(material: Material) -> str:
    items = [
        ["line", i.text, i.place, i.context, list(i.above)] if isinstance(i, RawLine)
        else ["row", i.name, i.value, i.place, i.unit, i.last, i.note, i.context, list(i.above)]
        for i in material.items
    ]
    return json.dumps([material.file, items, material.fields, list(material.remarks), material.title], ensure_ascii=False)


def _unpacked(body: str) -> Material:
    file, items, fields, remarks, title = json.loads(body)
    read: list[RawLine | RawRecord] = [
        RawLine(i[1], i[2], i[3], tuple(i[4])) if i[0] == "line"
        else RawRecord(i[1], i[2], i[3], i[4], i[5], i[6], i[7], tuple(i[8])) for i in items
    ]
    return Material(file, tuple(read), fields, tuple(remarks), title)
