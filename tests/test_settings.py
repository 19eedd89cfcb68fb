"""Settings: defaults, then the file, then the environment; unknown keys are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.errors import SettingsError
from kepudraft.settings import load_settings, shipped


def test_defaults_point_to_what_ships(tmp_path: Path):
    settings = load_settings(environ={"HOME": str(tmp_path)})
    assert settings.corpus_dir == shipped("corpus")
    assert (settings.corpus_dir / "roles.toml").is_file()
    assert settings.cache_dir == tmp_path / ".cache" / "kepudraft"


def test_the_environment_wins_over_the_file(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text('encoder = "from-file"\ncorpus_dir = "/somewhere"\n', encoding="utf-8")
    settings = load_settings(environ={"KEPUDRAFT_ENCODER": "from-environment"}, file=file)
    assert settings.encoder == "from-environment"
    assert settings.corpus_dir == Path("/somewhere")


def test_a_model_is_named_but_its_key_is_not(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text('model = "deepseek:deepseek-chat"\napi_key_env = "MY_KEY"\n', encoding="utf-8")
    settings = load_settings(environ={"KEPUDRAFT_BASE_URL": "http://10.0.0.2/v1"}, file=file)
    assert (settings.model, settings.base_url, settings.api_key_env) == ("deepseek:deepseek-chat", "http://10.0.0.2/v1", "MY_KEY")
    assert settings.presets_file == tmp_path / "presets.toml"
    file.write_text('api_key = "sk-secretsecret"', encoding="utf-8")
    with pytest.raises(SettingsError, match="api_key_env") as error:
        load_settings(environ={}, file=file)
    assert "secretsecret" not in str(error.value)


@pytest.mark.parametrize("content", ["encodr = 'x'", "encoder = 3", "encoder = ["])
def test_a_wrong_file_is_told_with_place_and_remedy(tmp_path: Path, content: str):
    file = tmp_path / "config.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(environ={}, file=file)
    assert str(file) in str(error.value)
    assert error.value.remedy
