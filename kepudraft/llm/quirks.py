"""What an endpoint does not take, found out from its refusals and remembered.

Kept for a month in a small file of the cache folder, so that not every run of the program is refused once. It holds
addresses, model names and parameter names; no key ever.
"""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from kepudraft.llm.wording import load_wording

QUIRKS = "endpoints.json"
_KEPT_S = 30 * 24 * 3600  # endpoints learn
_LARGEST = 1 << 20  # bytes
_PARAMETERS = (
    "stream_options", "stream", "temperature", "seed", "max_completion_tokens", "max_tokens", "grammar", "structured_outputs",
    "guided_grammar",
)
_log = logging.getLogger(__name__)


def refused_parameter(text: str, param: object, sent: Collection[str]) -> str:
    """Which of the parameters sent an endpoint's refusal is about; "" if none.

    Args:
        text: Its words, with everything that came with them.
        param: What it names as the parameter, if it does.
        sent: Names of the parameters that were sent and can be left out.
    """
    if isinstance(param, str) and param in sent:
        return param
    # vLLM and FastAPI print the whole request beside the place that they complain of.
    placed = re.search(r"""['"]?loc['"]?\s*[:=]\s*[\[(]\s*['"]body['"]\s*,\s*['"](\w+)""", text)
    if placed:
        return placed[1] if placed[1] in sent else ""
    if not load_wording().refuses(text):
        return ""
    named = [name for name in _PARAMETERS if re.search(rf"(?<![A-Za-z_]){name}(?![A-Za-z_])", text)]
    # «Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.»: only one of them was sent.
    return next((name for name in named if name in sent), "")


class Quirks:
    """Names of parameters that one model at one endpoint does not take.

    Args:
        key: Address and model.
        folder: Where they are kept; None for nowhere.
    """

    def __init__(self, key: str, folder: Path | None = None) -> None:
        self._key = key
        self._path = folder / QUIRKS if folder is not None else None
        self._refused: set[str] = set(_known(_read(self._path).get(key)))

    def __contains__(self, name: str) -> bool:
        return name in self._refused

    def add(self, name: str) -> None:
        """Remember that `name` is not taken."""
        self._refused.add(name)
        if self._path is not None:
            entry = {"refused": sorted(self._refused), "since": int(time.time())}
            _write(self._path, {**_read(self._path), self._key: entry})


def _known(entry: object) -> Iterable[str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("since"), int):
        return ()
    names = entry.get("refused")
    fresh = 0 <= time.time() - entry["since"] < _KEPT_S
    return [name for name in names if name in _PARAMETERS] if fresh and isinstance(names, list) else ()


def _read(path: Path | None) -> dict[str, object]:
    """What is kept; a file that cannot be read, or is none of ours, counts as empty: it is found out anew."""
    try:
        if path is None or path.stat().st_size > _LARGEST:
            return {}
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, object]) -> None:
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{QUIRKS}-", delete=False) as file:
            temporary = Path(file.name)
            json.dump(kept, file, ensure_ascii=False, indent=1)
        os.replace(temporary, path)
    except OSError as error:
        _log.debug("quirks are not kept: %s", error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
