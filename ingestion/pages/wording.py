"""How a page writes numbers, dates and amounts: as the locale has them, by Babel."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from babel import Locale, UnknownLocaleError, dates, numbers

from ingestion.errors import BadSettings
from ingestion.pages.answers import Hidden, Value
from ingestion.pages.definition import Format
from ingestion.pages.small_cells import LARGEST_HIDDEN

MISSING = "–"
SMALL, FEW = f"1–{LARGEST_HIDDEN}", "few"
"""The texts for a hidden count, and for a value made of a hidden count."""


@dataclass(frozen=True)
class Wording:
    """The practice's locale (`en_US`) and currency (`USD`), and the day up to which the figures count.

    A month that has not ended on that day is called running: it is written with the day.
    """

    locale: str
    currency: str
    as_of: date | None = None

    def __post_init__(self) -> None:
        try:
            Locale.parse(self.locale)
        except (UnknownLocaleError, ValueError) as error:
            raise BadSettings(
                f"dbt_project.yml: vars.locale: '{self.locale}' is not known, write for example en_US"
            ) from error

    @cached_property
    def of_numbers(self) -> dict[str, Any]:
        """The locale's numbers as charts take them (d3-format)."""
        symbols = Locale.parse(self.locale).number_symbols["latn"]
        return {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": self._around_an_amount(),
        }

    def _around_an_amount(self) -> list[str]:
        """The texts before and after an amount in the practice's currency: `$` and nothing, or nothing and ` €`."""
        return re.split(r"\d.*\d", numbers.format_currency(10, self.currency, locale=self.locale))

    @cached_property
    def of_times(self) -> dict[str, Any]:
        """The locale's names of months and days as charts take them (d3-time-format)."""
        known = Locale.parse(self.locale)
        days, months = known.days["stand-alone"], known.months["stand-alone"]
        # d3's week begins on Sunday, Babel's on Monday
        order = (6, 0, 1, 2, 3, 4, 5)
        return {
            "dateTime": "%x %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": [days["wide"][day] for day in order],
            "shortDays": [days["abbreviated"][day] for day in order],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
        }

    def is_running(self, month: date | None) -> bool:
        """Whether this month, given by one of its days, has begun and not ended on the as-of day."""
        if month is None or self.as_of is None:
            return False
        next_day = self.as_of + timedelta(days=1)
        return all(
            (month.year, month.month) == (day.year, day.month) for day in (self.as_of, next_day)
        )

    @property
    def so_far(self) -> str:
        """Up to which day a sum over a running month goes."""
        return f"so far, to {dates.format_skeleton('MMMd', self.as_of, locale=self.locale)}"

    @property
    def to_the_day(self) -> str:
        """The same in short, beside the name of the month."""
        return f"to {self.as_of.day}" if self.as_of else ""

    def write(self, value: Value, how: Format) -> str:
        """A value in a format; missing and hidden values have their own signs."""
        if value is None:
            return MISSING
        if isinstance(value, Hidden):
            return SMALL if how == "integer" else FEW
        if how == "text" or isinstance(value, (str, bool)):
            return str(value)
        if isinstance(value, date):
            return self._when(value, how)
        return self._numbers[how](value)

    @property
    def _numbers(self) -> dict[str, Callable[[Decimal], str]]:
        spoken = self.locale
        percent = Locale.parse(spoken).percent_formats[None].pattern.replace("0", "0.0")
        return {
            "integer": lambda n: numbers.format_decimal(n, "#,##0", spoken),
            "hour": lambda n: f"{n}:00",
            "days": lambda n: numbers.format_decimal(n, "#,##0", spoken),
            "decimal": lambda n: numbers.format_decimal(n, "#,##0.0", spoken),
            "percent": lambda n: numbers.format_percent(n, percent, spoken),
            "money": lambda n: numbers.format_currency(n, self.currency, locale=spoken),
            "amount": lambda n: numbers.format_decimal(n, "#,##0.00", spoken),
            "bytes": lambda n: f"{numbers.format_decimal(n / 1_000_000, '#,##0.0', spoken)} MB",
        }

    def _when(self, value: date | datetime, how: Format) -> str:
        if how == "month":
            month = dates.format_skeleton("yMMM", value, locale=self.locale)
            return f"{month} ({self.to_the_day})" if self.is_running(value) else month
        if how == "time" and isinstance(value, datetime):
            day = dates.format_date(value, "medium", locale=self.locale)
            return f"{day} {dates.format_time(value, 'HH:mm', locale=self.locale)} UTC"
        return dates.format_date(value, "medium", locale=self.locale)
