"""What a session is given from outside: model, exemplars, editor, clock; tests give their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock

from kepudraft.corpus import Excerpt
from kepudraft.errors import SetupError
from kepudraft.genre import Role, UnitType
from kepudraft.llm.chat import ChatModel
from kepudraft.pipeline import Searcher
from kepudraft.retrieval.hit import Hit, OwnText
from kepudraft.settings import Settings, load_settings


def no_model(name: str) -> ChatModel:
    """For sessions without models.

    Raises:
        SetupError: Always.
    """
    raise SetupError(f"这里没有可用的模型（{name}）", remedy="请用 /offline 离线起草")


@dataclass(frozen=True)
class Tools:
    """The ports of a session.

    Attributes:
        open_model: The model of a name; raises a `KepudraftError` where there is none.
        searcher: What finds exemplars, or None; called where it is first needed.
        edit: Lets the person edit a text in a program of theirs; raises `InputError` if that fails.
        today: The date.
        settings: Where corpus and prompts are.
        home: Folder that relative names of files to write start from.
    """

    open_model: Callable[[str], ChatModel] = no_model
    searcher: Callable[[], Searcher | None] = lambda: None
    edit: Callable[[str], str] = lambda text: text
    today: Callable[[], date] = date.today
    settings: Settings = field(default_factory=load_settings)
    home: Path = field(default_factory=Path)


class Remembering:
    """A searcher that keeps what it found: the same is not looked up twice, and an exemplar's id can be shown with its words."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._asked: dict[tuple[object, ...], tuple[Hit, ...]] = {}
        self._lock = Lock()  # what is looked up ahead is looked up beside the session
        self.found: dict[str, Excerpt] = {}

    @property
    def fingerprint(self) -> str:
        """The inner searcher's."""
        return self._searcher.fingerprint

    def search(self, query: str, *, role: Role | None, prefer: UnitType | None, own: OwnText | None, k: int) -> tuple[Hit, ...]:
        """See `Searcher`."""
        key = (query, role, prefer, own, k)
        with self._lock:
            if key not in self._asked:
                hits = self._searcher.search(query, role=role, prefer=prefer, own=own, k=k)
                self._asked[key] = hits
                self.found |= {h.excerpt.id: h.excerpt for h in hits}
        return self._asked[key]
