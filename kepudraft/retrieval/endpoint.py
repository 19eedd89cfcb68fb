"""Embeddings of an OpenAI-compatible endpoint as an `Encoder`.

Nothing that comes back is believed: number, length and finiteness of the vectors are checked before one is used. Which
weights an endpoint runs cannot be known; its address stands in their place, so that vectors of two services under one
model name are never mixed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kepudraft.errors import MissingExtra, ModelError, SettingsError
from kepudraft.retrieval.encode import EncoderId, FloatArray, Side, unit_rows

_PROBE = "科普"
_KEY = "请检查环境变量 OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where embeddings are asked for.

    Attributes:
        base_url: Address of the service; None for the environment variable OPENAI_BASE_URL.
        api_key: None for the environment variable OPENAI_API_KEY.
        timeout_s: For one answer, in seconds.
        retries: After an answer that says to try again.
        batch: Texts in one request.
    """

    base_url: str | None = None
    api_key: str | None = None
    timeout_s: float = 30.0
    retries: int = 3
    batch: int = 64


_DEFAULT = Endpoint()


class EndpointEncoder:
    """A model behind an endpoint; opening it embeds one word, to learn the length of its vectors.

    Args:
        model: Its name at the endpoint.
        endpoint: Where it is.

    Raises:
        MissingExtra: openai is not installed.
        SettingsError: No key is set.
        ModelError: The endpoint cannot be reached or answers wrongly.
    """

    def __init__(self, model: str, endpoint: Endpoint = _DEFAULT) -> None:
        self._model = model
        self._batch = endpoint.batch
        self._client = _client(endpoint)
        self._place = str(self._client.base_url)
        self._dim = 0
        self._dim = self._embedded([_PROBE]).shape[1]
        sha256 = hashlib.sha256(self._place.encode()).hexdigest()
        self.id = EncoderId(name=f"openai:{model}", sha256=sha256, dim=self._dim)

    def encode(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one unit row a text; see `Encoder`. Both sides are the same.

        Raises:
            ModelError: The endpoint fails.
        """
        rows = np.zeros((len(texts), self._dim), np.float32)
        for start in range(0, len(texts), self._batch):
            # No service takes an empty text.
            batch = [text if text.strip() else "。" for text in texts[start : start + self._batch]]
            rows[start : start + self._batch] = self._embedded(batch)
        return unit_rows(rows)

    def _embedded(self, texts: list[str]) -> FloatArray:
        import openai

        try:
            # Plain numbers: not every service knows the library's default, base64.
            answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
            vectors: Any = {item.index: item.embedding for item in answer.data}
        except openai.APITimeoutError as error:
            raise self._failed("没有在限定时间内回答", "请稍后再试，或检查网络") from error
        except openai.APIConnectionError as error:
            raise self._failed("连接不上", "请检查环境变量 OPENAI_BASE_URL 和网络") from error
        except openai.RateLimitError as error:
            raise self._failed("请求过于频繁（429）", "请稍后再试") from error
        except openai.APIStatusError as error:
            remedy = _KEY if error.status_code in (401, 403) else "请检查模型名称和服务状态"
            raise self._failed(f"拒绝了请求（{error.status_code}）", remedy) from error
        except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:
            raise self._failed("回答读不懂", "请检查该地址是否提供 embeddings 接口") from error
        return self._checked(vectors, len(texts))

    def _checked(self, vectors: dict[int, Any], count: int) -> FloatArray:
        if sorted(vectors) != list(range(count)):
            raise self._failed(f"送去{count}段文字，只回了{len(vectors)}个向量", "请检查服务")
        try:
            rows = np.asarray([vectors[number] for number in range(count)], np.float32)
        except (TypeError, ValueError) as error:
            raise self._failed("回的向量长短不一或不是数字", "请检查服务") from error
        if rows.ndim != 2 or not rows.shape[1] or (self._dim and rows.shape[1] != self._dim):
            raise self._failed("回的向量长度不对", "请检查模型名称")
        if not np.isfinite(rows).all():
            raise self._failed("回的向量里有不是数字的值", "请检查服务")
        return rows

    def _failed(self, what: str, remedy: str) -> ModelError:
        return ModelError(f"向量服务{what}（模型 {self._model}）", place=self._place, remedy=remedy)


def _client(endpoint: Endpoint) -> Any:  # noqa: ANN401 - its type would load openai with this module
    try:
        import openai
    except ImportError as error:
        raise MissingExtra("没有安装 openai", place="openai", remedy="请安装：pip install openai") from error
    try:
        return openai.OpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            timeout=endpoint.timeout_s,
            max_retries=endpoint.retries,
        )
    except openai.OpenAIError as error:
        raise SettingsError("没有向量服务的密钥", place="OPENAI_API_KEY", remedy=_KEY) from error
