"""A drafted and exported summary, and the hands of a person who edits it."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from docx import Document

from kepudraft.assemble import Draft
from kepudraft.export import docx, records
from kepudraft.facts.intake import yaml_form
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import UnitType
from kepudraft.pipeline import Drafter


@pytest.fixture(scope="session")
def sheet() -> FactSheet:
    return read_facts_from_bytes(yaml_form(UnitType.MUSEUM, year=2025, filled=True).encode(), file="事实.yaml", suffix=".yaml")


@pytest.fixture(scope="session")
def draft(sheet) -> Draft:
    return Drafter().draft(sheet)


@pytest.fixture
def exported(draft, tmp_path) -> Path:
    path = tmp_path / "总结.docx"
    path.write_bytes(docx.render(draft, with_table=True))
    return path


@pytest.fixture
def record(draft, exported) -> Path:
    path = exported.with_name("依据.json")
    path.write_text(records.render(draft), encoding="utf-8")
    return path


def edited(path: Path, *changes: tuple[str, str]) -> Path:
    """A copy with each old wording, found in one run, put into the new one; the look stays."""
    document = Document(str(path))
    for old, new in changes:
        run = next(r for p in document.paragraphs for r in p.runs if old in r.text)
        run.text = run.text.replace(old, new)
    out = path.with_name("edited.docx")
    document.save(str(out))
    return out


def through_libreoffice(path: Path) -> Path:
    """The file as LibreOffice saves it again."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer")
    folder = path.parent / "saved"
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [office, profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / path.name


def opened(data: bytes):
    return Document(io.BytesIO(data))
