"""The pages' own SQL, over a few rows of a mart."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from ingestion.pages.answers import HIDDEN
from ingestion.pages.definition import read_pages
from ingestion.pages.small_cells import hide_small_cells
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


def test_what_is_owed_counts_debts_and_no_credits() -> None:
    """Of 190 credits nothing is owed: a line of few would say that something is."""
    owed = {
        (row["payer"], row["age_bucket"]): row["items"]
        for row in rows_of(
            "ageing",
            ar_ageing="""
                select 'p' as insurance_plan_durable_key, *
                from (values
                    ('patient', '>120', 5, 190, 0, 0.00), ('INS1', '0-30', 1, 12, 11, 50.00),
                    ('INS1', '31-60', 2, 30, 4, 9.00), ('patient', 'unapplied', 6, 3, 0, 0.00)
                ) as t (payer_id, age_bucket, bucket_number, items, open_items, open_amount)
            """,
            dim_insurance_plans="""
                select 'q' as insurance_plan_durable_key, 'Gold' as plan_name, true as is_current
            """,
            billing_months="""
                select 190 as credit_items, 3 as unapplied_entries, 0.00 as credit_amount, 0.00 as unapplied_amount,
                    date '2022-03-31' as measured_on, date '2022-03-31' as as_of_date
            """,
            balances_to_apply="select 1 as balance from range(3)",
        )
    }
    assert owed == {("INS1", "0-30"): 11, ("INS1", "31-60"): 4, (None, "credits"): 3}


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


@pytest.mark.parametrize(
    ("days", "hidden"),
    [
        # of the day, of the month before it, of the month before
        ({"2022-04-02": 20}, False),
        ({"2022-04-02": 20, "2022-04-01": 11}, False),
        ({"2022-04-02": 10, "2022-04-01": 40}, True),
        ({"2022-04-02": 20, "2022-04-01": 4}, True),
        # nothing came on the day, which tells nothing of the day before
        ({"2022-04-01": 4}, False),
    ],
)
def test_what_is_new_does_not_tell_of_the_few_others_of_its_month(
    days: dict[str, int], hidden: bool
) -> None:
    found = news_of(days, "2022-04-01")
    for column in ("charge_amount", "visits"):
        assert (found[column] is HIDDEN) == hidden, column


@pytest.mark.parametrize(("last_of_march", "hidden"), [(4, True), (11, False), (0, False)])
def test_what_is_new_of_two_months_does_not_tell_of_the_few_of_the_first(
    last_of_march: int, hidden: bool
) -> None:
    """The month's sum is shown: it and the day's would give those of March."""
    found = news_of({"2022-04-02": 20, "2022-03-31": last_of_march}, "2022-03-30")
    assert (found["charge_amount"] is HIDDEN) == hidden


@pytest.mark.parametrize(("charges", "hidden"), [(7, True), (11, False), (0, False)])
@pytest.mark.parametrize("before", [0, 30])
def test_where_the_day_is_all_of_the_month_it_shows_nothing_that_the_month_hides(
    charges: int, before: int, hidden: bool
) -> None:
    """With few charges the table of money hides adjustments too; those of the day would give the charges."""
    days = {"2022-04-02": 20, "2022-04-01": before} if before else {"2022-04-02": 20}
    found = news_of({"2022-04-02": charges}, "2022-04-01", adjustment=days, payment=days)
    assert (found["charge_amount"] is HIDDEN) == hidden
    for column in ("adjustment_amount", "net_payment_amount"):
        assert (found[column] is HIDDEN) == (hidden and not before), column


def news_of(days: dict[str, int], day_before: str, **others: dict[str, int]) -> dict[str, Any]:
    """What the page says is new on 2 April 2022, of charges and visits of these days, and of other entries."""
    dated = " union all ".join(
        f"select date '{day}' as day from range({number})" for day, number in days.items()
    )
    entries = " union all ".join(
        f"select '{kind}' as kind, date '{day}' as day from range({number})"
        for kind, its_days in {"charge": days, **others}.items()
        for day, number in its_days.items()
    )
    as_of = "date '2022-04-02' as as_of_date"
    (found,) = rows_of(
        "news",
        fct_ledger_entries=f"""
            select 'clinic' as system_name, kind as entry_type, 5.00 as signed_amount, day as posted_on, {as_of}
            from ({entries})
        """,
        ledger_days=f"""
            select 'clinic' as system_name, date '2022-04-02' as ledger_day, date '{day_before}' as day_before,
                true as is_latest, 0 as dated_back_entries, 0.00 as dated_back_amount, 0 as changed_entries,
                0.00 as changed_amount, 7.00 as balance_change_amount, {as_of}
        """,
        fct_encounters=f"select 'completed' as outcome, day as visit_date, {as_of} from ({dated})",
    )
    answer = {name: Decimal(value) for name, value in found.items() if value is not None}
    return hide_small_cells([answer], INDEX.queries["news"].small)[0]  # type: ignore[arg-type]


COUNTS = ("charges", "payments", "refunds", "adjustments")
ITEMS = ("open_items", "credit_items", "unapplied_entries")
AMOUNTS = {
    "Charges": "charge_amount",
    "Payments, less refunds": "payment_amount",
    "Adjustments": "adjustment_amount",
    "Balance after": "balance_amount",
    "Open (A/R)": "open_amount",
    "Credits and unapplied": "credit_amount",
}
"""The amounts of a month on the page, and the mart's columns."""

