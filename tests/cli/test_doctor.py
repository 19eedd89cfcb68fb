"""`kepudraft doctor` as a person runs it: each thing that may be wrong is named with its remedy, and nothing breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.llm.server import Reply, Server, failed, said, serving

KEY = "sk-7731bead99c0ffee"


@pytest.fixture
def server():
    with serving() as running:
        yield running


def run(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(home), "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", "DEEPSEEK_API_KEY": "", **environ}
    done = subprocess.run([sys.executable, "-m", "kepudraft", "doctor", *arguments], capture_output=True, cwd=ROOT, env=env, timeout=300)
    shown = done.stdout.decode() + done.stderr.decode()
    assert "Traceback" not in shown
    assert KEY not in shown
    return subprocess.CompletedProcess(done.args, done.returncode, shown, "")


def test_without_model_and_network_all_is_well(tmp_path):
    done = run(home=tmp_path)
    assert done.returncode == 0, done.stdout
    for what in ("Python", "依赖包", "设置", "缓存文件夹", "检索编码", "范文索引", "公文字体", "写作模型"):
        assert f"] {what}：" in done.stdout
    assert "[有误]" not in done.stdout
    assert "没有设置" in done.stdout


def test_a_good_endpoint_is_tried_with_its_grammar(tmp_path, server: Server):
    server.script = [said("科普"), said("科技")]
    (tmp_path / "config.toml").write_text(f'model = "vllm:m"\nbase_url = "{server.url}"\napi_key_env = "MINE"\n', "utf-8")
    done = run(home=tmp_path, KEPUDRAFT_CONFIG=str(tmp_path / "config.toml"), MINE=KEY)
    assert done.returncode == 0, done.stdout
    assert "“科普”" in done.stdout
    assert "语法约束：可用" in done.stdout
    assert "MINE" in done.stdout
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "structured_outputs" in server.requests[1]


@pytest.mark.parametrize(("script", "code", "told"), [
    ([failed(401, f"bad key {KEY}")], 3, "密钥不对"),
    ([failed(402, "no money")], 3, "余额"),
    ([failed(404, "model m not found, try pulling it first")], 3, "没有模型“m”"),
    ([Reply(404, body=b"<html></html>", kind="text/html")], 3, "/v1"),
    ([failed(500, "boom")], 3, "500"),
    ([failed(429, "slow")], 3, "频繁"),
    ([said("")], 0, "[注意] 模型回答"),
    ([said("<think>嗯")], 0, "思考"),
    ([said("科普"), said("月球是地球的卫星。")], 0, "没有照语法回答"),
    ([said("科普"), failed(400, "Unrecognized request argument supplied: grammar"), said("月球")], 0, "[注意] 语法约束"),
])
def test_what_is_wrong_with_an_endpoint_is_named(tmp_path, server: Server, script, code, told):
    server.script = script
    done = run("--model", "llama.cpp:m", "--base-url", server.url, "--api-key-env", "MINE", home=tmp_path, MINE=KEY)
    assert done.returncode == code, done.stdout
    assert told in done.stdout
    assert code == 0 or "→" in done.stdout
    assert len(server.requests) <= 3


@pytest.mark.parametrize(("arguments", "code", "told"), [
    (["--model", "deepseek:deepseek-chat"], 2, "DEEPSEEK_API_KEY"),
    (["--model", "m"], 2, "不知道模型“m”在哪里"),
    (["--model", "m", "--base-url", "nonsense"], 2, "服务地址"),
    (["--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--api-key-env", KEY], 2, "不是密钥本身"),
    (["--model", "m", "--base-url", "http://127.0.0.1:9/v1"], 3, "连接不上"),
    (["--model", "none.gguf"], 2, "没有这个模型文件"),
    (["--model", "README.md.gguf"], 2, "没有这个模型文件"),
])
def test_what_is_wrong_with_the_settings_of_a_model_is_named(tmp_path, arguments, code, told):
    done = run(*arguments, home=tmp_path)
    assert done.returncode == code, done.stdout
    assert told in done.stdout


def test_a_wrong_settings_file_is_named(tmp_path):
    (tmp_path / "config.toml").write_text("modle = 'x'", "utf-8")
    done = run(home=tmp_path, KEPUDRAFT_CONFIG=str(tmp_path / "config.toml"))
    assert done.returncode == 2
    assert "modle" in done.stdout


def test_a_wrong_file_of_presets_is_named(tmp_path):
    (tmp_path / "presets.toml").write_text("[mine]\nbase_url = 5\n", "utf-8")
    done = run("--model", "mine:m", home=tmp_path, KEPUDRAFT_PRESETS_FILE=str(tmp_path / "presets.toml"))
    assert done.returncode == 2
    assert "presets.toml:1" in done.stdout


def test_what_is_broken_spoils_no_other_check(tmp_path):
    (tmp_path / "file").write_text("x")
    done = run(
        home=tmp_path, KEPUDRAFT_CACHE_DIR=str(tmp_path / "file" / "cache"), KEPUDRAFT_ENCODER="openai:none",
        KEPUDRAFT_USER_CORPUS_DIR="/proc/none", OPENAI_API_KEY="",
    )
    assert done.returncode == 2
    assert "缓存文件夹" in done.stdout.split("[有误]")[1]
    assert "范文文件夹" in done.stdout
    assert "[正常] 写作模型" in done.stdout


def test_help_is_chinese(tmp_path):
    shown = run("--help", home=tmp_path).stdout
    assert "用法" in shown
    assert "Show this" not in shown


def test_json_for_programs(tmp_path):
    done = run("--json", "--model", "m", home=tmp_path)
    checks = json.loads(done.stdout)
    assert done.returncode == 2
    assert {check["state"] for check in checks} <= {"正常", "注意", "有误"}
    assert [check["what"] for check in checks if check["state"] == "有误"] == ["写作模型"]
