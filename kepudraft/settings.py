"""Frozen settings: the environment and the user's TOML file are read here, once, and nowhere else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from kepudraft.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how to draft, unless a call says otherwise.

    Attributes:
        corpus_dir: Folder with exemplars/ and roles.toml; the shipped one unless set.
        prompts_dir: Folder with the prompt files; the shipped one unless set.
        cache_dir: Where an index over other exemplars is kept.
        user_corpus_dir: The user's own exemplars, searched together with those of `corpus_dir`.
        encoder: "bundled", or the name or path of a sentence-transformers model.
        model: Which model drafts, as `kepudraft.llm.open_model` takes it; "" for none.
        base_url: Address of its endpoint, where no preset names it.
        api_key_env: Name of the environment variable that holds the key. The key itself stands in no setting.
        presets_file: The user's own presets of services, over the shipped ones; it may be missing.
    """

    corpus_dir: Path
    prompts_dir: Path
    cache_dir: Path
    user_corpus_dir: Path
    encoder: str = "bundled"
    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    presets_file: Path | None = None


@cache
def shipped(name: str) -> Path:
    """The folder `name` (corpus, prompts) as shipped: in the wheel, or beside the package in a checkout."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def load_settings(
    *, environ: Mapping[str, str] | None = None, file: Path | None = None
) -> Settings:
    """Settings from defaults, then the TOML file, then KEPUDRAFT_* variables; the later wins.

    Args:
        environ: Variables to read; the process environment if None.
        file: TOML file; `$KEPUDRAFT_CONFIG` or `~/.config/kepudraft/config.toml` if None. It may be missing.

    Raises:
        SettingsError: The file is no TOML or sets an unknown key.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or ".")
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "kepudraft"
    own = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "kepudraft" / "corpus"
    path = file or Path(environ.get("KEPUDRAFT_CONFIG") or home / ".config" / "kepudraft" / "config.toml")
    presets = path.with_name("presets.toml")
    settings = Settings(shipped("corpus"), shipped("prompts"), cache, own, presets_file=presets)
    settings = _with(settings, _from_file(path), str(path))
    given = {f.name: environ[key] for f in fields(Settings) if (key := f"KEPUDRAFT_{f.name.upper()}") in environ}
    return _with(settings, given, "环境变量")


def _from_file(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"设置文件读不出来（{error}）", place=str(path), remedy="请改正或删除该文件") from error


def _with(settings: Settings, values: Mapping[str, object], place: str) -> Settings:
    known = {f.name for f in fields(Settings)}
    changes: dict[str, object] = {}
    for key, value in values.items():
        if key not in known or not isinstance(value, str):
            names = "、".join(sorted(known))
            raise SettingsError(f"设置项“{key}”不能用", place=place, remedy=f"可用的设置项：{names}，值为文字")
        changes[key] = Path(value).expanduser() if key.endswith(("_dir", "_file")) else value
    return replace(settings, **changes)  # type: ignore[arg-type]  # keys are field names, values of their types
