"""A session at a table: lines fed in, what was shown read back, nothing of a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from kepudraft.session.log import SessionLog, open_log
from kepudraft.session.machine import Session
from kepudraft.session.opening import Opening
from kepudraft.session.screen import Screen
from kepudraft.session.tools import Tools
from kepudraft.session.work import Work

ANSWERS = (
    "梧桐里社区", "2025", "3.6万元，上年3", "6，上年5", "24，上年20", "1380（上年1120）", "14", "2600", "5", "68，去年60",
    "获评区级科普示范社区", "活动室只有120平方米；志愿者68人中60岁以上41人", "讲座30场；宣传栏增加2处",
)
"""From an empty folder through the interview."""


class Sitting:
    """One session with what it has shown."""

    def __init__(self, folder: Path, log: SessionLog, tools: Tools) -> None:
        self.folder = folder
        self.log = log
        self.file = io.StringIO()
        console = Console(file=self.file, width=80, highlight=False, color_system=None, force_terminal=False)
        self.session = Session(log, Screen(console), tools)

    @property
    def work(self) -> Work:
        return self.log.state.work

    def begin(self, **opening: object) -> str:
        return self._shown(lambda: self.session.begin(Opening(**opening)))  # type: ignore[arg-type]

    def say(self, *lines: str) -> str:
        """What is shown in answer to lines."""
        return "".join(self._shown(lambda line=line: self.session.take(line)) for line in lines)  # type: ignore[misc]

    def _shown(self, act: Callable[[], object]) -> str:
        at = self.file.tell()
        act()
        return self.file.getvalue()[at:]


@pytest.fixture
def sit(tmp_path: Path) -> Iterator[Callable[..., Sitting]]:
    """Open a session; by default in one folder of the test, so that opening again goes on."""
    with ExitStack() as stack:

        def opened(name: str = "session", **tools: object) -> Sitting:
            stack.pop_all().close()
            log = stack.enter_context(open_log(tmp_path / name, clock=lambda: datetime(2026, 1, 6, 9, 0)))
            given = {"home": tmp_path, "today": lambda: date(2026, 1, 6)} | tools
            return Sitting(tmp_path / name, log, Tools(**given))  # type: ignore[arg-type]

        yield opened


@pytest.fixture
def written(sit: Callable[..., Sitting]) -> Sitting:
    """A session in which every section is written and accepted."""
    sitting = sit()
    sitting.begin()
    sitting.say(*ANSWERS, "", "", "全部")
    return sitting
