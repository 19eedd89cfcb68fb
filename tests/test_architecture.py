"""The shape of the package: public names, weight of an import, sizes, what may be printed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import kepudraft
from tests.conftest import ROOT

PACKAGE = ROOT / "kepudraft"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "transformers", "sentence_transformers", "openai", "langchain_text_splitters", "faiss", "numpy", "rich",
         "docx", "openpyxl", "pydantic", "typer", "yaml")


def test_public_names_are_pinned_and_all_load():
    assert list(kepudraft.__all__) == sorted(kepudraft.__all__)
    for name in kepudraft.__all__:
        assert getattr(kepudraft, name) is not None


def test_importing_the_package_loads_the_standard_library_only():
    code = f"import sys, kepudraft; print([m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_help_and_drafting_load_no_model_library(tmp_path: Path):
    sheet = ROOT / "eval" / "cases" / "facts" / "01-江州市科技馆.txt"
    code = (
        "import sys\nfrom kepudraft.cli import app\n"
        "try:\n app.main()\nexcept SystemExit: pass\n"
        "print([m for m in ('torch','transformers','sentence_transformers','openai','faiss','langchain_core') if m in sys.modules])"
    )
    for arguments in (["--help"], ["draft", str(sheet), "-o", str(tmp_path / "a.docx")]):
        shown = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert shown.stdout.strip().endswith("[]"), shown.stdout[-300:]


def test_modules_are_short_and_functions_can_be_held_in_the_head():
    too_long = [f"{p.relative_to(ROOT)}" for p in MODULES if len(p.read_text("utf-8").splitlines()) > 400]
    assert too_long == []
    long_functions = [
        f"{p.relative_to(ROOT)}:{node.name}"
        for p in MODULES
        for node in ast.walk(ast.parse(p.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long_functions == []


def test_every_error_is_drawn_in_the_error_module():
    from kepudraft import errors

    named = [n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, errors.KepudraftError)]
    assert all(name in (errors.__doc__ or "") for name in named)


def test_data_files_are_inside_the_package():
    for name in ("figures/units.toml", "figures/idioms.toml", "facts/indicators.toml", "facts/reading.toml",
                 "compose/phrases.toml", "verify/wording.toml", "verify/public.toml", "llm/wording.toml", "llm/presets.toml",
                 "cli/fonts.toml", "verify/reuse.toml", "verify/grounding.toml", "returned/last_year.toml",
                 "export/page/page.html", "export/page/page.css", "export/page/page.js"):
        assert (PACKAGE / name).is_file(), name
