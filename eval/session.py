"""The drafting session, as its user meets it: `python -m eval session`. Exit code 1 below a bar.

Three things: how many inputs a first session takes from an empty folder to a Word file (bar: 25, for the community example);
how long a command takes to be answered, measured in a real process from the line to the next prompt (bar: 0.2 s; no model is
used); and whether a process killed at a random moment loses an answered question or an accepted section (bar: none of 200).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eval.record import RESULTS, save_results
from eval.session_process import Course, Kill, Process, course_of, killed_sessions
from kepudraft.facts.indicators import indicators
from kepudraft.genre import UnitType
from kepudraft.verify.figures import verify
from kepudraft.verify.reading import read_text

MAX_INPUTS, MAX_SECONDS, KILLS = 25, 0.2, 200
_RUNS = 5
_SIDE_BY_SIDE = 6
_READING_S = 3.0
"""A person reads the first question and types the unit's name; meanwhile the index of exemplars is opened behind it."""
_COMMANDS = (
    "/help", "/facts", "/facts F2 改为 7处",
    "/undo", "/redo", "/undo", "增加 科普小广场1个", "/undo",
    "/outline", "/outline 移动 3 到 2", "/undo",
    "/outline 改名 2 阵地建设", "/undo", "/outline 合并 2 3", "/undo", "/show", "/show 2", "/retry 2", "/retry 2 写得简洁些", "/diff 2",
    "/lock 2", "/unlock 2", "/evidence 2", "/evidence 2.1", "/check", "/length 800", "/undo", "/offline", "/cost",
    "/export 再写.docx", "/export 再写.md", "/export 再写.json", "没有这个", "/没有",
)


def answers() -> tuple[str, ...]:
    """What the community of the example answers, question by question, and the way to the Word file."""
    rows = [i for i in indicators(UnitType.COMMUNITY) if i.required]
    said = [i.example + (f"，上年{i.example_last}" if i.example_last else "") for i in rows]
    return ("梧桐里社区", "2025", *said, "", "", "全部", "/export 总结.docx")


def main(argv: list[str]) -> int:
    """Measure, print each value beside its bar, keep the results."""
    parser = argparse.ArgumentParser(prog="python -m eval session", description="Measure the drafting session.")
    parser.add_argument("--kills", type=int, default=KILLS, help="processes to kill")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        lines = answers()
        course = course_of(lines, home / "first", home=home)
        figures, faithful = _judged(home / "总结.docx", home / "first")
        print(f"{'inputs from an empty folder to a Word file':<52} {len(lines):>8}     bar {MAX_INPUTS}; {figures} figures, "
              f"{'all' if faithful else 'NOT all'} borne")
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        slow = _commands(home)
        print(f"{'processes that waited for each processor meanwhile':<52} {busy:>8.1f}     no bar: a busy machine answers late")
        for line, seconds in sorted(slow.items(), key=lambda pair: -pair[1])[:5]:
            print(f"{'answer to ' + repr(line):<52} {seconds:>8.3f} s   bar {MAX_SECONDS:g}")
        opened = _opening(home)
        print(f"{'first section, typed without any pause':<52} {opened:>8.3f} s   no bar: the index is being opened")
        kills = _killed(home, arguments.kills, arguments.seed)
        lost = [k.lost for k in kills if k.lost]
        print(f"{'processes killed at a random moment, that lost':<52} {len(lost):>8}     bar 0 of {len(kills)}")
        for why in lost[:5]:
            print(f"  {why}")
    held = len(lines) <= MAX_INPUTS and faithful and max(slow.values()) <= MAX_SECONDS and not lost and len(kills) >= KILLS
    content = {
        "held": held, "inputs": len(lines), "inputs_bar": MAX_INPUTS, "figures": figures, "faithful": faithful,
        "seconds": {line or "(Enter)": round(s, 4) for line, s in slow.items()}, "slowest": round(max(slow.values()), 4),
        "seconds_bar": MAX_SECONDS, "processes_for_each_processor": round(busy, 1), "first_section_without_pause": round(opened, 4),
        "kills": len(kills), "lost": len(lost), "saved_steps": len(course.works) - 1,
    }
    save_results("session", content, packages=("rich", "prompt_toolkit"), day=arguments.date, folder=arguments.results)
    return 0 if held else 1


def _judged(summary: Path, folder: Path) -> tuple[int, bool]:
    """Figures of the Word file, and whether all are borne by the facts that the session kept, read as a stranger reads them."""
    from kepudraft.session.log import open_log

    with open_log(folder) as log:
        report = verify(read_text(summary), log.state.work.sheet)
    return len(report.figures), report.ok


def _accepting(home: Path) -> Course:
    """The same session with every section accepted by itself: what the killed ones are compared with."""
    lines = [*answers()[:-2], *[""] * 9]
    return course_of(lines, home / "accepting", home=home)


def _opening(home: Path) -> float:
    """Seconds to the first section where nobody pauses before it: what opening the index costs."""
    with Process(home / "at-once", home=home) as process:
        process.wait_for_prompt()
        return max(process.answered(line) for line in (*answers()[:-2], ""))


def _killed(home: Path, kills: int, seed: int) -> list[Kill]:
    """Several sessions side by side, each killed again and again until it is finished, then another."""
    course = _accepting(home)
    shares = [len(range(n, kills, _SIDE_BY_SIDE)) for n in range(_SIDE_BY_SIDE)]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        runs = [
            pool.submit(killed_sessions, course, share, home / "killed", home=home, seed=seed * _SIDE_BY_SIDE + n)
            for n, share in enumerate(shares)
        ]
        return [kill for run in runs for kill in run.result()]


def _commands(home: Path) -> dict[str, float]:
    """Median seconds of every place of a whole session in which every command is given; of each line the slowest place counts."""
    lines = (*answers()[:-2], *[""] * 8, *_COMMANDS)
    times: list[list[float]] = [[] for _ in lines]
    for run in range(_RUNS):
        with Process(home / f"timed-{run}", home=home) as process:
            process.wait_for_prompt()
            time.sleep(_READING_S)
            for place, line in enumerate(lines):
                times[place].append(process.answered(line))
            process.end()
    slowest: dict[str, float] = {}
    for line, taken in zip(lines, times, strict=True):
        slowest[line] = max(slowest.get(line, 0.0), statistics.median(taken))
    return slowest
