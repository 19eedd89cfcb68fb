"""Every error that kepudraft raises on purpose, split by who must act.

    KepudraftError
      InputError            the user's material is wrong
        FactError             a fact file cannot be read or contradicts itself
          FactConflict          two facts contradict each other
        DraftTextError        a text to be checked cannot be read
        CorpusError           an exemplar or the roles table is wrong
        PromptError           a prompt file is wrong
        OutlineError          no outline can be made of these facts
        RuleError             a rule file (units, idioms, indicators, phrases) is wrong
        SessionError          the folder of a drafting session cannot be used
      SetupError            the installation is wrong
        MissingExtra          an optional package is not installed
        SettingsError         a setting has a value that cannot be used
        IndexMissing          there is no index where one is needed
        IndexStale            the index was built from other exemplars or another encoder
      ModelError            the model service failed
        ModelUnavailable      it cannot be reached, timed out or broke off
        RateLimited           it says to come back later
        RequestRejected       it refuses the request: key, model name, parameters
          ContentRejected     it refuses what this one request says, or its length; others may pass
        BadCompletion         it answered with what cannot be used
      UnfaithfulDraft       raised only by `Report.raise_for_unfaithful()`
      ExportError           a finished draft cannot be written

A message says where, what, the value and the remedy, in Chinese: it is shown to the person at the keyboard as it is.
"""

from __future__ import annotations

import errno


class KepudraftError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        place: Where it is wrong (a file with line, sheet and cell), or "".
        remedy: What the person can do about it, or "".
    """

    exit_code = 2

    def __init__(self, what: str, *, place: str = "", remedy: str = "") -> None:
        self.what = what
        self.place = place
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        where = f"{self.place}：" if self.place else ""
        remedy = f"。{self.remedy}" if self.remedy else ""
        return f"{where}{self.what}{remedy}"


class InputError(KepudraftError):
    """The user's material is wrong; only the user can mend it."""


class FactError(InputError):
    """A fact file cannot be read, holds nothing, or contradicts itself."""


class FactConflict(FactError):
    """A fact contradicts an earlier one; `fact_id` is the earlier one's."""

    def __init__(self, what: str, *, place: str = "", remedy: str = "", fact_id: str = "") -> None:
        super().__init__(what, place=place, remedy=remedy)
        self.fact_id = fact_id


class DraftTextError(InputError):
    """A text to be checked cannot be read."""


class CorpusError(InputError):
    """An exemplar, or the table of roles, breaks a rule of the corpus."""


class PromptError(InputError):
    """A prompt file cannot be read, or its variables are not those that it declares."""


class OutlineError(InputError):
    """No outline can be made of these facts."""


class RuleError(InputError):
    """A rule file breaks its form; the message names file and line."""


class SessionError(InputError):
    """The folder of a drafting session cannot be written, is damaged, or is in use."""


class SetupError(KepudraftError):
    """The installation is wrong."""


class MissingExtra(SetupError):
    """An optional package is needed and not installed."""


class SettingsError(SetupError):
    """A setting has a value that cannot be used."""


class IndexMissing(SetupError):
    """There is no index where one is needed."""


class IndexStale(SetupError):
    """The index was built from other exemplars or by another encoder."""


class ModelError(KepudraftError):
    """The model service failed."""

    exit_code = 3


class ModelUnavailable(ModelError):
    """The service cannot be reached, did not answer in time, broke off, or failed on its side (5xx); trying again may help."""


class RateLimited(ModelError):
    """The service says to come back later (429); `retry_after` is its own word in seconds, or None."""

    def __init__(self, what: str, *, place: str = "", remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(what, place=place, remedy=remedy)
        self.retry_after = retry_after


class RequestRejected(ModelError):
    """The service refuses the request (4xx): key, balance, model name or parameters. Trying again does not help."""


class ContentRejected(RequestRejected):
    """The service refuses what this request says (moderation) or its length; a request about other facts may pass."""


class BadCompletion(ModelError):
    """The service answered with what cannot be used: no text, no JSON, or the same words without end."""


class UnfaithfulDraft(KepudraftError):
    """A text holds figures that the facts don't bear; `report` says which.

    Raised only by `Report.raise_for_unfaithful()`; everything else returns the report.
    """

    exit_code = 4

    def __init__(self, what: str, report: object) -> None:
        super().__init__(what)
        self.report = report


class ExportError(KepudraftError):
    """A finished draft cannot be written to the place asked for."""


_REASONS = {
    errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "磁盘是只读的", errno.ENOSPC: "磁盘已满", errno.EDQUOT: "空间配额已满",
    errno.ENOENT: "路径不存在", errno.ENOTDIR: "路径中有一段不是文件夹", errno.EISDIR: "这是一个文件夹", errno.ENAMETOOLONG: "名称太长",
    errno.EEXIST: "那里已有同名的文件", errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多", errno.EBUSY: "文件正被占用", errno.ELOOP: "链接成环",
}  # fmt: skip


def os_reason(error: OSError) -> str:
    """Say in Chinese why the system refused; in its own words where that is not known."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)
