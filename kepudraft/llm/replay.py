"""Answers written down once and played back: evaluations and tests without a model.

A recording is JSON Lines, one answer a line with the request it belongs to. It holds all that was asked, facts too.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kepudraft.errors import ModelError, SettingsError, os_reason
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.wrapped import WrappedModel

_SHOWN = 40
_log = logging.getLogger(__name__)


class RecordingModel(WrappedModel):
    """The same model, every answer of it written to a file.

    Args:
        model: Who is asked.
        path: The recording; answers are added to what is there.

    Raises:
        SettingsError: The file cannot be written.
    """

    def __init__(self, model: ChatModel, path: Path) -> None:
        super().__init__(model)
        self._path = path
        self._add("")

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`.

        Raises:
            SettingsError: The answer cannot be written down.
        """
        done = await self._model.complete(request, on_delta=on_delta)
        record = {
            "key": request.key(self.name), "name": self.name, "context_tokens": self.context_tokens,
            "takes_grammar": self.takes_grammar, "request": asdict(request), "completion": asdict(done),
        }
        self._add(json.dumps(record, ensure_ascii=False) + "\n")
        return done

    def _add(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(line.encode("utf-8", "replace"))  # in one piece: several processes may add
        except OSError as error:
            raise SettingsError(f"录制文件写不了（{os_reason(error)}）", place=str(self._path), remedy="请换一个位置") from error


class ReplayModel:
    """Answers from a recording, under the name of the model that gave them.

    Args:
        path: The recording.

    Raises:
        SettingsError: It cannot be read, is empty, or holds answers of several models.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        records = _records(path)
        names = sorted({record.name for record in records})
        if len(names) != 1:
            told = f"有{len(names)}个模型的回答（{'、'.join(names)}）" if names else "没有回答"
            raise SettingsError(f"录制文件里{told}", place=str(path), remedy="请给一个模型重新录制一份")
        self.name = names[0]
        self.context_tokens = records[0].context_tokens
        self.takes_grammar = records[0].takes_grammar
        self._answers = {record.key: record.completion for record in records}

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`.

        Raises:
            ModelError: The request was not recorded; the message says which.
        """
        key = request.key(self.name)
        if key not in self._answers:
            last = request.messages[-1].content if request.messages else ""
            raise ModelError(
                f"录制里没有这个请求（{key[:12]}，末句“…{last[-_SHOWN:]}”，种子{request.seed}）", place=str(self._path),
                remedy="提示词、事实或参数改过之后要重新录制",
            )
        done = self._answers[key]
        if on_delta is not None:
            on_delta(done.text)
        return done


@dataclass(frozen=True, slots=True)
class _Record:
    key: str
    name: str
    context_tokens: int
    takes_grammar: bool
    completion: Completion


def _records(path: Path) -> list[_Record]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("录制文件读不出来", place=str(path), remedy="请检查路径，或重新录制") from error
    records = []
    *lines, unfinished = text.split("\n")
    if unfinished:
        _log.warning("%s: the last line was never finished and is left out", path)
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                records.append(_record(json.loads(line)))
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise SettingsError("这一行不是录制的回答", place=f"{path}:{number}", remedy="请删去该行，或重新录制") from error
    return records


def _record(values: Any) -> _Record:  # noqa: ANN401 - what JSON gives
    told = values["completion"]
    usage = told["usage"]
    spent = Usage(int(usage["prompt"]), int(usage["completion"]), int(usage["cached"]), bool(usage["counted"]))
    completion = Completion(str(told["text"]), spent, str(told["finish"]), str(told["model"]))
    return _Record(
        str(values["key"]), str(values["name"]), int(values["context_tokens"]), bool(values["takes_grammar"]), completion
    )
