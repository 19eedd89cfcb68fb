"""Failures of an endpoint as errors that say what to do: the one place that knows openai's exceptions and status codes."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kepudraft.errors import BadCompletion, ContentRejected, ModelError, ModelUnavailable, RateLimited, RequestRejected
from kepudraft.llm.secret import Secret
from kepudraft.llm.wording import load_wording

_QUOTED = 160  # characters of an endpoint's words that are shown
_READ = 4000  # characters of them that are looked at
_PASSING = {408, 409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
"""Status codes that a second try may mend."""
_LASTING = ("context", "grammar", "model")
"""Kinds of failure that some services report as their own, with 500."""
_OF_ITS_CONTENT = ("context", "content")
"""Kinds that another request may be free of."""
_CUT = {"RemoteProtocolError", "ReadError", "EndOfStream", "ServerDisconnectedError", "ClientPayloadError", "ClientOSError"}
"""Exceptions of the HTTP libraries for a connection that was there and is not any more."""
_HUNG_UP = {"ServerDisconnectedError", "ClientConnectionResetError"}
"""… of aiohttp for one that was closed before an answer began; it does not look before it sends by a kept connection."""
_NO_TIMEOUTS = _CUT | {"ClientConnectorError", "ClientConnectorDNSError", "ClientConnectorCertificateError", "ClientConnectorSSLError"}
"""openai's adapter for aiohttp takes every lost connection for a timeout."""
_LONGEST_WAIT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Site:
    """Whom an error is about.

    Attributes:
        place: Address without secrets.
        model: As the endpoint knows it.
        secret: Its key.
    """

    place: str
    model: str
    secret: Secret

    @property
    def key_remedy(self) -> str:
        """What to do about a key that is refused."""
        if self.secret.name:
            return f"请检查环境变量 {self.secret.name} 里的密钥是否完整、有没有过期、是不是这个服务的"
        return "这个服务要密钥：请把密钥放进一个环境变量，再用 api_key_env 写明它的名字"


def told(error: Exception, site: Site) -> ModelError:
    """The error to raise for what openai, or the reading of an answer, raised."""
    import openai

    if isinstance(error, openai.APITimeoutError | TimeoutError) and not _NO_TIMEOUTS & _causes(error).keys():
        return ModelUnavailable(
            "没有在限定时间内回答", place=site.place, remedy="请稍后再试，或检查网络；本机模型太慢时请调大时限"
        )
    if isinstance(error, openai.APIStatusError):
        return by_status(error.status_code, text_of(error), error.response.headers, site)
    if isinstance(error, openai.APIConnectionError):
        return _connection(error, site)
    if isinstance(error, openai.APIError):  # told in the middle of a stream
        text = text_of(error)
        return by_status(_code(error.body) or (400 if load_wording().kind(text) else 500), text, {}, site)
    return BadCompletion(
        "回答读不懂，不是约定的格式", place=site.place, remedy="请检查该地址是否提供 OpenAI 兼容的接口（多以 /v1 结尾）"
    )


def hung_up(error: Exception) -> bool:
    """True if the other side closed the connection instead of answering, as far as the HTTP library can tell."""
    return not _HUNG_UP.isdisjoint(_causes(error))


def passing(error: ModelError) -> bool:
    """True if trying again may help."""
    return isinstance(error, ModelUnavailable | RateLimited)


