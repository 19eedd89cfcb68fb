"""Numerals to Decimals and back: 三万二千, １２．５, 38.6万, 3千5, 壹佰贰拾, 二〇二三.

Only exact numerals are read here; rough ones (十几, 数百, 三五百) belong to the scanner, which gives them two ends.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from kepudraft.figures.fold import fold

MAX_CHARS = 40
"""A longer numeral is refused: no figure needs it, and hostile runs stay cheap."""

DIGITS = dict(zip("〇零一二三四五六七八九两", map(int, "001234567892"), strict=True))
SMALL = {"十": 10, "百": 100, "千": 1000}
BIG = {"万": 10**4, "亿": 10**8}
SCALES = SMALL | BIG
_PLAIN_DIGITS = str.maketrans({char: str(value) for char, value in DIGITS.items()})
_CAPITALS = str.maketrans("壹弌贰弍叁弎叄肆伍陆柒捌玖拾佰仟圆幺", "一一二二三三三四五六七八九十百千元一")
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|([〇零一二三四五六七八九两])(?:点([〇零一二三四五六七八九]+))?|([十百千万亿])")
_POSITIONAL = re.compile(r"[〇零一二三四五六七八九]{2,}(?:点[〇零一二三四五六七八九]+)?|[〇零]")


class Style(StrEnum):
    """A way of writing a number."""

    ARABIC = "arabic"  # 12345.5
    GROUPED = "grouped"  # 12,345.5
    WIDE = "wide"  # １２３４５．５
    LOWER = "lower"  # 一万二千三百四十五点五
    UPPER = "upper"  # 壹万贰仟叁佰肆拾伍点伍
    TRADITIONAL = "traditional"  # 一萬二千三百四十五點五
    POSITIONAL = "positional"  # 一二三四五点五
    WAN = "wan"  # 1.23455万
    YI = "yi"  # 0.000123455亿


def parse(numeral: str) -> Decimal:
    """The exact value of a numeral in any script and form.

    Raises:
        ValueError: It is no numeral, or a rough one.
    """
    value = value_of(fold("".join(numeral.split())).translate(_CAPITALS))
    if value is None:
        raise ValueError(f"不是数字：{numeral[:MAX_CHARS]}")
    return value


def write(number: Decimal | int, style: Style = Style.ARABIC) -> str:
    """Write a number from 0 up to 10^16 in a style; `parse(write(n, style)) == n`.

    Raises:
        ValueError: The number is negative, infinite or too large.
    """
    number = Decimal(number)
    if not number.is_finite() or not 0 <= number < 10**16:
        raise ValueError(f"只写0至10^16的数：{number}")
    if style in (Style.WAN, Style.YI):
        char = "万" if style is Style.WAN else "亿"
        return _arabic(number.scaleb(-4 if char == "万" else -8)) + char
    if style in (Style.ARABIC, Style.GROUPED, Style.WIDE):
        return _western(number, style)
    return _chinese(number, style)


@lru_cache(maxsize=8192)
def value_of(numeral: str) -> Decimal | None:
    """The value of a folded numeral without spaces, or None where it is none."""
    if len(numeral) > MAX_CHARS:
        return None
    if _ARABIC.fullmatch(numeral):
        return Decimal(numeral.replace(",", ""))
    if numeral == "半":
        return Decimal("0.5")
    if _POSITIONAL.fullmatch(numeral):
        return Decimal(numeral.translate(_PLAIN_DIGITS).replace("点", "."))
    if "点" in numeral and (match := re.fullmatch(r"([〇零一二三四五六七八九两十百千万亿]+)点([〇零一二三四五六七八九]+)", numeral)):
        whole = value_of(match[1])
        return None if whole is None else whole + Decimal("0." + match[2].translate(_PLAIN_DIGITS))
    tokens = _tokens(numeral)
    return _add_up(tokens) if tokens else None


def _tokens(numeral: str) -> list[Decimal | str] | None:
    """Numbers and scales in order, "零" kept as a mark; None where something else stands between."""
    tokens: list[Decimal | str] = []
    place = 0
    while place < len(numeral):
        match = _TOKEN.match(numeral, place)
        if match is None:
            return None
        place = match.end()
        if match[3]:
            tokens.append(match[3])
        elif match[1] and match[1] in "零〇" and not match[2]:
            tokens.append("零")
        elif match[1]:
            tokens.append(Decimal(f"{DIGITS[match[1]]}.{(match[2] or '0').translate(_PLAIN_DIGITS)}"))
        else:
            tokens.append(Decimal(match[0]))
    return tokens


def _add_up(tokens: list[Decimal | str]) -> Decimal | None:
    """Value of a numeral with scales: 3千5 is 3500, 二亿三千万 230000000, 百 100."""
    total, section = Decimal(0), Decimal(0)
    pending: Decimal | None = None
    last_small, last_big, previous = 10**5, 10**9, ""
    for token in tokens:
        if isinstance(token, Decimal):
            if pending is not None:
                return None
            pending = token
        elif token in SMALL:
            if SMALL[token] >= last_small:
                return None
            last_small = SMALL[token]
            section += (Decimal(1) if pending is None else pending) * last_small
            pending = None
        elif token in BIG:
            if last_big == BIG[token]:  # 二亿三亿
                return None
            bare = pending is None and not section
            section += Decimal(int(bare and not total)) if pending is None else pending
            total = _close_section(total, section, BIG[token])
            section, pending, last_small, last_big = Decimal(0), None, 10**5, BIG[token]
        previous = token if isinstance(token, str) else previous
    return total + section + _tail(tokens, pending, previous)


def _close_section(total: Decimal, section: Decimal, scale: int) -> Decimal:
    """Multiply what stands before 万 or 亿; before 亿 that is everything read so far (三万五千亿, 万亿)."""
    if scale == BIG["亿"]:
        return (total + section) * scale
    return total + section * scale


def _tail(tokens: list[Decimal | str], pending: Decimal | None, previous: str) -> Decimal:
    """A last single digit right after a scale counts in tenths of it: 一百二 is 120, 3千5 is 3500, 一千零五 is 1005."""
    if pending is None:
        return Decimal(0)
    if len(tokens) > 1 and previous in SCALES and pending < 10 and pending == pending.to_integral_value():
        return pending * SCALES[previous] / 10
    return pending


def _arabic(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _western(number: Decimal, style: Style) -> str:
    text = _arabic(number)
    if style is Style.GROUPED:
        whole, dot, rest = text.partition(".")
        return f"{int(whole):,}{dot}{rest}"
    if style is Style.WIDE:
        return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return text


def _chinese(number: Decimal, style: Style) -> str:
    whole, _, rest = _arabic(number).partition(".")
    names = "〇一二三四五六七八九" if style is Style.POSITIONAL else "零一二三四五六七八九"
    text = "".join(names[int(d)] for d in whole) if style is Style.POSITIONAL else _by_sections(int(whole)) or "零"
    if rest:
        text += "点" + "".join(names[int(digit)] for digit in rest)
    if style is Style.UPPER:
        return text.translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))
    if style is Style.TRADITIONAL:
        return text.translate(str.maketrans("万亿点", "萬億點"))
    return text


def _by_sections(number: int) -> str:
    """一亿零二百万, 十二, 三千零五: sections of four digits, 零 for what is skipped."""
    if number >= 10**8:
        high, low = divmod(number, 10**8)
        gap = "零" if low and low < 10**7 else ""
        return _by_sections(high) + "亿" + gap + _by_sections(low)
    if number >= 10**4:
        high, low = divmod(number, 10**4)
        gap = "零" if low and low < 10**3 else ""
        return _section(high) + "万" + gap + _section(low)
    return _section(number)


def _section(number: int) -> str:
    """A number below 10 000; 10 to 19 begin with 十."""
    text, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if gap and text else "") + "一二三四五六七八九"[digit - 1] + name
        gap = digit == 0
    return text[1:] if text.startswith("一十") else text
