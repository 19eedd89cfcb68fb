"""Naming a model at the command line: what cannot be meant is one Chinese sentence, before anything is drafted."""

from __future__ import annotations

import pytest

from kepudraft.cli.modelling import ModelChoice
from kepudraft.errors import SettingsError


@pytest.mark.parametrize(("choice", "told"), [
    (ModelChoice(None, "http://127.0.0.1:9/v1", None), "写了 --base-url，却没有写用哪个模型"),
    (ModelChoice("none", "http://127.0.0.1:9/v1", None), "写了 --base-url"), (ModelChoice("none", None, "MY_KEY"), "写了 --api-key-env"),
    (ModelChoice("m", "http://[::1", None), "服务地址不能用"), (ModelChoice("m", "http://a]b/v1", None), "服务地址不能用"),
    (ModelChoice("deepseek:m", "http://[", "MY_KEY"), "服务地址不能用"), (ModelChoice("  ", None, None), "没有写模型名称"),
])
def test_what_cannot_be_meant_is_told(choice: ModelChoice, told: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KEPUDRAFT_MODEL", raising=False)
    with pytest.raises(SettingsError, match=told) as caught:
        choice.open()
    assert caught.value.exit_code == 2


def test_no_model_is_no_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("KEPUDRAFT_MODEL", raising=False)
    assert ModelChoice("none", None, None).open() is None
