"""The pages' own SQL, over a few rows of a mart."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingestion.pages.definition import read_pages
from tools.project import ROOT

(INDEX,) = (page for page in read_pages(ROOT) if page.name == "index")


def rows_of(query: str, **models: str) -> list[dict[str, Any]]:
    """The rows of a query of the practice's page over models, each given as the query of its rows."""
    with duckdb.connect() as connection:
        for model, rows in models.items():
            connection.execute(f"create table {model} as {rows}")
        found = connection.execute(INDEX.queries[query].over({model: model for model in models}))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_no_shows_by_hour_are_those_of_the_newest_twelve_months() -> None:
    months = [date(2021 + number // 12, number % 12 + 1, 1) for number in range(13)]
    rows = ", ".join(f"(date '{month}', 9, 1, 'Monday', 1, 20)" for month in months * 2)
    columns = (
        "month_start, appointment_hour, day_of_week, day_name, no_show_appointments, appointments"
    )
    (found,) = rows_of("weekdays", no_shows=f"from (values {rows}) as t ({columns})")
    assert found["no_shows"] == 2 * 12 and found["appointments"] == 2 * 12 * 20


def test_visits_without_a_known_physician_are_called_so() -> None:
    month = "date '2022-03-01' as month_start, 20 as visits"
    found = rows_of(
        "physicians",
        physician_months=f"select {month}, unnest(['a', 'unknown', 'lost']) as physician_durable_key",
        dim_employees="""
            select unnest(['a', 'unknown']) as employee_durable_key,
                unnest(['E00021', 'unknown']) as employee_id, true as is_current
        """,
    )
    assert {row["physician"]: row["visits"] for row in found} == {
        "E00021": 20,
        "no physician known (walk-ins)": 40,
    }


@pytest.mark.parametrize(
    ("systems", "newest", "change"),
    [
        (["clinic"], "2022-03-31", Decimal(7)),
        # nothing changed on the day
        (["clinic"], "2022-03-30", Decimal(0)),
        # what changed the other's balance is not known
        (["clinic", "openemr"], "2022-03-31", None),
        (["openemr"], "2022-03-31", None),
    ],
)
def test_the_change_of_the_balance_is_told_where_every_ledger_has_a_history(
    systems: list[str], newest: str, change: Decimal | None
) -> None:
    day = "date '2022-03-31' as as_of_date"
    (found,) = rows_of(
        "news",
        fct_ledger_entries=f"""
            select unnest({systems}) as system_name, 'charge' as entry_type, 5.00 as signed_amount,
                date '2022-03-31' as posted_on, {day}
        """,
        ledger_days=f"""
            select 'clinic' as system_name, date '{newest}' as ledger_day, date '2022-03-29' as day_before,
                true as is_latest, 1 as dated_back_entries, 2.00 as dated_back_amount, 0 as changed_entries,
                0.00 as changed_amount, 7.00 as balance_change_amount, {day}
            where 'clinic' in ({", ".join(f"'{one}'" for one in systems)})
        """,
        fct_encounters=f"select 'completed' as outcome, date '2022-03-31' as visit_date, {day}",
    )
    assert found["balance_change"] == change
    assert found["earlier"] == (change and 1)
    assert found["charge_amount"] == 5 * len(systems)
