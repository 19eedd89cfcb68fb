"""How fast a batch is: the offline command with its memory, and a run against an endpoint beside a bare client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.batch_units import write_jsonl

ROOT = Path(__file__).resolve().parents[1]
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6
_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Speed:
    """One offline run; `cpu_s` is the processor time of all its processes."""

    units: int
    seconds: float
    cpu_s: float
    memory_mb: float

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    def details(self) -> dict[str, object]:
        """What is kept beside the rate."""
        return {
            "seconds": round(self.seconds, 2), "cpu_ms_a_unit": round(self.cpu_s / self.units * 1000, 2),
            "cores_it_got": round(self.cpu_s / self.seconds, 2), "load": round(os.getloadavg()[0], 2),
        }


@dataclass(frozen=True, slots=True)
class Answers:
    """What the endpoint saw of one run."""

    rate: float
    requests: int
    most_at_once: int


def offline(folder: Path, count: int) -> Speed:
    """Draft `count` units to .md and .json with the command, sampling the memory of all its processes."""
    folder.mkdir(parents=True)
    write_jsonl(folder / "units.jsonl", count)
    command = batch_command(folder / "units.jsonl", folder / "out")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    most = 0.0
    while process.poll() is None:
        most = max(most, _memory_mb(process.pid))
        time.sleep(0.2)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = process.communicate()
    made = len(list((folder / "out").glob("*.md")))
    if process.returncode not in (0, 4) or made != count:
        raise RuntimeError(f"{made} of {count} units, exit {process.returncode}: {shown}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Speed(count, seconds, cpu, most)


def endpoint(folder: Path, count: int) -> tuple[Answers, Answers]:
    """A batch against an endpoint that takes 200 ms, and the same requests by a bare `AsyncOpenAI` gather."""
    write_jsonl(folder / "units.jsonl", count)
    kept = folder / "requests.jsonl"
    with served("--delay", "0.2", "--keep", str(kept)) as url:
        run_batch(folder / "units.jsonl", folder / "out", url)
        ours = stats(url)
    requests = [json.loads(line) for line in kept.read_bytes().splitlines()]
    with served("--delay", "0.2") as url:
        asyncio.run(_bare(url, requests))
        bare = stats(url)
    return (
        Answers(ours["requests"] / ours["seconds"], ours["requests"], ours["most_at_once"]),
        Answers(bare["requests"] / bare["seconds"], bare["requests"], bare["most_at_once"]),
    )


def batch_command(source: Path, out: Path, url: str = "", *more: str) -> list[str]:
    """The command that a user would type."""
    command = [sys.executable, "-m", "kepudraft", "batch", str(source), "-o", str(out), "--formats", "md,json", "--date", "2026-01-06"]
    model = ["--model", "m", "--base-url", url, "--in-flight", str(_AT_A_TIME)] if url else []
    return [*command, *model, *more]


def run_batch(source: Path, out: Path, url: str = "", *more: str) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end; 0 and 4 are good ends."""
    done = subprocess.run(batch_command(source, out, url, *more), cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(f"exit {done.returncode}: {done.stdout[-2000:]!r} {done.stderr[-2000:]!r}")
    return done


@contextlib.contextmanager
def served(*arguments: str) -> Iterator[str]:
    """An endpoint in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eval.loopback", *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def stats(url: str) -> dict[str, Any]:
    """What the endpoint has counted."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


async def _bare(url: str, requests: list[dict[str, Any]]) -> None:
    from openai import AsyncOpenAI

    room = asyncio.Semaphore(_AT_A_TIME)
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def one(body: dict[str, Any]) -> None:
            async with room:
                async for _ in await client.chat.completions.create(**body):
                    pass

        await asyncio.gather(*(one(body) for body in requests))


def _memory_mb(session: int) -> float:
    """Resident memory of all processes of a session together (pages that they share are counted for each)."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int(fields[21]) * _PAGE_MB
        except (OSError, IndexError, ValueError):
            continue  # it has ended
    return total
