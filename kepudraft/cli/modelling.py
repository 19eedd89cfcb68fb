"""The options by which commands name a model, and what they make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kepudraft.errors import SettingsError
from kepudraft.llm import names_file

if TYPE_CHECKING:
    # Loaded where something is drafted: the help must not wait for them.
    from kepudraft.llm.chat import ChatModel

ModelName = Annotated[str | None, typer.Option("--model", metavar="模型",
                      help="用哪个模型写：服务:模型（如 deepseek:deepseek-chat），本机的 .gguf 文件，或配合 --base-url 的模型名；不写则离线起草")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", metavar="地址", help="模型接口的地址（OpenAI 兼容），如 http://127.0.0.1:8080/v1")]
KeyEnv = Annotated[str | None, typer.Option("--api-key-env", metavar="变量名", help="存放密钥的环境变量的名称（不是密钥本身）")]
Shown = Annotated[Literal["shown", "hidden"], typer.Option("--figures", metavar="shown|hidden",
                  help="模型能不能看到数字：shown 能；hidden 不能，数字一个也不离开本机")]
NoConstrain = Annotated[bool, typer.Option("--no-constrain", help="不用语法约束模型（模型不支持时本来就不用）")]
Exemplars = Annotated[bool | None, typer.Option("--exemplars/--no-exemplars",
                      help="要不要给模型看范文（已遮去数字和名称）；不写则本机模型不看，其余看")]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the options and the settings say of a model; an option wins over a setting."""

    name: str | None
    base_url: str | None
    key_env: str | None

    def open(self) -> ChatModel | None:
        """The model, or None where neither an option nor a setting names one; «none» is none too.

        Raises:
            SettingsError: It cannot be opened, or there is an address for a model that nobody named.
            MissingExtra: A package for it is not installed.
        """
        from kepudraft.llm import open_model
        from kepudraft.settings import load_settings

        settings = load_settings()
        name = settings.model if self.name is None else self.name
        if not name or name == "none":
            for option, value in (("--base-url", self.base_url), ("--api-key-env", self.key_env)):
                if value:  # whoever names an address means to use it, and must not believe that it was used
                    raise SettingsError(f"写了 {option}，却没有写用哪个模型", place="--model", remedy=f"请加上 --model 模型名称，或去掉 {option}")
            return None
        return open_model(
            name, base_url=settings.base_url if self.base_url is None else self.base_url,
            key_env=settings.api_key_env if self.key_env is None else self.key_env,
            cache=settings.cache_dir, presets=settings.presets_file,
        )

    def sees_exemplars(self, asked: bool | None) -> bool:
        """Whether the model is shown exemplars.

        A small model in this process copies from them instead of telling the facts (`python -m eval draft`: the 1.5B model wrote fewer
        sentences that held, and from the exemplars' matter); one behind an endpoint is taken to be larger.
        """
        return asked if asked is not None else not names_file(self.name)
