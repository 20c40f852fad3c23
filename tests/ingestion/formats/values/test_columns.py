"""Each conversion against an oracle: decimal.Decimal, datetime and zoneinfo, cell by cell."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from babel import numbers
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.contract import Column
from ingestion.formats.values.column import from_text
from ingestion.formats.values.numbers import Typed
from tests.ingestion.formats.support import column, extract_of

NEW_YORK = ZoneInfo("America/New_York")
WRONG = object()


def typed(
    texts: list[str | None],
    zone: str = "UTC",
    key: Any = ("other",),
    separator: str = ".",
    **meta: Any,
) -> Typed:
    kind = meta.pop("kind", "string")
    described = column("value", kind, **meta)
    delivery = {"decimal_separator": separator}
    extract = extract_of(column("other"), described, key=key, time_zone=zone, delivery=delivery)
    cells = pa.array([None if t is None else t.encode() for t in texts], pa.binary())
    contract_column: Column = extract.table.column("value")
    result = from_text(cells, contract_column, extract)
    result.values.validate(full=True)
    assert result.values.type == contract_column.type.arrow
    return result


def outcomes(result: Typed) -> list[Any]:
    """The value, or the code under which it is bad."""
    values: list[Any] = result.values.to_pylist()
    for code, mask in result.bad.items():
        for row in np.flatnonzero(mask):
            values[row] = code
    return values


def one(text: str, **meta: Any) -> Any:
    return outcomes(typed(["", text, None], **meta))[1]


def columns_of(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(cells, min_size=1, max_size=8)


# numbers


def plain_number(text: str) -> Decimal | None:
    """By hand: sign, digits with at most one dot, exponent."""
    body, _, exponent = text.replace("E", "e").partition("e")
    if "e" in text.lower():
        if exponent[:1] in ("+", "-"):
            exponent = exponent[1:]
        if not (exponent.isdigit() and exponent.isascii() and len(exponent) <= 3):
            return None
    if body[:1] in ("+", "-"):
        body = body[1:]
    digits = body.replace(".", "", 1)
    if not (digits.isdigit() and digits.isascii()):
        return None
    return Decimal(text)


def money(text: str) -> Decimal | None:
    if (number := plain_number(text)) is not None:
        return number
    if text == "$-":
        return Decimal(0)
    sign = 1
    for opening, closing in (("(", ")"), ("$(", ")")):
        if text.startswith(opening) and text.endswith(closing):
            text, sign = "$" * text.startswith("$") + text[len(opening) : -1], -1
            if text[:1] in "+-" or text[1:2] in ("+", "-") or text.endswith("-"):
                return None
            break
    else:
        body = text[:-1]
        if text.endswith("-") and body[:1] not in ("+", "-") and body[1:2] not in ("+", "-"):
            text, sign = body, -1
        elif text[:1] in ("+", "-"):
            text, sign = text[1:], -1 if text[0] == "-" else 1
            if text[:1] in ("+", "-") or text[1:2] in ("+", "-"):
                return None
        elif text[:2] in ("$+", "$-"):
            text, sign = "$" + text[2:], -1 if text[1] == "-" else 1
            if text[1:2] in ("+", "-"):
                return None
    text = text.removeprefix("$")
    whole, dot, fraction = text.partition(".")
    groups = whole.split(",")
    if len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])
    ):
        return None
    digits = "".join(groups) + fraction
    if not (digits.isdigit() and digits.isascii()) or (fraction and not dot):
        return None
    return sign * Decimal("".join(groups) + "." + fraction if digits else "x")


def as_decimal(number: Decimal | None, precision: int, scale: int) -> Any:
    if number is None:
        return "bad_number"
    exact = (Fraction(number) * 10**scale).denominator == 1
    return number if exact and abs(number) < 10 ** (precision - scale) else "bad_number"


NUMBERISH = st.one_of(
    st.text("0123456789.-+eE", min_size=1, max_size=10),
    st.decimals(allow_nan=True, allow_infinity=True, places=2).map(str),
    st.decimals(-(10**12), 10**12, places=3).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.sampled_from(["+7.000000000000000e+00", "1e309", "0x10", "1_0", "١٢", "1e-400", ".", "-."]),
)
LETTERLESS = st.text("0123456789.-+/", min_size=1, max_size=40) | st.decimals(
    -(10**20), 10**20, places=4
).map("{:f}".format)
NUMBERS = columns_of(NUMBERISH) | columns_of(LETTERLESS)
MONEYISH = st.one_of(
    st.text("0123456789.,$()-+", min_size=1, max_size=9),
    st.builds(
        lambda shape, n: shape.format(f"{n:,.2f}"),
        st.sampled_from(
            ["${}", "({})", "{}-", "-{}", "$-{}", "-${}", "(${})", "$({})", "{}", "€{}"]
        ),
        st.decimals(0, 10**11, places=2),
    ),
    NUMBERISH,
)


@given(NUMBERS, st.sampled_from([(12, 2), (18, 0), (4, 4), (38, 10), (38, 24)]))
@example(["3834664795059659165"], (38, 20))
@example(["+1234567890123456789e9"], (38, 18))
@example(["1.940691173852333e-126"], (12, 2))
@example(["1.50", "1.5", "1.239", "12", "-.5", "5.", "00001.00", "7.0000"], (12, 2))
def test_a_decimal_is_right_to_the_last_digit_or_bad(texts, size):
    result = typed(texts, kind=f"decimal({size[0]},{size[1]})")
    expected = [as_decimal(plain_number(text), *size) for text in texts]
    assert outcomes(result) == expected


@given(columns_of(MONEYISH))
def test_money_is_read_in_every_manner_of_writing_it(texts):
    result = typed(texts, kind="decimal(12,2)", format="money")
    assert outcomes(result) == [as_decimal(money(text), 12, 2) for text in texts]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("$2419.41", "2419.41"),
        ("(12.50)", "-12.50"),
        ("($12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        ("-12.50", "-12.50"),
        ("$-12.50", "-12.50"),
        ("+7.000000000000000e+00", "7.00"),
        ("$ -", "0.00"),
        ("$-", "0.00"),
        ("$   -", "0.00"),
        ("$ 1,234.50", "1234.50"),
        ("$ (12.50)", "-12.50"),
        ("($ 12.50)", "-12.50"),
        ("$ -12.50", "-12.50"),
        ("12.50 CR", "-12.50"),
        ("$12.50cr", "-12.50"),
        ("12.50 DR", "12.50"),
    ],
)
def test_money_by_example(text, value):
    assert one(text, kind="decimal(12,2)", format="money") == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "€10",
        "1.234,50",
        "1,23",
        "1.239",
        "NaN",
        "Infinity",
        "1e309",
        "(-1)",
        "$",
        "--1",
        "(1",
        "-",
        "CR",
        "-1 CR",
        "(1) CR",
        "1 2",
        "1CRCR",
        "$ - 1 -",
        "1 C",
    ],
)
def test_what_is_no_money(text):
    assert one(text, kind="decimal(12,2)", format="money") == "bad_number"


OTHER_MARKS = str.maketrans(",.", ".,")


@given(NUMBERS, st.sampled_from(["bigint", "double", "decimal(12,2)"]))
@example(["1.234"], "double")
@example(["-1234,50", "1.234,50", "1234.50", "12"], "decimal(12,2)")
def test_in_a_file_with_decimal_commas_a_number_has_its_decimals_behind_a_comma(texts, kind):
    usual = outcomes(typed([text.translate(OTHER_MARKS) for text in texts], kind=kind))
    result = outcomes(typed(texts, kind=kind, separator=","))
    assert str(result) == str(usual)


@given(columns_of(MONEYISH), st.sampled_from(["de", "it", "nl", "id", "pt_BR", "fr", "cs", "uk"]))
def test_money_with_decimal_commas_is_what_its_country_writes(texts, country):
    result = typed(
        [text.translate(OTHER_MARKS) for text in texts],
        kind="decimal(12,2)", format="money", separator=",",
    )  # fmt: skip
    assert outcomes(result) == [as_decimal(money(text), 12, 2) for text in texts]
    amounts = [number for number in outcomes(result) if number != "bad_number"]
    spelt = [numbers.format_decimal(a, "#,##0.00", country, group_separator=True) for a in amounts]
    again = typed(spelt, kind="decimal(12,2)", format="money", separator=",") if spelt else None
    assert again is None or outcomes(again) == amounts


@pytest.mark.parametrize(
    ("text", "format_", "value"),
    [
        ("-1.050,00", "money", "-1050.00"),
        ("1.050", "money", "1050.00"),
        ("1.050,00-", "money", "-1050.00"),
        ("1 234 567,50", "money", "1234567.50"),
        ("-1\u00a0234,50", "money", "-1234.50"),
        ("1\u202f234,50-", "money", "-1234.50"),
        ("12,5", "number", "12.50"),
        ("1050", "number", "1050.00"),
        ("1.050,00", "number", "bad_number"),
        ("1050.00", "money", "bad_number"),
        ("1.05", "money", "bad_number"),
        ("1 05", "money", "bad_number"),
        ("1  050", "money", "bad_number"),
        ("1 050,00", "number", "bad_number"),
        ("1,050.00", "money", "bad_number"),
        ("1.050,00 €", "money", "bad_number"),
    ],
)
def test_amounts_with_decimal_commas_by_example(text, format_, value):
    result = one(text, kind="decimal(12,2)", format=format_, separator=",")
    assert result == (value if value == "bad_number" else Decimal(value))


def test_an_identifier_that_a_spreadsheet_wrote_with_a_decimal_comma_is_lossy():
    for kind in ("bigint", "string"):
        words = {"kind": kind, "identifier": True, "separator": ","}
        assert one("12,0", **words) == one("1,23457E+11", **words) == "lossy_number"


def test_a_text_keeps_its_marks_in_a_file_with_decimal_commas():
    assert one("1.050,00", separator=",") == "1.050,00"


def test_without_the_format_money_a_dollar_is_no_number():
    assert one("$1.00", kind="decimal(12,2)") == "bad_number"
    assert one("1,000.00", kind="decimal(12,2)") == "bad_number"


@given(NUMBERS, st.booleans())
@example(["9223372036854775807", "9223372036854775808", "-9223372036854775808", "12.0"], False)
def test_a_bigint_is_the_whole_number_that_is_spelt(texts, identifier):
    result = typed(texts, kind="bigint", identifier=identifier)
    expected: list[Any] = []
    for text in texts:
        number = plain_number(text)
        spreadsheet = re.fullmatch(r"[+-]?[0-9]+((\.[0-9]+)?[eE][+-]?[0-9]+|\.0+)", text)
        if identifier and spreadsheet:
            expected.append("lossy_number")
        elif number is not None and -(2**63) <= number < 2**63 and number == int(number):
            expected.append(int(number))
        else:
            expected.append("bad_number")
    assert outcomes(result) == expected


@given(NUMBERS)
def test_a_double_is_finite(texts):
    expected: list[Any] = []
    for text in texts:
        number = plain_number(text)
        finite = number is not None and abs(float(text)) != float("inf")
        expected.append(float(text) if finite else "bad_number")
    assert outcomes(typed(texts, kind="double")) == expected


@pytest.mark.parametrize(
    "text", ["1.23457E+11", "12.0", "9.00719925474099E+15", "123e4", "1,23457E+11", "12,0"]
)
def test_an_identifier_that_a_spreadsheet_has_had_is_lossy(text):
    assert one(text, key=("value",)) == "lossy_number"
    assert one(text, pseudonym="person") == "lossy_number"
    assert one(text, refers_to="design.design_id") == "lossy_number"
    assert one(text, kind="bigint", refers_to="design.design_id") == "lossy_number"
    assert one(text) == text
    assert one(text, key=("value",), identifier=False) == text


@pytest.mark.parametrize("text", ["12e4", "123456e8", "00"])
def test_hexadecimal_digits_that_look_like_a_number_are_no_lossy_identifier(text: str) -> None:
    for words in {"key": ("value",)}, {"pseudonym": "person"}, {"refers_to": "design.design_id"}:
        assert one(text, binary="hex", **words) == text


# dates and times


def by_calendar(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2100 else None


def us_date(text: str) -> date | None:
    parts = text.split("/")
    if len(parts) != 3 or not all(p.isdigit() and p.isascii() for p in parts):
        return None
    if len(parts[0]) > 2 or len(parts[1]) > 2 or len(parts[2]) != 4:
        return None
    return by_calendar(int(parts[2]), int(parts[0]), int(parts[1]))


def iso_date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    return by_calendar(*map(int, text.split("-")))


DATEISH = st.one_of(
    st.builds("{}/{}/{}".format, st.integers(0, 13), st.integers(0, 32), st.integers(1890, 2110)),
    st.builds(
        "{:02}/{:02}/{}".format, st.integers(0, 13), st.integers(0, 32), st.integers(0, 9999)
    ),
    st.dates().map(date.isoformat),
    st.text("0123456789/-", max_size=10).filter(bool),
)


@given(columns_of(DATEISH))
@example(["2/29/2000", "2/29/1900", "2/29/2024", "12/31/2100", "1/1/1900", "12/31/1899", "1/2/20"])
def test_dates_are_those_of_the_calendar(texts):
    us = typed(texts, kind="date", format="M/D/YYYY")
    assert outcomes(us) == [us_date(text) or "bad_date" for text in texts]
    iso = typed(texts, kind="date", format="YYYY-MM-DD")
    assert outcomes(iso) == [iso_date(text) or "bad_date" for text in texts]
    both = typed(texts, kind="date", format=["YYYY-MM-DD", "M/D/YYYY"])
    assert outcomes(both) == [iso_date(text) or us_date(text) or "bad_date" for text in texts]


def test_a_date_after_the_extract_is_bad_where_the_contract_says_so():
    texts = ["1/31/2026", "2/1/2026"]
    assert outcomes(typed(texts, kind="date", format="M/D/YYYY")) == [
        date(2026, 1, 31),
        date(2026, 2, 1),
    ]
    late = typed(texts, kind="date", format="M/D/YYYY", not_after_extract=True)
    assert outcomes(late) == [date(2026, 1, 31), "bad_date"]


def test_sentinels_are_null_before_the_year_is_judged():
    dates = typed(["1/1/0001", "12/31/9999", "1/1/0002"], kind="date", format="M/D/YYYY",
                  sentinels=["1/1/0001", "12/31/9999"])  # fmt: skip
    assert outcomes(dates) == [None, None, "bad_date"]


CLOCKISH = st.one_of(
    st.builds("{}:{:02} {}".format, st.integers(0, 26), st.integers(0, 61),
              st.sampled_from(["AM", "PM", "am", "XM"])),
    st.builds("{} {}:{:02}".format, DATEISH, st.integers(0, 25), st.integers(0, 61)),
    st.builds("{}/{}/{} {}:{:02}".format, st.sampled_from([3, 11]), st.integers(6, 16),
              st.integers(2007, 2026), st.integers(0, 4), st.integers(0, 59)),
    st.text("0123456789/: APM", max_size=14).filter(str.strip),
)  # fmt: skip


def clock(text: str) -> Any:
    """What a column of both formats makes of a cell in New York."""
    text = text.strip(" ")
    if found := re.fullmatch(r"([0-9]{1,2}):([0-9]{2}) ([AaPp])[Mm]", text):
        hour, minute = int(found[1]), int(found[2])
        if not (1 <= hour <= 12 and minute <= 59):
            return "bad_time"
        return f"{hour % 12 + 12 * (found[3] in 'pP'):02}:{minute:02}"
    day, _, moment = text.partition(" ")
    shaped = re.fullmatch(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}).*", text, re.DOTALL)
    if shaped and us_date(shaped[1]) is None:
        return "bad_date"
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", moment)
    if us_date(day) is None or not found or int(found[1]) > 23 or int(found[2]) > 59:
        return "bad_time"
    local = datetime(*us_date(day).timetuple()[:3], int(found[1]), int(found[2]))
    return "bad_time" if skipped(local) else f"{local:%Y-%m-%d %H:%M}"


def skipped(local: datetime) -> bool:
    there = local.replace(tzinfo=NEW_YORK).astimezone(UTC).astimezone(NEW_YORK)
    return there.replace(tzinfo=None) != local


def repeated(local: datetime) -> bool:
    first, second = (local.replace(tzinfo=NEW_YORK, fold=fold).utcoffset() for fold in (0, 1))
    return first != second and not skipped(local)


BOTH = ["h:MM AM", "M/D/YYYY H:MM"]


@pytest.mark.slow
@given(columns_of(CLOCKISH))
@example(["10:08 AM", "12:00 AM", "12:59 PM", "0:10 AM", "25:61 PM", "3/14/2022 10:08"])
@example(["2/30/2022 10:08", "2/30/2022 25:08", "3/13/2022 2:30", "11/6/2022 1:30", "3/14/2022 7"])
def test_times_of_day_with_and_without_a_date(texts):
    result = typed(texts, zone="America/New_York", format=BOTH)
    assert outcomes(result) == [clock(text) for text in texts]
    warned = result.warned.get("bad_time", np.zeros(len(texts), bool)).tolist()
    for text, outcome, is_warned in zip(texts, outcomes(result), warned, strict=True):
        dated = len(str(outcome)) == 16
        assert is_warned == (dated and repeated(datetime.fromisoformat(outcome))), text


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


@pytest.mark.slow
@given(st.lists(st.one_of(MOMENTS, st.builds(
    lambda base, minutes: base + timedelta(minutes=minutes),
    st.sampled_from([datetime(2022, 3, 13), datetime(2022, 11, 6), datetime(1955, 4, 24)]),
    st.integers(0, 300),
)), min_size=1, max_size=6))  # fmt: skip
def test_timestamps_become_utc(moments):
    texts = [moment.isoformat(" ", "milliseconds") for moment in moments]
    expected = [
        "bad_time"
        if skipped(m)
        else m.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)
        for m in moments
    ]
    result = typed(texts, zone="America/New_York", kind="timestamp")
    assert outcomes(result) == expected
    warned = result.warned.get("bad_time", np.zeros(len(texts), bool)).tolist()
    assert warned == [repeated(moment) for moment in moments]
    assert outcomes(typed(texts, kind="timestamp")) == moments


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("2022-07-25 03:33:12", datetime(2022, 7, 25, 3, 33, 12)),
        ("2022-07-25 03:33:12.3", datetime(2022, 7, 25, 3, 33, 12, 300_000)),
        ("2022-07-25 03:33:12.345000", datetime(2022, 7, 25, 3, 33, 12, 345_000)),
        ("2022-07-25 03:33:12.345678", "bad_time"),
        ("2022-07-25 03:33:12.", "bad_time"),
        ("2022-07-25 24:00:00", "bad_time"),
        ("2022-07-25 03:33:60", "bad_time"),
        ("2022-07-25", "bad_time"),
        ("2022-02-30 03:33:12", "bad_date"),
        ("7/25/2022 3:33", "bad_date"),
        ("soon", "bad_date"),
    ],
)
def test_timestamps_by_example(text, outcome):
    assert one(text, kind="timestamp") == outcome


ORACLE = "DD-MON-RR HH.MI.SSXFF AM"


@pytest.mark.slow
@given(st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31, 23, 59, 59)), min_size=1))
def test_oracle_dates_and_times_are_read_as_oracle_writes_them(moments):
    moments = [moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments]
    texts = [moment.strftime("%d-%b-%y %I.%M.%S.%f %p").upper() for moment in moments]
    assert outcomes(typed(texts, kind="timestamp", format=ORACLE)) == moments
    days = typed([text[:9] for text in texts], kind="date", format="DD-MON-RR")
    assert outcomes(days) == [moment.date() for moment in moments]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("24-JUL-22 03.33.12.345000 AM", datetime(2022, 7, 24, 3, 33, 12, 345_000)),
        ("24-jul-22 12.00.00 AM", datetime(2022, 7, 24)),
        ("24-JUL-49 12.00.00.0 PM", datetime(2049, 7, 24, 12)),
        ("24-JUL-50 12.00.00.0 PM", datetime(1950, 7, 24, 12)),
        ("24-JUL-22 03.33.12.345678 AM", "bad_time"),
        ("24-JUL-22 13.33.12.345000 AM", "bad_time"),
        ("24-JUL-22 03.33.12.345000", "bad_time"),
        ("24-JUL-22", "bad_time"),
        ("31-JUN-22 03.33.12.345000 AM", "bad_date"),
        ("24-JLY-22 03.33.12.345000 AM", "bad_date"),
        ("24-JUL-2022 03.33.12.345000 AM", "bad_time"),
        ("2022-07-24 03:33:12", "bad_date"),
    ],
)
def test_oracle_times_by_example(text, outcome):
    assert one(text, kind="timestamp", format=ORACLE) == outcome


@given(st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)), min_size=1))
def test_an_oracle_date_in_a_timestamp_is_its_midnight_where_its_clock_stands(moments):
    days = [datetime(moment.year, moment.month, moment.day) for moment in moments]
    texts = [day.strftime("%d-%b-%y").upper() for day in days]
    assert outcomes(typed(texts, kind="timestamp", format="DD-MON-RR")) == days
    local = typed(texts, zone="America/New_York", kind="timestamp", format="DD-MON-RR")
    assert outcomes(local) == [
        day.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None) for day in days
    ]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("24-JUL-22", datetime(2022, 7, 24)),
        ("29-feb-24", datetime(2024, 2, 29)),
        ("24-JUL-49", datetime(2049, 7, 24)),
        ("24-JUL-50", datetime(1950, 7, 24)),
        ("29-FEB-23", "bad_date"),
        ("24-JLY-22", "bad_date"),
        ("4-JUL-22", "bad_date"),
        ("24-JUL-22 03.33.12 AM", "bad_time"),
        ("24-JUL-2022", "bad_time"),
    ],
)
def test_oracle_dates_in_a_timestamp_by_example(text, outcome):
    assert one(text, kind="timestamp", format="DD-MON-RR") == outcome


def test_a_column_of_either_of_oracles_spellings_reads_each_cell_by_its_own():
    texts = ["24-JUL-22", "24-JUL-22 03.33.12.345678 AM", "24-JUL-22 3", "30-FEB-22", None]
    both = typed(texts, kind="timestamp", format=[ORACLE, "DD-MON-RR"], finer_times="cut")
    assert outcomes(both) == [
        datetime(2022, 7, 24), datetime(2022, 7, 24, 3, 33, 12, 345_000), "bad_time", "bad_date", None,
    ]  # fmt: skip


def test_a_timestamp_may_have_two_spellings():
    texts = ["24-JUL-22 03.33.12 AM", "2022-07-24 03:33:12", "2022-07-24", "2022-02-30 03:33:12"]
    both = typed(texts, kind="timestamp", format=[ORACLE, "YYYY-MM-DD HH:MM:SS"])
    same = datetime(2022, 7, 24, 3, 33, 12)
    assert outcomes(both) == [same, same, "bad_time", "bad_date"]


# text


def test_text_is_trimmed_and_empty_is_null_unless_it_is_text():
    texts = ["  a\u00a0\t", "", " \u00a0", "“a”", "it's\ta"]
    assert outcomes(typed(texts)) == ["a", None, None, "“a”", "it's\ta"]
    assert outcomes(typed(texts, empty="text")) == ["a", "", "", "“a”", "it's\ta"]


def test_nulls_are_only_those_declared():
    texts = ["NULL", "N/A", "-", "Null"]
    assert outcomes(typed(texts)) == texts
    assert outcomes(typed(texts, nulls=["N/A", "-"])) == ["NULL", None, None, "Null"]


@pytest.mark.parametrize(
    "character",
    ["\x01", "\x0b", "\x1f", "\x7f", "\x85", "\u200b", "\u200f", "\u202e", "\u2028", "\u2029",
     "\u2060", "\u2066", "\ufeff", "\u061c"],
)  # fmt: skip
def test_control_characters_are_stripped_before_anything_else(character):
    result = typed(["ab", f" a{character} {character}b{character} ", "é"], key=("value",))
    assert outcomes(result) == ["ab", "a b", "é"]
    assert result.warned["control_characters"].tolist() == [False, True, False]
    assert result.warned["key_spaces"].tolist() == [False, True, False]


def test_a_value_is_too_long_after_65535_bytes():
    result = typed(["x" * 65_535, "x" * 65_536, "é" * 32_768, " " + "x" * 65_535])
    assert [len(v) for v in outcomes(result)] == [65_535, 14, 14, 65_535]
    assert list(result.bad) == ["value_too_long"]


def test_bytes_that_are_no_utf_8_and_nul_bytes():
    extract = extract_of(column("id"))
    cells = pa.array([b"a", b"\xff", b"b\x00", None, "é".encode()], pa.binary())
    result = from_text(cells, extract.table.column("id"), extract)
    assert outcomes(result) == ["a", "encoding", "nul_byte", "null_key", "é"]


def test_a_bad_key_is_not_a_null_key_as_well():
    result = typed(["x", "", "5"], kind="bigint", key=("value",))
    assert outcomes(result) == ["bad_number", "null_key", 5]
    assert not (result.bad["bad_number"] & result.bad["null_key"]).any()


def test_zip_codes():
    texts = ["02139", "2139", "501", "02139-1234", "SW1A 1AA"]
    plain = typed(texts, format="zip")
    assert outcomes(plain) == texts
    assert plain.warned["zip_short"].tolist() == [False, True, True, False, False]
    padded = typed(texts, format="zip", pad_to=5)
    assert outcomes(padded) == ["02139", "02139", "00501", "02139-1234", "SW1A 1AA"]


def test_booleans():
    texts = ["true", "False", "t", "0", "1", "yes", ""]
    expected = [True, False, True, False, True, "bad_boolean", None]
    assert outcomes(typed(texts, kind="boolean")) == expected


@pytest.mark.parametrize(
    ("text", "spelling", "expected"),
    [
        ("2026-03-01T10:00:00Z", "YYYY-MM-DDTHH:MM:SS+HH:MM", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00+00:00", "YYYY-MM-DDTHH:MM:SS+HH:MM", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00+00", "YYYY-MM-DD HH:MM:SS+HH:MM", datetime(2026, 3, 1, 10)),
        ("2026-03-01 22:00:00.5-05", "YYYY-MM-DD HH:MM:SS+HH:MM", datetime(2026, 3, 2, 3, 0, 0, 500_000)),
        ("2026-03-01 10:00:00+0530", "YYYY-MM-DD HH:MM:SS+HH:MM", datetime(2026, 3, 1, 4, 30)),
        ("2026-03-01T10:00-05:00", "YYYY-MM-DDTHH:MM+HH:MM", datetime(2026, 3, 1, 15)),
        ("2026-03-01 10:00Z", "YYYY-MM-DD HH:MM+HH:MM", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00", "YYYY-MM-DD HH:MM", datetime(2026, 3, 1, 15)),
        ("2026-03-01T10:00", "YYYY-MM-DDTHH:MM", datetime(2026, 3, 1, 15)),
        ("2026-03-01T10:00:00.25", "YYYY-MM-DDTHH:MM:SS", datetime(2026, 3, 1, 15, 0, 0, 250_000)),
        ("3/1/2026 9:05", "M/D/YYYY H:MM", datetime(2026, 3, 1, 14, 5)),
        ("3/1/2026 9:05:07", "M/D/YYYY H:MM:SS", datetime(2026, 3, 1, 14, 5, 7)),
        ("3/1/2026 12:05 AM", "M/D/YYYY h:MM AM", datetime(2026, 3, 1, 5, 5)),
        ("3/1/2026 9:05:07 PM", "M/D/YYYY h:MM:SS AM", datetime(2026, 3, 2, 2, 5, 7)),
        ("2026-03-01 10:00:00+5", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("2026-03-01 10:00:00+05:", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("2026-03-01 10:00:00+05:60", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("2026-03-01 10:00:00+16", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("2026-03-01 10:00:00", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("2026-03-01 10:00:00+00x", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
        ("infinity", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_date"),
        ("-infinity", "YYYY-MM-DD HH:MM:SS", "bad_date"),
        ("0044-03-15 00:00:00 BC", "YYYY-MM-DD HH:MM:SS", "bad_date"),
        ("2021-03-15 00:00:00 BC", "YYYY-MM-DD HH:MM:SS", "bad_time"),
        ("2021-03-15 00:00:00+00 BC", "YYYY-MM-DD HH:MM:SS+HH:MM", "bad_time"),
    ],
)  # fmt: skip
def test_timestamps_with_and_without_offset_and_seconds(
    text: str, spelling: str, expected: Any
) -> None:
    found = one(text, zone="America/New_York", kind="timestamp", format=spelling)
    assert found == expected


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 30)).map(
        lambda m: m.replace(microsecond=0)
    ),
    st.integers(-12 * 60, 14 * 60),
    st.sampled_from(["{}{:02}", "{}{:02}{:02}", "{}{:02}:{:02}"]),
)
def test_an_offset_gives_the_instant_of_the_standard_library(
    local: datetime, minutes: int, spelling: str
) -> None:
    minutes -= 0 if "{:02}{" in spelling or ":{" in spelling else minutes % 60
    zone = timezone(timedelta(minutes=minutes))
    offset = spelling.format("-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60)
    expected = local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    found = one(
        f"{local:%Y-%m-%d %H:%M:%S}{offset}", kind="timestamp", format="YYYY-MM-DD HH:MM:SS+HH:MM"
    )
    assert found == expected


@pytest.mark.parametrize(
    ("text", "spelling", "expected"),
    [
        ("1/2/2026 0:00", "M/D/YYYY H:MM", date(2026, 1, 2)),
        ("1/2/2026 00:00:00", "M/D/YYYY H:MM:SS", date(2026, 1, 2)),
        ("1/2/2026 12:00:00 AM", "M/D/YYYY h:MM:SS AM", date(2026, 1, 2)),
        ("2026-01-02 00:00:00.000", "YYYY-MM-DD HH:MM:SS", date(2026, 1, 2)),
        ("2026-01-02T00:00:00", "YYYY-MM-DDTHH:MM:SS", date(2026, 1, 2)),
        ("02/01/2026", "DD/MM/YYYY", date(2026, 1, 2)),
        ("02.01.2026", "DD.MM.YYYY", date(2026, 1, 2)),
        ("02.01.26", "DD.MM.RR", date(2026, 1, 2)),
        ("31.12.49", "DD.MM.RR", date(2049, 12, 31)),
        ("01.01.50", "DD.MM.RR", date(1950, 1, 1)),
        ("29.02.26", "DD.MM.RR", "bad_date"),
        ("02.01.2026", "DD.MM.RR", "bad_date"),
        ("02.01.26", "DD.MM.YYYY", "bad_date"),
        ("1/2/2026 0:01", "M/D/YYYY H:MM", "bad_time"),
        ("1/2/2026 12:00:00 PM", "M/D/YYYY h:MM:SS AM", "bad_time"),
        ("1/2/2026 24:00", "M/D/YYYY H:MM", "bad_time"),
        ("2026-01-02 00:00:00.001", "YYYY-MM-DD HH:MM:SS", "bad_time"),
        ("2/30/2026 0:00", "M/D/YYYY H:MM", "bad_date"),
        ("infinity", "YYYY-MM-DD", "bad_date"),
        ("-infinity", "YYYY-MM-DD", "bad_date"),
        ("0044-03-15 BC", "YYYY-MM-DD", "bad_date"),
        ("2021-03-15 BC", "YYYY-MM-DD", "bad_date"),
    ],
)
def test_a_date_may_have_midnight_beside_it_and_nothing_else(
    text: str, spelling: str, expected: Any
) -> None:
    assert one(text, kind="date", format=spelling) == expected


def test_several_spellings_stand_in_one_column() -> None:
    dates = typed(["1/2/2026", "1/3/2026 0:00"], kind="date", format=["M/D/YYYY", "M/D/YYYY H:MM"])
    assert outcomes(dates) == [date(2026, 1, 2), date(2026, 1, 3)]
    sentinels = typed(["infinity", "0044-03-15 BC"], kind="date", format="YYYY-MM-DD",
                      sentinels=["infinity", "0044-03-15 BC"])  # fmt: skip
    assert outcomes(sentinels) == [None, None]


def test_the_day_of_an_instant_is_the_business_zones() -> None:
    described = column("value", "timestamp", not_after_extract=True)
    extract = extract_of(
        column("other"), described, key=("other",), business_time_zone="America/New_York"
    )
    texts = [b"2026-02-01 04:59:59.999", b"2026-02-01 05:00:00"]  # the extract is of 31 January
    result = from_text(pa.array(texts, pa.binary()), extract.table.column("value"), extract)
    assert outcomes(result) == [datetime(2026, 2, 1, 4, 59, 59, 999_000), "bad_date"]