Place = tuple[date, str]
Sum = dict[Place, int]
"""What is added up, each with its sign."""


def money_of(
    months: Sequence[Mapping[str, int]], column: str = "amount", to_apply: int = 0
) -> tuple[list[dict[str, int]], set[Place]]:
    """The months with all their columns, and the places whose amounts the page shows."""
    told = [
        {name: month.get(name, 0) for name in (*COUNTS, *ITEMS)}
        | dict.fromkeys(("refund_amount", "unapplied_amount", *AMOUNTS.values()), 0)
        for month in months
    ]
    rows = ", ".join(
        f"(date '{date(2021 + n // 12, n % 12 + 1, 1)}', {', '.join(map(str, row.values()))})"
        for n, row in enumerate(told)
    )
    found = rows_of(
        "money",
        billing_months=f"""
            select *, month_start as measured_on, max(month_start) over () as as_of_date
            from (values {rows}) as t (month_start, {", ".join(told[0])})
        """,
        balances_to_apply=f"select 1 as balance from range({to_apply})",
    )
    answers = [
        {name: Decimal(v) if isinstance(v, int) else v for name, v in row.items()} for row in found
    ]
    shown = hide_small_cells(answers, INDEX.queries["money"].small)
    seen = {(row["month_start"], str(row["what"])) for row in shown if row[column] is not HIDDEN}
    return told, seen  # type: ignore[return-value]


def follows(wanted: Sum, known: Sequence[Sum]) -> bool:
    """Whether a sum can be computed from known sums: by elimination, place by place."""
    rows: dict[Place, dict[Place, Fraction]] = {}

    def reduced(one: Mapping[Place, int]) -> dict[Place, Fraction]:
        left = {place: Fraction(number) for place, number in one.items() if number}
        while places := [place for place in left if place in rows]:
            row, times = rows[places[0]], left[places[0]]
            for place, number in row.items():
                left[place] = left.get(place, Fraction(0)) - times * number
                if not left[place]:
                    del left[place]
        return left

    for one in known:
        if left := reduced(one):
            first = min(left)
            rows[first] = {place: number / left[first] for place, number in left.items()}
            for other in list(rows.values()):
                times = other.get(first)
                if times and other is not rows[first]:
                    for place, number in rows[first].items():
                        other[place] = other.get(place, Fraction(0)) - times * number
                        if not other[place]:
                            del other[place]
    return not reduced(wanted)


def change_in(month: date) -> Sum:
    """What changes the balance in a month."""
    signs = {"Charges": 1, "Payments, less refunds": -1, "Adjustments": -1}
    return {(month, what): sign for what, sign in signs.items()}


