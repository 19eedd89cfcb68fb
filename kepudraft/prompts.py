"""Prompts: files with declared variables, read from a folder, checked, and filled in one pass.

A prompt file is Markdown: a head between two lines of `---` that names its variables, then the turns of the conversation, each
under a line `# system`, `# user` or `# assistant`. A variable is written {{name}}. What is filled in is never looked
at again, so that braces in a fact stay braces.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from kepudraft.errors import PromptError

Turn = Literal["system", "user", "assistant"]

_HEAD = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_DECLARED = re.compile(r"^variables:\s*(?P<names>.*)$", re.MULTILINE)
_TURN = re.compile(r"^# (?P<role>\w+)[ \t]*\n", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What chat templates take for their own marks (<|im_start|>, [INST], <s>): untrusted text must not hold them.
_MARKS = re.compile(r"<(?=[|/\w])|\[(?=/?INST\])|(?<=\|)>|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file, checked.

    Attributes:
        name: File name without suffix.
        turns: Role and text of each turn, variables still in it.
        variables: The names that must be filled in.
        sha256: Of the file's bytes (hex): goes into a draft's provenance.
    """

    name: str
    turns: tuple[tuple[Turn, str], ...]
    variables: frozenset[str]
    sha256: str

    def fill(self, values: Mapping[str, str]) -> tuple[tuple[Turn, str], ...]:
        """The turns with the values in place of the variables; marks of chat templates in a value are made harmless.

        Raises:
            PromptError: A variable has no value, or a value no variable; all are named.
        """
        if wrong := sorted(self.variables ^ values.keys()):
            raise PromptError(f"变量对不上：{'、'.join(wrong)}", place=self.name, remedy="请核对提示词文件里的 variables")
        safe = {name: harmless(value) for name, value in values.items()}
        return tuple((role, _VARIABLE.sub(lambda m: safe[m[1]], text)) for role, text in self.turns)


def harmless(text: str) -> str:
    """`text` without control characters and without what a chat template could take for a mark of its own."""
    return _MARKS.sub(lambda m: {"<": "＜", ">": "＞", "[": "［"}.get(m[0], " "), text)


@cache
def load_prompt(folder: Path, name: str) -> Prompt:
    """Read NAME.md of a folder.

    Raises:
        PromptError: It is missing, or its variables are not those that it declares.
    """
    path = folder / f"{name}.md"
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError("提示词文件读不出来", place=str(path), remedy="请恢复该文件，或检查设置 prompts_dir") from error
    parts = _HEAD.match(text)
    declared = _DECLARED.search(parts["head"]) if parts else None
    if parts is None or declared is None:
        raise PromptError("开头缺少 variables 一行", place=str(path), remedy="文件以 --- 开头，写明 variables: 变量名…，再以 --- 结束")
    names = frozenset(declared["names"].split())
    turns = _turns(parts["body"], path)
    used = frozenset(_VARIABLE.findall(parts["body"]))
    if wrong := sorted(names ^ used):
        line = 1 + text[: declared.start()].count("\n")
        raise PromptError(
            f"变量“{'、'.join(wrong)}”写明了没有用，或用了没有写明", place=f"{path} 第{line}行", remedy="两处应一致"
        )
    return Prompt(name, turns, names, hashlib.sha256(raw).hexdigest())


def _turns(body: str, path: Path) -> tuple[tuple[Turn, str], ...]:
    pieces = _TURN.split(body)
    turns = []
    for role, content in zip(pieces[1::2], pieces[2::2], strict=True):
        if role not in get_args(Turn):
            raise PromptError(f"不认识的角色“{role}”", place=str(path), remedy="可用：system、user、assistant")
        turns.append((cast(Turn, role), content.strip("\n")))
    if not turns or pieces[0].strip():
        raise PromptError("没有以“# system”或“# user”分段", place=str(path), remedy="每段前写一行 # system 或 # user")
    return tuple(turns)
