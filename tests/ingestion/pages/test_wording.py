"""Numbers and dates as a locale has them, whatever type an engine gave them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from ingestion.errors import BadSettings
from ingestion.pages.answers import HIDDEN
from ingestion.pages.wording import Wording

AMERICAN, GERMAN = Wording("en_US", "USD"), Wording("de_DE", "EUR")


def test_numbers_are_written_as_the_locale_has_them() -> None:
    assert AMERICAN.write(Decimal("1234.5"), "money") == "$1,234.50"
    assert AMERICAN.write(Decimal("-3"), "money") == "-$3.00"
    assert GERMAN.write(Decimal("1234.5"), "money") == "1.234,50\u00a0€"
    assert GERMAN.write(Decimal("0.1234"), "percent") == "12,3\u00a0%"
    assert AMERICAN.write(Decimal("0.1234"), "percent") == "12.3%"
    assert AMERICAN.write(Decimal("12345"), "integer") == "12,345"
    assert AMERICAN.write(Decimal("2500000"), "bytes") == "2.5 MB"


def test_dates_are_written_as_the_locale_has_them() -> None:
    assert AMERICAN.write(date(2022, 3, 1), "month") == "Mar 2022"
    assert GERMAN.write(date(2022, 3, 31), "date") == "31.03.2022"
    assert AMERICAN.write(datetime(2022, 3, 31, 4, 5), "time") == "Mar 31, 2022 04:05 UTC"


@pytest.mark.parametrize(
    ("as_of", "written"),
    [
        (date(2022, 4, 1), "Apr 2022 (to 1)"),
        (date(2022, 4, 29), "Apr 2022 (to 29)"),
        (date(2022, 4, 30), "Apr 2022"),
        (date(2022, 5, 1), "Apr 2022"),
        (date(2022, 3, 31), "Apr 2022"),
        (date(2023, 4, 16), "Apr 2022"),
        (None, "Apr 2022"),
    ],
)
def test_a_month_that_has_not_ended_on_the_as_of_day_says_how_far_it_goes(
    as_of: date | None, written: str
) -> None:
    wording = Wording("en_US", "USD", as_of)
    assert wording.write(date(2022, 4, 1), "month") == written
    assert wording.is_running(date(2022, 4, 1)) is ("(" in written)
    assert wording.write(date(2022, 3, 1), "month") == "Mar 2022"


def test_what_adds_up_says_up_to_which_day() -> None:
    assert Wording("en_US", "USD", date(2022, 4, 16)).so_far == "so far, to Apr 16"


def test_what_is_missing_and_what_is_hidden_are_told_apart() -> None:
    assert AMERICAN.write(None, "money") == "–"
    assert AMERICAN.write(HIDDEN, "integer") == "1–10"
    assert AMERICAN.write(HIDDEN, "money") == AMERICAN.write(HIDDEN, "percent") == "few"
    assert AMERICAN.write(Decimal(0), "integer") == "0"


def test_charts_get_the_locales_months_and_signs() -> None:
    assert GERMAN.of_numbers["decimal"] == ","
    assert GERMAN.of_times["months"][2] == "März"
    assert GERMAN.of_times["days"][0] == "Sonntag"
    assert AMERICAN.of_times["shortMonths"][0] == "Jan"


def test_a_locale_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadSettings, match=r"vars.locale: 'xx_YY'"):
        Wording("xx_YY", "USD")
