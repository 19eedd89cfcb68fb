"""Results kept as JSON under eval/results: what was measured, when, with which versions, on what machine."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kepudraft._version import __version__

RESULTS = Path(__file__).parent / "results"


def save_results(
    name: str,
    content: Mapping[str, object],
    *,
    packages: Sequence[str] = (),
    day: str | None = None,
    folder: Path = RESULTS,
) -> Path:
    """Write results/NAME.json and return its path.

    Args:
        name: Of the task.
        content: What was measured; values that JSON can hold.
        packages: Distributions whose versions matter to it.
        day: ISO date; today if None.
        folder: Where to write.
    """
    record = {
        "task": name,
        "date": day or date.today().isoformat(),
        "kepudraft": __version__,
        "python": platform.python_version(),
        "packages": {package: _version(package) for package in packages},
        "machine": {"cpus": os.cpu_count(), "architecture": platform.machine(), "system": platform.system()},
        **content,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
