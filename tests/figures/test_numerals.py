from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.figures.numerals import Style, parse, write

WHOLE = st.integers(min_value=0, max_value=10**16 - 1)
FRACTION = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False)


@given(st.one_of(WHOLE.map(Decimal), FRACTION), st.sampled_from(Style))
def test_what_is_written_is_read_back(number, style):
    assert parse(write(number, style)) == number


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三万二千", "32000"), ("１２．５", "12.5"), ("38.6万", "386000"), ("8500万", "85000000"), ("1.2亿", "120000000"),
        ("3千5", "3500"), ("一百二", "120"), ("一千零五", "1005"), ("一千零五十", "1050"), ("十二", "12"), ("百", "100"),
        ("二〇二三", "2023"), ("二○○八", "2008"), ("两千", "2000"), ("兩萬", "20000"), ("半", "0.5"), ("三点五万", "35000"),
        ("壹佰贰拾叁", "123"), ("12,345,678", "12345678"), ("万亿", "1000000000000"), ("2万3000", "23000"),
        ("二亿三千万", "230000000"), ("0万", "0"),
    ],
)  # fmt: skip
def test_forms(numeral, value):
    assert parse(numeral) == Decimal(value)


@pytest.mark.parametrize("junk", ["", "百千万", "十几", "数百", "三五百", "12,34", "二亿三亿", "一" * 100, "1" * 100, "abc", "三.五"])
def test_rough_and_broken_numerals_are_refused(junk):
    with pytest.raises(ValueError, match="不是数字"):
        parse(junk)


@pytest.mark.parametrize("number", [-1, Decimal("NaN"), Decimal("Infinity"), 10**16])
def test_what_cannot_be_written_is_refused(number):
    with pytest.raises(ValueError, match="只写"):
        write(number)
