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
    ("…...", "…"),
    ("[[文件…]]...", "[文件…]"),
    (" [more]...", ""),  # what a shell makes of {docx,md}: accepted, not shown
)
_TYPES = re.compile(r" <(?:str|list\[\w+\])>")
_BRACED = re.compile(r"\{([\u4e00-\u9fff]+…?)\}")
_RANGE = re.compile(r"(\d+)<=x<=(\d+)")

_REASONS = (
    (re.compile(r"'(.*?)' is not one of (.*?)\.?$"), "“{0}”不在可用的值里：{1}"),
    (re.compile(r"should be greater than or equal to (\d+)"), "不能小于{0}"),
    (re.compile(r"should be less than or equal to (\d+)"), "不能大于{0}"),
    (re.compile(r"valid integer"), "不是整数"),
    (re.compile(r"No such command '(.*?)'"), "没有命令 {0}"),
    (re.compile(r"Got unexpected extra argument\(s\) \((.*?)\)"), "多余的参数 {0}"),
    (re.compile(r"Option '(.*?)' requires an argument"), "选项 {0} 后面缺少值"),
    (re.compile(r"Option '(.*?)' does not take a value"), "选项 {0} 后面不能带值"),
)
_LISTED = re.compile(r"', '")


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
    """`text` with click's fixed words in Chinese, and without its names of types."""
    for english, chinese in _WORDS:
        text = text.replace(english, chinese)
    return _RANGE.sub(r"\1～\2", _BRACED.sub(r"\1", _TYPES.sub("", text)))


def bare_help(error: TyperException) -> str:
    """The help that a command without arguments answers with; "" for any other error."""
    return str(getattr(error, "message", "")) if type(error).__name__ == "NoArgsIsHelpError" else ""


def usage_error(error: TyperException) -> str:
    """One Chinese sentence for a wrong command line.

    typer keeps the classes of its usage errors private, so they are told apart by name.
    """
    ctx, param = getattr(error, "ctx", None), getattr(error, "param", None)
    opts = list(getattr(param, "opts", ()))
    what = "/".join(opts) if opts and opts[0].startswith("-") else getattr(param, "metavar", None) or "/".join(opts)
    name = getattr(error, "option_name", "") or what
    like = "、".join(getattr(error, "possibilities", None) or ())
    message = _message(getattr(error, "message", "") or str(error))
    said = {
        "NoSuchOption": f"没有选项 {name}" + (f"，是不是 {like}" if like else ""),
        "MissingParameter": f"缺少 {what}",
        "BadParameter": f"{what} 的值不能用（{message}）",
        "BadOptionUsage": message,
    }
    return said.get(type(error).__name__, f"命令写得不对（{message}）") + f"。用法见 {ctx.command_path if ctx else 'kepudraft'} --help"


def _message(text: str) -> str:
    """Typer's English reason in Chinese, where it is one of the usual ones."""
    for pattern, chinese in _REASONS:
        if found := pattern.search(text):
            return chinese.format(*(_LISTED.sub("、", group).strip("'") for group in found.groups()))
    return text
