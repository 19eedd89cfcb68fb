"""Small made-up inputs for batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.batch_units import json_units, unit_lines


@pytest.fixture
def folder_of_units(tmp_path: Path) -> Path:
    """Four good fact files and a bad one."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for n in range(4):
        lines = unit_lines(n)
        (folder / f"{lines[0][3:]}.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "坏.txt").write_text("单位：坏社区\n年度：2025\n讲座24\n", encoding="utf-8")
    return folder


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    """Forty units as JSON lines."""
    path = tmp_path / "units.jsonl"
    path.write_text("\n".join(json_units(40)), encoding="utf-8")
    return path


def line(unit: str, *facts: str, year: int = 2025) -> str:
    """One unit as a JSON line."""
    return json.dumps({"unit": unit, "year": year, "facts": list(facts)}, ensure_ascii=False)
