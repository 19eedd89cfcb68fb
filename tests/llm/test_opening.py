"""From the name of a model to the model: presets, addresses, keys, files."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from kepudraft.errors import RuleError, SettingsError
from kepudraft.llm import open_model
from kepudraft.llm.chat import ChatRequest, Message
from kepudraft.llm.connection import checked_address
from kepudraft.llm.opening import whereabouts
from kepudraft.llm.presets import load_presets
from tests.llm.server import TEXT

SERVICES = ("openai", "deepseek", "bailian", "zhipu", "moonshot", "ark", "siliconflow", "ollama", "vllm", "llama.cpp")


def test_every_preset_names_a_usable_address_and_where_its_key_is():
    presets = load_presets()
    assert set(SERVICES) <= set(presets)
    for name in SERVICES:
        preset = presets[name]
        assert checked_address(preset.base_url) == preset.base_url
        local = "127.0.0.1" in preset.base_url
        assert local == (not preset.key_env), name
        assert local or preset.base_url.startswith("https://"), name
        assert preset.context_tokens >= 4096


@pytest.mark.parametrize(("name", "options", "model", "base_url", "key_env", "grammar"), [
    ("deepseek:deepseek-chat", {}, "deepseek-chat", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", ""),
    ("百炼:qwen-plus", {}, "qwen-plus", "https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY", ""),
    ("Ollama:qwen2.5:7b", {}, "qwen2.5:7b", "http://127.0.0.1:11434/v1", "", ""),
    ("vllm:m", {"key_env": "MINE"}, "m", "http://127.0.0.1:8000/v1", "MINE", "vllm"),
    ("llama.cpp:m", {"base_url": "http://10.0.0.2:9/v1"}, "m", "http://10.0.0.2:9/v1", "", "llama.cpp"),
    ("qwen2.5:7b", {"base_url": "http://h/v1", "grammar": "guided"}, "qwen2.5:7b", "http://h/v1", "", "guided"),
    ("org/model", {"base_url": "http://h/v1"}, "org/model", "http://h/v1", "", ""),
    # The key of a service does not go to another address by itself.
    ("openai:m", {"base_url": "https://elsewhere.example/v1"}, "m", "https://elsewhere.example/v1", "", ""),
    ("openai:m", {"base_url": "https://api.openai.com/v2"}, "m", "https://api.openai.com/v2", "OPENAI_API_KEY", ""),
])
def test_names_lead_to_endpoints(name, options, model, base_url, key_env, grammar):
    at = whereabouts(name, **options)
    assert (at.model, at.endpoint.base_url, at.endpoint.key_env, at.endpoint.grammar) == (model, base_url, key_env, grammar)


@pytest.mark.parametrize(("name", "options", "told"), [
    ("", {}, "没有写模型名称"), ("m", {}, "不知道模型“m”.*"), ("nobody:m", {}, "不知道模型"), ("deepseek:", {}, "缺少模型名称"),
    ("", {"base_url": "http://h/v1"}, "没有写模型名称"), ("m", {"base_url": "h/v1"}, "服务地址"), ("none.gguf", {}, "没有这个模型文件"),
    ("m", {"base_url": "http://h/v1", "grammar": "ebnf"}, "语法的写法“ebnf”"),
])
def test_names_that_lead_nowhere_are_told(name, options, told):
    with pytest.raises(SettingsError, match=told) as caught:
        open_model(name, **options)
    assert caught.value.remedy


def test_a_model_that_is_opened_answers(server):
    model = open_model("m", base_url=server.url, context_tokens=999)
    assert asyncio.run(model.complete(ChatRequest((Message("user", "x"),)))).text == TEXT
    assert model.context_tokens == 999
    assert model.name == f"m@{server.url}"


def test_presets_of_the_user_stand_over_the_shipped(tmp_path):
    own = tmp_path / "presets.toml"
    own.write_text('[unit]\ntitle = "本单位"\nbase_url = "http://10.0.0.2/v1"\nkey_env = "UNIT_KEY"\ncontext_tokens = 9000\n'
                   'aliases = ["本单位", "ollama"]\n[deepseek]\nbase_url = "http://10.0.0.3/v1"\n', "utf-8")
    presets = load_presets(own)
    assert presets["本单位"].key_env == "UNIT_KEY"
    assert presets["deepseek"].base_url == "http://10.0.0.3/v1"
    assert presets["ollama"].name == "ollama", "a name counts before another's alias"
    assert whereabouts("本单位:m", presets=own).endpoint.context_tokens == 9000
    assert load_presets(tmp_path / "none.toml") == load_presets()


@pytest.mark.parametrize(("content", "told"), [
    ("[a", "读不出来"), ("a = 1", "presets.toml:1"), ("\n[a]\ntitle = 'x'\n", "presets.toml:2.*base_url"), ("[a]\nbase_url = 5", "应为文字"),
    ("[a]\nbase_url = 'http://h'\napi_key = 'sk-secretsecret'", "api_key 不认识"), ("[a]\nbase_url = 'http://h'\ngrammar = 'x'", "只能是"),
    ("[a]\nbase_url = 'http://h'\ncontext_tokens = 5", "不小于"), ("[a]\nbase_url = 'http://h'\ncontext_tokens = true", "不小于"),
    ("[a]\nbase_url = 'http://h'\naliases = 'b'", "一列"),
])
def test_a_wrong_file_of_presets_is_told_with_its_line(tmp_path, content, told):
    (tmp_path / "presets.toml").write_text(content, "utf-8")
    with pytest.raises(RuleError, match=told) as caught:
        load_presets(tmp_path / "presets.toml")
    assert "secretsecret" not in str(caught.value)


def test_the_package_loads_no_library_of_models():
    code = (
        "import sys, kepudraft.llm, kepudraft.llm.opening, kepudraft.llm.local, kepudraft.llm.cache, kepudraft.llm.replay\n"
        "print([m for m in ('openai', 'httpx', 'httpx2', 'pydantic', 'xllamacpp', 'tiktoken', 'numpy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
