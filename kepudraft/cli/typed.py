"""Lines that a person types, pastes or pipes: with history and completion where the terminal can, plainly where it cannot."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kepudraft.errors import SessionError

if TYPE_CHECKING:
    # Loaded in a real terminal only.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.key_binding import KeyBindings

_MAX_LINE = 20 * 1024 * 1024


class Typed(Protocol):
    """Where lines come from."""

    def line(self, prompt: str) -> str:
        """The next line, or a pasted block.

        Raises:
            EOFError: There are no more (Ctrl-D).
            KeyboardInterrupt: The person wants none of it (Ctrl-C).
        """
        ...


def open_typed(history: Path, words: Sequence[str]) -> Typed:
    """What suits the terminal.

    Args:
        history: File of what was typed before.
        words: To complete with Tab.

    Raises:
        SessionError: There is no standard input.
    """
    if sys.stdin is None:
        raise SessionError("没有输入可读", place="标准输入", remedy="请在终端里运行")
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown"):
        return _Terminal(history, words)
    return _Plain()


class _Plain:
    """Lines as they come, for pipes, dumb terminals and programs that drive one."""

    def line(self, prompt: str) -> str:
        """See `Typed`."""
        sys.stdout.write(prompt)
        sys.stdout.flush()
        data = sys.stdin.buffer.readline(_MAX_LINE)
        if not data:
            raise EOFError
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("gb18030", "replace")
        text = text.rstrip("\r\n")
        if not sys.stdin.isatty():
            sys.stdout.write(text + "\n")  # nobody else shows it: the answer belongs under its question
        return text


class _Terminal:
    """A line editor with history, completion and pasted blocks; Ctrl-C keeps what was typed in the history."""

    def __init__(self, history: Path, words: Sequence[str]) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter

        self._history = _history(history)
        # The cursor's line alone is completed: words that begin with / stand at its start.
        completer = WordCompleter(list(words), sentence=True)
        self._session: PromptSession[str] = PromptSession(
            history=self._history, completer=completer, complete_while_typing=False, key_bindings=_keys(self._history),
            enable_open_in_editor=False, mouse_support=False,
        )

    def line(self, prompt: str) -> str:
        """See `Typed`."""
        return self._session.prompt(prompt)


def _history(path: Path) -> FileHistory:
    from prompt_toolkit.history import FileHistory

    class Kept(FileHistory):
        """A history that a full disk does not stop."""

        def load_history_strings(self) -> Iterable[str]:
            try:
                return list(super().load_history_strings())
            except OSError:
                return []

        def store_string(self, string: str) -> None:
            with suppress(OSError):
                super().store_string(string)

    return Kept(str(path))


def _keys(history: FileHistory) -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if text := event.current_buffer.text:
            history.append_string(text)  # to be had back with the arrow key
        event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
