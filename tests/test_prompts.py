"""Prompt files: variables declared and used, values filled in once, marks of chat templates made harmless."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.errors import PromptError
from kepudraft.prompts import harmless, load_prompt
from kepudraft.settings import load_settings


def made(folder: Path, text: str, name: str = "p") -> Path:
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_prompts_declare_what_they_use_and_begin_with_what_never_changes():
    for name in ("section", "repair"):
        prompt = load_prompt(load_settings().prompts_dir, name)
        assert prompt.turns[0][0] == "system"
        assert "{{" not in prompt.turns[0][1]
        assert len(prompt.sha256) == 64


def test_values_are_filled_in_once_and_never_looked_at_again(tmp_path: Path):
    prompt = load_prompt(made(tmp_path, "---\nvariables: a b\n---\n# user\n{{a}}-{{ b }}\n"), "p")
    assert prompt.fill({"a": "{{b}}", "b": "乙"}) == (("user", "{{b}}-乙"),)


@pytest.mark.parametrize(("text", "word"), [
    ("# user\n你好\n", "variables"),
    ("---\nvariables: a\n---\n# user\n你好\n", "a"),
    ("---\nvariables: a\n---\n# user\n{{a}}{{b}}\n", "b"),
    ("---\nvariables:\n---\n你好\n", "# system"),
    ("---\nvariables:\n---\n# 教师\n你好\n", "教师"),
])
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, word: str):
    with pytest.raises(PromptError, match=word) as refused:
        load_prompt(made(tmp_path, text), "p")
    assert "p.md" in str(refused.value)


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(PromptError, match="读不出来"):
        load_prompt(tmp_path, "none")


def test_missing_and_unknown_values_are_named(tmp_path: Path):
    prompt = load_prompt(made(tmp_path, "---\nvariables: a\n---\n# user\n{{a}}\n"), "p")
    with pytest.raises(PromptError, match="a、b"):
        prompt.fill({"b": "乙"})


@given(st.text(alphabet="<>|/s[]INST im_start\x00\x1b科普", max_size=40))
def test_no_mark_of_a_chat_template_passes(text: str):
    safe = harmless(text)
    assert not any(mark in safe for mark in ("<|", "|>", "[INST]", "[/INST]", "<s", "</", "\x00", "\x1b"))


def test_ordinary_text_is_left_as_it_is():
    assert harmless("辖区居民4860户、1.2万余人；a < b [1]") == "辖区居民4860户、1.2万余人；a < b [1]"
