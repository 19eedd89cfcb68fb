"""Judges any text against facts.

`kepudraft.verify` is this package and, called, the function `kepudraft.verify.figures.verify`: the import system binds
a package's name in its parent as soon as any module of it is loaded, so the public function of the same name is reached
through the package.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kepudraft.facts.sheet import FactSheet
    from kepudraft.verify.report import Report


class _Verify(ModuleType):
    def __call__(self, text: str, sheet: FactSheet) -> Report:
        """As `kepudraft.verify.figures.verify`."""
        from kepudraft.verify.figures import verify

        return verify(text, sheet)


sys.modules[__name__].__class__ = _Verify
