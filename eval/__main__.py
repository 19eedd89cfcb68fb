"""`python -m eval NAME [OPTIONS]`: run one measure or one upkeep task; its exit code is 0 where every bar is held."""

from __future__ import annotations

import sys
from importlib import import_module

TASKS = {
    "batch": "eval.batch",
    "build_encoder": "eval.build_encoder",
    "build_index": "eval.build_index",
    "draft": "eval.draft",
    "evidence": "eval.evidence",
    "faithful": "eval.faithful",
    "figures": "eval.figures",
    "ingest": "eval.ingest",
    "originality": "eval.originality",
    "planted": "eval.planted",
    "retrieval": "eval.retrieval",
    "session": "eval.session",
    "speed": "eval.speed",
    "structure": "eval.structure",
}
"""Task name -> the module whose `main(argv)` runs it; loaded only when asked for."""


def main(argv: list[str]) -> int:
    """Run the task named first."""
    if not argv or argv[0] not in TASKS:
        print(f"usage: python -m eval {{{','.join(TASKS)}}} [OPTIONS]", file=sys.stderr)
        return 2
    code: int = import_module(TASKS[argv[0]]).main(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
