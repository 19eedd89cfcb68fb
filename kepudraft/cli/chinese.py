"""Help and usage errors in Chinese: typer and click speak English only."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

_WORDS = (
    ("Usage:", "用法："),
    ("Options:", "选项："),
    ("Arguments:", "参数："),
    ("Commands:", "命令："),
    ("[OPTIONS]", "[选项]"),
    ("COMMAND [ARGS]...", "命令 [参数]…"),
    ("Show this message and exit.", "显示帮助"),
    ("[required]", "[必填]"),
    ("[default: ", "[默认："),
)

_REASONS = (
    (re.compile(r"'(.*?)' is not one of (.*?)\.?$"), "“{0}”不在可用的值里：{1}"),
    (re.compile(r"'(.*?)' is not a valid integer"), "“{0}”不是整数"),
    (re.compile(r"should be (?:greater|less) than or equal to (\d+)"), "超出范围，界限是{0}"),
    (re.compile(r"should be a valid integer"), "不是整数"),
    (re.compile(r"No such command '(.*?)'"), "没有命令 {0}"),
    (re.compile(r"Got unexpected extra arguments? \((.*?)\)"), "多余的参数 {0}"),
)


class ChineseCommand(TyperCommand):
    """A command whose help is in Chinese."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - typer keeps its context type private
        """The help text with click's own words translated."""
        return translated(super().get_help(ctx))


class ChineseGroup(TyperGroup):
    """A group whose help is in Chinese."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - typer keeps its context type private
        """The help text with click's own words translated."""
        return translated(super().get_help(ctx))


def translated(text: str) -> str:
    """`text` with click's fixed words in Chinese."""
    for english, chinese in _WORDS:
        text = text.replace(english, chinese)
    return text


def usage_error(error: TyperException) -> str:
    """One Chinese sentence for a wrong command line.

    typer keeps the classes of its usage errors private, so they are told apart by name.
    """
    ctx, param = getattr(error, "ctx", None), getattr(error, "param", None)
    remedy = f"。用法见 {ctx.command_path if ctx else 'kepudraft'} --help"
    kind = type(error).__name__
    opts = list(getattr(param, "opts", ()))
    what = "/".join(opts) if opts and opts[0].startswith("-") else getattr(param, "metavar", None) or "/".join(opts)
    name = getattr(error, "option_name", "") or what
    message = _message(getattr(error, "message", "") or str(error))
    said = {
        "NoSuchOption": f"没有选项 {name}",
        "MissingParameter": f"缺少 {what}",
        "BadParameter": f"{what} 的值不能用（{message}）",
        "BadOptionUsage": f"选项 {name} 后面缺少值",
    }
    return said.get(kind, f"命令写得不对（{message}）") + remedy


def _message(text: str) -> str:
    """Typer's English reason in Chinese, where it is one of the usual ones."""
    for pattern, chinese in _REASONS:
        if found := pattern.search(text):
            return chinese.format(*found.groups())
    return text
