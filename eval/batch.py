"""Batches measured: `python -m eval batch`. Every row of the table in one run; exit code 1 if a bar is missed.

Everything is run as a user runs it, in processes of its own, against an endpoint in another process. Speeds are of the whole
command, start included, on this machine as busy as it is; the processor time that a unit takes is kept beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from eval import batch_faults, batch_speed
from eval.record import RESULTS, save_results


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure beside its bar; `at_least` tells on which side of it the value must stand."""

    name: str
    value: float
    bar: float
    unit: str
    at_least: bool = False
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """True if the bar is held."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the rows are; small ones are for trying the measures out."""

    offline: int = 10_000
    endpoint: int = 500
    kills: int = 100
    killed_units: int = 60
    ray: int = 200


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval batch", description="Measure batches.")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    parser.add_argument("--rows", default="offline,endpoint,faults,kills,ray", help="which rows; the others keep their last results")
    parser.add_argument("--model", default="", help="a .gguf file: adds the row of the real local model")
    parser.add_argument("--small", action="store_true", help="small sizes, to try it out; not kept")
    arguments = parser.parse_args(argv)
    sizes = Sizes(200, 20, 4, 8, 40) if arguments.small else Sizes()
    rows = list(dict.fromkeys([*arguments.rows.split(","), *(["local"] if arguments.model else [])]))
    held = True
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows:
            folder = Path(scratch) / row
            folder.mkdir()
            measures = _ROWS[row](folder, sizes, arguments.model)
            held = held and all(m.held for m in measures)
            for m in measures:
                print(f"{m.name:<66} {m.value:>10.3f} {m.unit:<5} bar {m.bar:g} {'ok' if m.held else 'MISSED'}  {m.details}", flush=True)
            if not arguments.small:
                _keep(row, measures, arguments.date, arguments.results)
    return 0 if held else 1


def _keep(row: str, measures: list[Measure], day: str | None, folder: Path) -> None:
    """Put a row's measures beside those of the other rows, with the day and the load under which they were made."""
    path = folder / "batch.json"
    rows = json.loads(path.read_text("utf-8"))["rows"] if path.is_file() else {}
    rows[row] = {
        "date": day or date.today().isoformat(), "load": [round(n, 2) for n in os.getloadavg()],
        "measures": [{**asdict(m), "held": m.held} for m in measures],
    }
    save_results("batch", {"rows": rows}, packages=("openai", "ray", "openpyxl"), day=day, folder=folder)


def _offline(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    half = batch_speed.offline(folder / "half", sizes.offline // 2)
    whole = batch_speed.offline(folder / "whole", sizes.offline)
    growth = whole.memory_mb / half.memory_mb - 1
    return [
        Measure(f"units a second offline, {sizes.offline} units to .md and .json", whole.rate, 100, "/s", True, whole.details()),
        Measure("largest memory of all its processes together", whole.memory_mb, 400, "MB"),
        Measure("growth of memory from half as many units", growth * 100, 10, "%", details={"half_mb": half.memory_mb}),
    ]


def _endpoint(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    ours, bare = batch_speed.endpoint(folder, sizes.endpoint)
    details = {"ours_per_second": ours.rate, "bare_per_second": bare.rate, "requests": ours.requests, "most_at_once": ours.most_at_once}
    return [Measure(
        f"throughput at 200 ms, 64 at a time, {sizes.endpoint} units, of a bare gather's", ours.rate / bare.rate * 100, 95, "%", True, details
    )]


def _faults(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    found = batch_faults.faulty(folder, sizes.endpoint)
    return [
        Measure(
            f"units neither done nor reported of {sizes.endpoint}, 10% 429, 5% 500, 2% cut, 1% garbage", found.lost, 0, "",
            details=found.details(),
        ),
        Measure("requests that were answered and paid twice", found.paid_twice, 0, ""),
    ]


def _kills(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    found = batch_faults.killed(folder, sizes.killed_units, sizes.kills)
    return [
        Measure(f"files that differ from an undisturbed run's after {found.kills} kills", found.differing, 0, "", details=found.details()),
        Measure("requests paid beyond undisturbed and in flight at the kills", max(0, found.paid - found.undisturbed - found.in_flight), 0, ""),
    ]


def _ray(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    found = batch_faults.on_ray(folder, sizes.ray)
    return [Measure("files that differ on two Ray nodes, one killed in the middle", found.differing, 0, "", details=found.details())]


def _local(folder: Path, sizes: Sizes, model: str) -> list[Measure]:
    found = batch_faults.local_model(folder, model, 6)
    return [
        Measure("units not done by the local model of 6", found.lost, 0, "", details=found.details()),
        Measure("figures without support in their drafts", found.unfaithful, 0, ""),
    ]


_ROWS: dict[str, Callable[[Path, Sizes, str], list[Measure]]] = {
    "offline": _offline, "endpoint": _endpoint, "faults": _faults, "kills": _kills, "ray": _ray, "local": _local,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
