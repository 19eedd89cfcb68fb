"""The state machine of a session: a line in, one step saved and shown, the next question put.

A line is, in this order: a command (/…), a dropped file, a correction of a fact, the answer to an open question, or the answer
to the present step.
"""

from __future__ import annotations

from collections.abc import Callable

from kepudraft.errors import InputError, KepudraftError, ModelError, os_reason
from kepudraft.facts.material import tidy
from kepudraft.session import commands, steps, views
from kepudraft.session.corrections import is_correction
from kepudraft.session.deciding import decide, put
from kepudraft.session.desk import Desk
from kepudraft.session.intake import dropped_file
from kepudraft.session.log import SessionLog
from kepudraft.session.opening import Opening, open_with, take_file
from kepudraft.session.screen import Screen, Tone
from kepudraft.session.tools import Tools
from kepudraft.session.work import Asked, Question, Work


class Session:
    """One session.

    Args:
        log: The open folder; it says where the session stands.
        screen: Shows.
        tools: Model, exemplars, editor, clock.
    """

    def __init__(self, log: SessionLog, screen: Screen, tools: Tools) -> None:
        self._desk = Desk(log, screen, tools)

    @property
    def work(self) -> Work:
        """What the person has decided so far."""
        return self._desk.work

    @property
    def prompt(self) -> str:
        """A few words before the cursor that say what is expected."""
        return "答复> " if self.work.questions else steps.PROMPTS[self.work.step]

    def begin(self, opening: Opening | None = None) -> None:
        """Greet, take in what the session was opened with, and put the first question."""
        self._guarded(lambda: self._begin(opening))
        self._guarded(self._ask)

    def take(self, line: str) -> bool:
        """Take one line; False when the session is over. Nothing that can go wrong with a line ends it."""
        ask_next = self._guarded(lambda: self._take(line))
        if ask_next and not self._desk.is_over:
            self._guarded(self._ask)
        return not self._desk.is_over

    def _begin(self, opening: Opening | None) -> bool:
        desk = self._desk
        if desk.log.is_new:
            desk.screen.say("科普工作总结起草。一问一答，随时存盘。/help 看命令，Ctrl-D 退出，下次接着写。", Tone.HEAD)
            open_with(desk, opening or Opening())
            return True
        desk.screen.say(f"接着上次：{steps.where(desk)}", Tone.HEAD)
        if opening and opening.facts:
            desk.screen.say("这里已有会话，没有重新读事实文件；要补充，把文件名直接输入就行", Tone.WARN)
        return True

    def _take(self, line: str) -> bool:
        desk = self._desk
        line = tidy(line.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if call := commands.parse(line):
            return commands.run(desk, call)
        if path := dropped_file(line):
            take_file(desk, path)
        elif desk.work.facts and is_correction(line):
            desk.correct(line)
        elif desk.work.questions:
            self._decide(desk.work.questions[0], line)
        else:
            steps.answer(desk, line)
        return True

    def _ask(self) -> bool:
        """Put the first open question, or the present step's."""
        desk, work = self._desk, self.work
        if not work.questions:
            steps.ask(desk)
            return True
        shown = put(work.questions[0], work, desk.outline)
        more = f"（还有{len(work.questions) - 1}个问题）" if len(work.questions) > 1 else ""
        desk.screen.say(f"问：{shown.text}{more}", Tone.ASK)
        for choice in shown.choices:
            desk.screen.say(f"    {choice}")
        return True

    def _decide(self, question: Question, line: str) -> None:
        desk = self._desk
        made = decide(self.work, question, line, desk.outline)
        label = f"答复：{line}" if line else "先放着"
        if made.facts_changed or made.prose_changed:
            desk.changed(made.work, label)
        else:
            desk.save(made.work, label)
        if made.taken is not None:
            views.show_added(desk.screen, made.taken.added, made.taken.remarks)
        if made.said:
            desk.screen.say(made.said, Tone.GOOD if made.prose_changed or made.facts_changed else Tone.PLAIN)

    def _guarded(self, act: Callable[[], bool]) -> bool:
        """Do it; what goes wrong is told. True if the present question is to be put (again)."""
        screen = self._desk.screen
        try:
            return act()
        except ModelError as error:
            screen.say(f"模型没有答上来：{error}", Tone.BAD)
            screen.say("已写的都还在。可以：/retry 再试一次，/offline 改为不用模型，/model 名称 换一个模型。")
            return False
        except InputError as error:
            screen.say(str(error), Tone.BAD)
            # A figure that waits for an answer has just become a question: it has not been seen yet.
            return bool(self.work.questions) and self.work.questions[0].kind is Asked.NUMBER
        except KepudraftError as error:
            screen.say(str(error), Tone.BAD)
        except KeyboardInterrupt:
            screen.say("已停下，没有改动。", Tone.WARN)
        except OSError as error:  # a file that went away between looking and reading, a disk that is full
            screen.say(f"文件读写出错（{os_reason(error)}）{error.filename or ''}。请检查后再试", Tone.BAD)
        return False
