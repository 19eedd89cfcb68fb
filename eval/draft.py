"""Drafting with a real model: `python -m eval draft --model M`. Exit code 1 unless every bar is held by the pipeline.

Every way of drafting is run over the example fact sheets: a plain prompt with raw exemplars, the same with masked ones, with
slots in place of values, and the pipeline in each mode. What comes out is judged as a stranger would: from its text
alone, against the facts. Each figure has a bootstrap interval over units. Rows are kept as they are made, so that a run of
hours can be stopped and gone on with (`--resume`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from eval.draft_report import BARS, missed, printed, summary
from eval.draft_ways import WAYS, Outcome, run_unit
from eval.record import RESULTS, save_results
from kepudraft.llm import open_model
from kepudraft.llm.chat import ChatModel
from kepudraft.retrieval import open_retriever
from kepudraft.settings import load_settings

SHEETS = Path(__file__).parent / "cases" / "facts"


def main(argv: list[str]) -> int:
    """Draft, judge, print a line a way and metric, keep the results."""
    arguments = _parser().parse_args(argv)
    settings = load_settings()
    retriever = open_retriever(settings.corpus_dir, cache=settings.cache_dir)
    model = open_model(arguments.model, base_url=arguments.base_url, grammar=arguments.grammar)
    sheets = _chosen(arguments.units)
    rows = _kept(arguments.rows) if arguments.resume else []
    done = {(row.way, row.unit) for row in rows}
    for way in arguments.ways:
        todo = [path for path in sheets if (way, path.name) not in done]
        rows += asyncio.run(_run(way, todo, model, retriever, arguments))
        print(*printed(way, [row for row in rows if row.way == way]), sep="\n", flush=True)
    short = missed([row for row in rows if row.way == arguments.judge], [row for row in rows if row.way == "plain"])
    for line in short:
        print(f"MISSED {line}")
    ways = {way: summary([row for row in rows if row.way == way]) for way in dict.fromkeys(row.way for row in rows)}
    content = {
        "held": not short, "model": model.name, "judged": arguments.judge, "bars": BARS, "missed": short, "ways": ways,
        "prompts": dict(_hashes(settings.prompts_dir)), "rows": [asdict(row) for row in rows],
    }
    if not arguments.no_results:
        save_results("draft", content, packages=("openai", "xllamacpp"), day=arguments.date, folder=arguments.results)
    return 1 if short else 0


async def _run(way: str, sheets: list[Path], model: ChatModel, retriever: object, arguments: argparse.Namespace) -> list[Outcome]:
    """The units of one way, some at once; each row is kept as soon as it is there."""
    gate = asyncio.Semaphore(arguments.at_once)
    rows: list[Outcome] = []

    async def one(path: Path) -> None:
        async with gate:
            row, text = await run_unit(way, path, model, retriever, seed=arguments.seed)
        rows.append(row)
        with arguments.rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
        if arguments.keep:
            folder = arguments.keep / way
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{path.stem}.txt").write_text(text, encoding="utf-8")
        print(f"  {way} {path.name}: {row.figures} figures, {row.unborne} unborne, {row.misplaced} misplaced, facts "
              f"{row.used}/{row.facts}, model {row.by_model}/{row.sentences}, {row.tokens} tokens, {row.seconds:.0f} s", flush=True)

    await asyncio.gather(*(one(path) for path in sheets))
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval draft", description="Compare ways of drafting with a model.")
    parser.add_argument("--model", required=True, help="as for kepudraft draft: a .gguf file, service:model, or a name")
    parser.add_argument("--base-url", default="")
    parser.add_argument("--grammar", default=None, help="how the endpoint takes a grammar: llama.cpp, vllm, guided or ''")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--judge", choices=list(WAYS), default="shown+grammar-retrieval", help="the way that the bars are held against")
    parser.add_argument("--units", nargs="*", default=[], help="sheets by the beginning of their names; all if none")
    parser.add_argument("--at-once", type=int, default=2, help="units in flight")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=Path, default=Path("draft-rows.jsonl"), help="where rows are kept while running")
    parser.add_argument("--resume", action="store_true", help="go on with the rows of --rows")
    parser.add_argument("--keep", type=Path, help="folder for the drafts' texts")
    parser.add_argument("--date", help="ISO date to be written in the results; today if not given")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--no-results", action="store_true")
    return parser


def _chosen(names: list[str]) -> list[Path]:
    sheets = sorted(p for p in SHEETS.iterdir() if p.name != "README.md")
    return [p for p in sheets if not names or any(p.name.startswith(name) for name in names)]


def _kept(path: Path) -> list[Outcome]:
    if not path.is_file():
        return []
    return [Outcome(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _hashes(folder: Path) -> list[tuple[str, str]]:
    from kepudraft.prompts import load_prompt

    cases = Path(__file__).parent / "cases" / "draft"
    places = [(folder, "section"), (folder, "repair"), (cases, "plain"), (cases, "slots")]
    return [(name, load_prompt(place, name).sha256) for place, name in places]
