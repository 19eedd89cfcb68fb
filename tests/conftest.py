"""Fixtures for all tests: no network, a clean environment, golden files."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHEETS = sorted(p for p in (ROOT / "eval" / "cases" / "facts").iterdir() if p.name != "README.md")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is a bug."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> object:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if host not in ("127.0.0.1", "::1", "localhost") and not _is_here(host, self.family):
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


def _is_here(host: str, family: int) -> bool:
    """True for an address of this machine's own, under which a cluster of its processes may meet: only such can be listened at."""
    with socket.socket(family) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings of the person who runs the tests must not matter."""
    for name in [n for n in os.environ if n.startswith("KEPUDRAFT_") and n != "KEPUDRAFT_GOLDEN"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return


@pytest.fixture
def golden_file() -> Callable[[Path, str], None]:
    """Compare a text with a file; KEPUDRAFT_GOLDEN=write makes the file anew, and its difference is reviewed."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("KEPUDRAFT_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs: look, then make golden"

    return compare