def leaks(told: Sequence[Mapping[str, int]], seen: set[Place]) -> list[Place]:
    """The small amounts that a reader can compute who knows how amounts add up, and that books begin with nothing."""
    known: list[Sum] = [{place: 1} for place in seen if place[1] != "Balance before"]
    small: dict[Place, Sum] = {}
    before: date | None = None
    for number, row in enumerate(told):
        month = date(2021 + number // 12, number % 12 + 1, 1)
        if before and (month, "Balance before") in seen:
            known.append({(before, "Balance after"): 1})
        after: Sum = {(month, "Balance after"): 1}
        known.append(
            after
            | {place: -sign for place, sign in change_in(month).items()}
            | ({(before, "Balance after"): -1} if before else {})
        )
        parts = {(month, "Open (A/R)"): -1, (month, "Credits and unapplied"): -1}
        known.append(after | parts)
        counts = {
            "Charges": row["charges"],
            "Payments, less refunds": row["payments"] + row["refunds"],
            "Adjustments": row["adjustments"],
            "Balance after": sum(row[name] for name in ITEMS),
            "Open (A/R)": row["open_items"],
        }
        small |= {(month, what): {(month, what): 1} for what, n in counts.items() if 1 <= n <= 10}
        if any(1 <= row[name] <= 10 for name in ITEMS[1:]):
            place = (month, "Credits and unapplied")
            small[place] = {place: 1}
        if 1 <= sum(row[name] for name in COUNTS) <= 10:
            small[month, "all"] = change_in(month)
        before = month
    return [place for place, wanted in small.items() if follows(wanted, known)]


NUMBER = some.sampled_from([0, 0, 1, 4, 10, 11, 40, 200])
MONTH = some.fixed_dictionaries(dict.fromkeys((*COUNTS, *ITEMS), NUMBER))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(some.lists(MONTH, min_size=1, max_size=7))
def test_no_amount_of_few_entries_follows_from_the_others(months: list[dict[str, int]]) -> None:
    posted = [sum(month[name] for name in COUNTS) for month in months]
    assume(sum(posted) > 10)
    # nothing is open before the first entry, and what is open changes by one
    stays = dict.fromkeys(ITEMS, 0)
    for month, entries in zip(months, posted, strict=True):
        if not entries:
            month |= stays
        stays = {name: month[name] for name in ITEMS}
    told, seen = money_of(months)
    assert leaks(told, seen) == []


def test_a_reader_who_knows_how_amounts_add_up_is_believed_to_compute() -> None:
    """The test above can fail: with all amounts shown but one, that one follows."""
    months = [{"charges": 40, "payments": 3, "adjustments": 20, "open_items": 40}]
    told, _ = money_of(months)
    every = {(date(2021, 1, 1), what) for what in (*AMOUNTS, "Balance before")}
    assert leaks(told, every - {(date(2021, 1, 1), "Payments, less refunds")}) == [
        (date(2021, 1, 1), "Payments, less refunds")
    ]


def hidden_of(months: Sequence[Mapping[str, int]]) -> dict[int, set[str]]:
    """The names of the hidden amounts by the number of their month."""
    _, seen = money_of(months)
    hidden: dict[int, set[str]] = defaultdict(set)
    for number in range(len(months)):
        month = date(2021 + number // 12, number % 12 + 1, 1)
        hidden[number] = {w for w in (*AMOUNTS, "Balance before") if (month, w) not in seen}
    return hidden


WHOLE = {
    **{"charges": 90, "payments": 80, "adjustments": 30, "open_items": 200},
    **{"credit_items": 20, "unapplied_entries": 12},
}


def test_months_of_many_entries_hide_nothing() -> None:
    assert hidden_of([WHOLE, WHOLE, WHOLE]) == {0: set(), 1: set(), 2: set()}


def test_a_small_amount_takes_the_next_smallest_of_its_month_with_it() -> None:
    assert hidden_of([WHOLE, WHOLE | {"payments": 4}])[1] == {
        "Payments, less refunds",
        "Adjustments",
    }


def test_the_first_entries_of_a_month_hide_the_balance_before_them_and_an_amount_of_that_month() -> (
    None
):
    young = WHOLE | {"charges": 9, "payments": 0, "adjustments": 0}
    assert hidden_of([WHOLE, WHOLE, young]) == {
        0: set(),
        1: {"Adjustments", "Balance after", "Open (A/R)"},
        2: {"Charges", "Balance before"},
    }


def test_few_credits_hide_what_is_open_and_not_the_balance() -> None:
    for few in ("credit_items", "unapplied_entries"):
        assert hidden_of([WHOLE | {few: 9}])[0] == {"Open (A/R)", "Credits and unapplied"}
        _, drawn = money_of([WHOLE | {few: 9}], "moved_amount")
        assert len(drawn) == 7, "the chart lacks nothing, and so the page does not say that it does"


def test_few_entries_on_the_work_list_hide_the_credits_of_the_newest_month() -> None:
    """The other list may show its amount, and the sum of both would give the hidden one."""
    for waiting, is_hidden in ((10, True), (11, False), (0, False)):
        _, seen = money_of([WHOLE, WHOLE], to_apply=waiting)
        hidden = {month for month in (1, 2) if (date(2021, month, 1), "Open (A/R)") not in seen}
        assert hidden == ({2} if is_hidden else set())


def test_one_patients_debt_in_months_without_entries_is_hidden_with_its_balance() -> None:
    one, none = {"charges": 1, "open_items": 1}, {"open_items": 1}
    hidden = hidden_of([one, none, none, WHOLE, WHOLE])
    for month in range(3):
        assert {"Balance after", "Open (A/R)"} <= hidden[month]
    assert "Charges" in hidden[0] and len(hidden[3] & {"Charges", "Adjustments"}) == 1
    assert hidden[4] == set()