def text_of(error: Exception) -> str:
    """All that an endpoint said with an error, as one line."""
    body = getattr(error, "body", None)
    said = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, default=str) if body else ""
    return said[:_READ] or str(error)[:_READ]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the headers say to wait; None if they say nothing that can be read."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return _bounded(float(milliseconds) / 1000)
        value = headers.get("retry-after") or ""
        if not value:
            return None
        try:
            return _bounded(float(value))
        except ValueError:
            return _bounded(email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(seconds: float) -> float | None:
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if seconds == seconds else None


def by_status(status: int, text: str, headers: Mapping[str, str], site: Site) -> ModelError:
    """The error for a status code and the words that came with it."""
    if 300 <= status < 400:
        return _moved(headers, site)
    kind = load_wording().kind(text)
    if status in _PASSING and kind not in _LASTING:
        kind = ""  # the service may be quoting the prompt
    if status == 429 and kind != "balance":
        wait = retry_after(headers)
        said = f"，要等{wait:.0f}秒" if wait else ""
        return RateLimited(
            f"请求过于频繁（429{said}）", place=site.place, remedy="请稍后再试，或减少同时进行的请求", retry_after=wait
        )
    if status in _PASSING and not kind:
        remedy = "请稍后再试；总是这样就换一个模型或服务"
        return ModelUnavailable(f"服务出错（{status}）{_quoted(text, site)}", place=site.place, remedy=remedy)
    what, remedy = _refusal(status, kind, text, site)
    refused = ContentRejected if kind in _OF_ITS_CONTENT or status == 413 else RequestRejected
    return refused(f"{what}（{status}）{_quoted(text, site)}", place=site.place, remedy=remedy)


def _refusal(status: int, kind: str, text: str, site: Site) -> tuple[str, str]:
    by_status = {401: "key", 402: "balance", 413: "context"}
    page = _is_page(text)
    kind = kind or by_status.get(status, "")
    if status == 404 and not page and re.search(rf"(?<![\w.-]){re.escape(site.model)}(?![\w.-])", text):
        kind = kind or "model"
    shorter = "请减少每次写的内容（缩短 --length），或换一个上下文更长的模型"
    known = {
        "context": ("请求太长，模型放不下", shorter),
        "balance": ("账户余额或额度不够", "请到该服务的网站充值或领取额度，或换一个服务"),
        "content": ("服务以内容审核为由拒绝了请求", "请换一个模型或服务，或不用模型起草"),
        "key": ("密钥不对", site.key_remedy),
        "model": (f"没有模型“{site.model}”，或这个密钥不能用它", "请检查模型名称，照服务网站上写的填"),
        "grammar": ("服务读不懂发去的语法", "请加 --no-constrain 再试"),
    }
    if kind in known:
        return known[kind]
    if status == 403:
        return "没有权限", f"请确认已开通模型“{site.model}”；{site.key_remedy}"
    if status in (404, 405):
        return "这个地址没有对话接口", "请检查 --base-url：多以 /v1 结尾，后面不要再加 /chat/completions"
    return "服务拒绝了请求", "请检查模型名称和设置"


def _moved(headers: Mapping[str, str], site: Site) -> ModelError:
    """A redirect is not followed: it would carry key and facts to an address that nobody chose."""
    target = site.secret.masked(headers.get("location", "").split("?")[0])[:_QUOTED]
    return RequestRejected(
        f"地址被转到别处（{target or '没有说明'}），没有跟过去", place=site.place, remedy="如果那是您要用的服务，请把 --base-url 改成新地址"
    )


def _connection(error: Exception, site: Site) -> ModelError:
    causes = _causes(error)
    if _CUT & causes.keys():
        return ModelUnavailable("连接中断，回答没有收完", place=site.place, remedy="请检查网络，稍后再试")
    if any("certificate" in str(cause).lower() for cause in causes.values()):
        return ModelUnavailable(
            "证书不可信，没有连接", place=site.place, remedy="请检查地址、本机时间和单位网络的代理证书"
        )
    return ModelUnavailable("连接不上", place=site.place, remedy="请检查网络、代理和 --base-url；本机服务要先启动")


def _causes(error: BaseException) -> dict[str, BaseException]:
    """What an error came from, however far down, by the names of the classes: two HTTP libraries may be at work."""
    causes: dict[str, BaseException] = {}
    cause = error.__cause__
    while cause is not None and type(cause).__name__ not in causes:
        causes[type(cause).__name__] = cause
        cause = cause.__cause__
    return causes


def _code(body: object) -> int | None:
    """A status code that stands in an error inside a stream."""
    code: Any = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:
        code = int(code)
    if isinstance(code, int) and 400 <= code < 600:
        return code
    limited = "rate_limit" in json.dumps(body, default=str) if body else False
    return 429 if limited else None


def _quoted(text: str, site: Site) -> str:
    """The endpoint's own words, short, without the key."""
    if _is_page(text):
        return "，回的是网页"
    said = _sentence(text)
    said = " ".join(site.secret.masked(said).split())
    said = "".join(char for char in said if char.isprintable())
    return f"，原话：{said[:_QUOTED]}{'…' if len(said) > _QUOTED else ''}" if said else ""


def _sentence(text: str) -> str:
    """The sentence in an error's JSON, if there is one."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return message_of(body) or text


def message_of(body: object) -> str:
    """The sentence in an error's body, wherever the service puts it; "" if there is none."""
    for _ in range(3):
        if not isinstance(body, dict):
            break
        body = next((body[key] for key in ("error", "message", "detail", "msg") if body.get(key)), "")
    return body if isinstance(body, str) else ""


def _is_page(text: str) -> bool:
    return "<html" in text[:500].lower() or "<!doctype" in text[:500].lower()
