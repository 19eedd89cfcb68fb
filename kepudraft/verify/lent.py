"""Units that a figure leaves out because its neighbours say them: 观影人次由7.3万攀升至7.9万, 由46.8万增至51.2万人次.

Only a numeral that ends in 万 or 亿 (or in 余 or 多 behind them) is taken for an ellipsis: any other without a unit may be a number
of something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kepudraft.figures.scan import Figure, Kind
from kepudraft.figures.units import NO_UNIT, Unit, unit_named
from kepudraft.verify.claims import Claims

_SCALED = re.compile("[万亿][余多]?$")
_VISIT, _PERSON = unit_named("人次"), unit_named("人")
_VERB = (
    "(?:总数|总量|合计|共计|累计|共|约|已|也|分别|首次|由|从|自|上年|去年|比|较|达到?|[升增涨扩降减][长加大少]?[到至为]|突破|超过|有|为|是|在|的)"
)
_NAMED = re.compile(f"(人次|人数|人口|人员|观众|听众|公众|群众|学生|会员|用户|粉丝){_VERB}{{0,4}}$")
_VISITED = frozenset(("人次", "观众", "听众", "公众", "群众"))
_GROWN = re.compile("[^，。；：、0-9]{0,5}[到至为成]$")
_AGAINST = re.compile("(?:，|（|、)?(?:比|较|而)?(?:上年|去年|上一年|前一年|上年同期|去年同期)(?:的|为|是|同期的)?$")
AND = ("、", "和", "与", "及")
"""What joins numbers of one unit: 分别为13和6人."""
_BACK = 16  # characters before a figure in which its unit's name may stand


def with_lent_units(text: str, figures: Sequence[Figure], claims: Claims) -> Sequence[Figure]:
    """The figures, those that leave their unit out with the unit that they mean; the very same where none does.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        claims: What the facts state: whether 人数 is told in 人 or 人次 is theirs to say.
    """
    bare = [i for i, f in enumerate(figures) if _leaves_out(f)]
    if not bare:
        return figures
    made = list(figures)
    for i in bare:
        if unit := _named(text, made[i], claims) or _before(text, made, i):
            _lend(made, i, unit)
    for i in reversed(bare):
        if _leaves_out(made[i]) and (unit := _behind(text, made, i)):
            _lend(made, i, unit)
    return made


def _leaves_out(figure: Figure) -> bool:
    quantity = figure.quantity
    return quantity is not None and quantity.unit is NO_UNIT and figure.kind is Kind.COUNT and _SCALED.search(figure.surface) is not None


def _lend(figures: list[Figure], i: int, unit: Unit) -> None:
    quantity = figures[i].quantity
    if quantity is not None:
        figures[i] = figures[i]._replace(quantity=replace(quantity, unit=unit))


def _named(text: str, figure: Figure, claims: Claims) -> Unit | None:
    """«游园人次16.4万», «常住人口超过1.2万»: the words before it name what is counted."""
    start = figure.span.start
    found = _NAMED.search(text, max(0, start - _BACK), start)
    if found is None:
        return None
    units = (_VISIT, _PERSON) if found[1] in _VISITED else (_PERSON, _VISIT)
    stated = {c.figure.quantity.unit.name for c in claims.of_value(figure) if c.figure.quantity}
    return next((u for u in units if u.name in stated), units[0])


def _before(text: str, figures: Sequence[Figure], i: int) -> Unit | None:
    """«16.4万人次，比上年的15.1万多», «由7.3万人次增至7.9万»: the figure before has it."""
    before = figures[i - 1] if i else None
    if before is None or before.quantity is None or before.quantity.unit is NO_UNIT or before.kind is Kind.ORDINAL:
        return None
    between = text[before.span.end : figures[i].span.start]
    return before.quantity.unit if _GROWN.fullmatch(between) or _AGAINST.fullmatch(between) else None


def _behind(text: str, figures: Sequence[Figure], i: int) -> Unit | None:
    """«由46.8万增至51.2万人次», «2.1万、3.4万人次»: the figure behind has it."""
    behind = figures[i + 1] if i + 1 < len(figures) else None
    if behind is None or behind.quantity is None or behind.kind is not figures[i].kind:
        return None
    between = text[figures[i].span.end : behind.span.start]
    return behind.quantity.unit if between in AND or _GROWN.fullmatch(between) else None
