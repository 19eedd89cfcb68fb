"""`kepudraft batch` and `rollup` as a user types them: what is shown, and the exit code."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from eval.loopback import Faults, InThread, Loopback, echo_reply
from kepudraft.batch.run import Progress
from kepudraft.cli import app
from kepudraft.cli.batch_views import _duration, _line


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: bytes | None = None) -> int:
    monkeypatch.setattr("sys.argv", ["kepudraft", *arguments])
    if stdin is not None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


def _units(*lectures: str) -> bytes:
    lines = [{"unit": f"{name}社区", "year": 2025, "facts": [f"讲座{n}", "志愿者30人", "问题：缺人", "明年：讲座9场"]}
             for name, n in zip("甲乙丙", lectures, strict=False)]
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in lines).encode()


def test_units_from_standard_input_with_one_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    out = tmp_path / "out"
    code = _run(monkeypatch, "batch", "-", "-o", str(out), "--formats", "md", "--workers", "0", stdin=_units("3场", "24"))
    shown = capfd.readouterr().out
    assert code == 4
    assert "完成1个" in shown
    assert "失败1个" in shown
    assert "没有单位" in shown
    assert "--only-failed" in shown
    assert (out / "甲社区.md").is_file()
    assert not (out / "乙社区.md").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    source = tmp_path / "a.jsonl"
    source.write_bytes(_units("3场", "4场"))
    assert _run(monkeypatch, "batch", str(source), "-o", str(tmp_path / "out"), "--dry-run") == 0
    assert "要起草2个" in capfd.readouterr().out
    assert not (tmp_path / "out").exists()


def test_a_dry_run_with_a_model_tells_requests_tokens_and_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    source = tmp_path / "a.jsonl"
    source.write_bytes(_units("3场", "4场"))
    server = Loopback(Faults(0.0), echo_reply)
    with InThread(server) as url:
        code = _run(
            monkeypatch, "batch", str(source), "-o", str(tmp_path / "out"), "--dry-run", "--model", "m", "--base-url", url, "--price", "2,8",
            "--budget", "50元",
        )
    shown = capfd.readouterr().out
    assert code == 0
    assert "估计请求" in shown
    assert "元" in shown
    assert "预算50元" in shown
    assert server.counts.requests == 0


@pytest.mark.parametrize(("arguments", "told"), [
    (["--formats", "pdf"], "可用：.docx"), (["--budget", "50元"], "--model"), (["--engine", "spark"], "local ray"),
    (["--date", "昨天"], "2026年1月6日"), (["--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--budget", "abc"], "50元"),
    (["--model", "unknown-model", "--base-url", "https://api.example.invalid/v1", "--budget", "5元"], "--price"),
    (["--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--price", "x"], "2,8"),
])
def test_what_cannot_be_done_is_one_sentence_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], arguments: list[str], told: str
):
    source = tmp_path / "a.jsonl"
    source.write_bytes(_units("3场"))
    assert _run(monkeypatch, "batch", str(source), "-o", str(tmp_path / "out"), *arguments) == 2
    shown = capfd.readouterr().err
    assert told in shown
    assert "Traceback" not in shown


def test_a_roll_up_is_written_and_its_draft_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    source, city = tmp_path / "a.jsonl", tmp_path / "city.xlsx"
    source.write_bytes(_units("3场", "4场"))
    assert _run(monkeypatch, "rollup", str(source), "-o", str(city), "--unit", "江州市科学技术协会") == 0
    assert _run(monkeypatch, "rollup", str(source), "-o", str(city), "--unit", "江州市科学技术协会") == 2
    assert "--force" in capfd.readouterr().err
    assert _run(monkeypatch, "draft", str(city), "-o", str(tmp_path / "city.md"), "--date", "2026-01-06") == 4  # problems and plans are asked for
    assert "7场" in (tmp_path / "city.md").read_text("utf-8")


def test_the_counters_are_true():
    progress = Progress(total=10, before=2, same=1, done=3, failed=1, active=2)
    assert progress.waiting == 1
    assert "完成5/10，失败1，在做2，等待1" in _line(progress)
    assert _duration(None) == "…"
    assert _duration(3725) == "1时02分"
