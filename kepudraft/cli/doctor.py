"""`kepudraft doctor`: tries everything that a draft may need, and says of each what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from kepudraft.cli.arguments import Json

if TYPE_CHECKING:
    # Loaded where it runs: the help must not wait for it.
    from kepudraft.cli.checkups import Check

_STYLES = {"正常": "green", "注意": "yellow", "有误": "bold red"}


def doctor(
    model: Annotated[str | None, typer.Option("--model", metavar="模型", help="检查哪个模型：服务:名称、名称，或 .gguf 文件；不写用设置里的")] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", metavar="地址", help="模型服务的地址，如 http://127.0.0.1:8080/v1")] = None,
    key_env: Annotated[str | None, typer.Option("--api-key-env", metavar="变量名", help="存放密钥的环境变量的名字（不是密钥本身）")] = None,
    as_json: Json = False,
) -> int:
    """Check the installation; 0 if all is well, else the exit code of what is wrong."""
    checks = []
    for check in _checks(model, base_url, key_env):
        checks.append(check)
        if not as_json:
            _show(check)
    wrong = [check for check in checks if check.state == "有误"]
    if as_json:
        from kepudraft.cli.views import write_json

        write_json([asdict(check) for check in checks])
    else:
        print(f"\n{len(wrong)}处有误，请照上面的说明处理。" if wrong else "\n没有发现问题，可以起草。")
    # An installation that is wrong is mended first.
    return min((check.exit_code for check in wrong), default=0)


def _checks(model: str | None, base_url: str | None, key_env: str | None) -> Iterator[Check]:
    from kepudraft.cli import checkups
    from kepudraft.settings import Settings, load_settings

    found: list[Settings] = []

    def settings_read() -> Iterator[Check]:
        found.append(load_settings())
        yield checkups.Check("设置", checkups.State.FINE, "可以读取")

    yield from checkups.checked("依赖包", checkups.packages)
    yield from checkups.checked("设置", settings_read)
    if not found:  # the rest is looked at all the same, but for what the settings place
        yield from checkups.checked("公文字体", checkups.fonts)
        return
    settings = replace(
        found[0], model=found[0].model if model is None else model.strip(),
        base_url=found[0].base_url if base_url is None else base_url, api_key_env=found[0].api_key_env if key_env is None else key_env,
    )
    yield from checkups.checked("文件夹", lambda: checkups.folders(settings))
    yield from checkups.checked("检索编码", lambda: checkups.encoder(settings))
    yield from checkups.checked("范文索引", lambda: checkups.index(settings))
    yield from checkups.checked("公文字体", checkups.fonts)
    yield from checkups.checked("写作模型", lambda: checkups.model(settings))


def _show(check: Check) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    line = Text(f"[{check.state}] ", style=_STYLES[check.state]) + Text(f"{check.what}：{check.said}", style="default")
    console.print(line, soft_wrap=True)
    if check.remedy and check.state != "正常":
        console.print(Text(f"       → {check.remedy}"), soft_wrap=True)
