"""The marts of Salesforce's objects against the files of the flows, followed in plain Python."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from samples import salesforce
from samples.salesforce.extracts import FLOWS
from samples.written import Dirt
from tests.warehouse.companies.conftest import DAYS
from tests.warehouse.companies.trading import Delivered, business_day, ratio
from tests.warehouse.practice import Practice

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]
ACCOUNT = "Name Type Industry BillingCity BillingState BillingPostalCode Region__c OwnerId".split()
DATA = "20??????-????????"
"""How a flow's files are called here; markers and records are not."""
Row = dict[str, Any]


@dataclass
class Company:
    """Every row that the successful executions delivered, by object and in their order, and the warehouse."""

    practice: Practice
    rows: dict[str, list[Row]]
    dirt: list[Dirt]

    def state(self, table: str) -> dict[str, Row]:
        """The newest row of each id, without those that are deleted."""
        newest = {row["Id"]: row for row in self.rows[table]}
        return {n: row for n, row in newest.items() if row["IsDeleted"] not in (True, "true")}


@pytest.fixture(scope="module")
def company(practice: Practice, delivered: Delivered) -> Company:
    flows = delivered.inbox / "salesforce"
    dirt = [piece for piece in delivered.dirt if piece.path.startswith("salesforce/")]
    rows = {table: rows_of(flows / flow, dirt) for table, flow in FLOWS.items()}
    return Company(practice, rows, dirt)


def rows_of(flow: Path, dirt: list[Dirt]) -> list[Row]:
    """The rows of a flow's files, day by day; a day may have a cancelled run beside the whole one."""
    cancelled = {piece.path.rpartition("/")[2] for piece in dirt}
    files = sorted(flow.rglob(DATA))
    whole = [path for path in files if path.name not in cancelled]
    return [
        row | {"delivered": date(*map(int, path.relative_to(flow).parts[:3]))}
        for path in whole
        for row in pq.read_table(path).to_pylist()
        if path.stat().st_size
    ]


def money(cell: Any) -> Decimal | None:
    return None if cell is None else Decimal(cell)


def day_of(cell: Any) -> date:
    """The day of the business, in New York, of a time in UTC."""
    at = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
    return business_day(at)


def test_the_cancelled_run_is_left_alone_with_its_record(company: Company) -> None:
    (cancelled,) = company.dirt
    inbox = company.practice.lake / "inbox"
    left = [path.relative_to(inbox).as_posix() for path in (inbox / "salesforce").rglob(DATA)]
    assert left == [cancelled.path]
    status = company.practice.command("status")
    assert status.returncode == 0
    assert cancelled.code in company.practice.first.stdout


def test_opportunities_are_those_of_the_files_to_the_cent(company: Company) -> None:
    expected = [
        (number, row["StageName"], money(row["Amount"]), row["IsClosed"] == "true", day_of(row["CreatedDate"]))
        for number, row in sorted(company.state("opportunity").items())
    ]  # fmt: skip
    assert expected == company.practice.query(
        "select opportunity_id, stage_name, amount, is_closed, created_on from crm.fct_opportunities order by 1"
    )
    assert len(expected) > 20


def test_stays_and_days_are_those_of_the_changes(company: Company) -> None:
    stays: dict[str, list[list[Any]]] = defaultdict(list)
    for row in company.rows["opportunity_history"]:
        way = stays[row["OpportunityId"]]
        if not way or way[-1][0] != row["StageName"]:
            if way:
                way[-1][2] = day_of(row["CreatedDate"])
            way.append([row["StageName"], day_of(row["CreatedDate"]), None])
    today = DAYS[salesforce].day(DAYS[salesforce].days - 1)
    expected = [
        (deal, place, *stay, 0 if not stay[2] and stay[0].startswith("Closed") else ((stay[2] or today) - stay[1]).days)
        for deal, way in sorted(stays.items())
        for place, stay in enumerate(way, 1)
    ]  # fmt: skip
    query = company.practice.query
    assert expected == query(
        "select opportunity_id, stage_number, stages.stage_name, entered_on, left_on, days_in_stage"
        " from crm.fct_opportunity_stages as stages inner join crm.fct_opportunities using (opportunity_key)"
        " order by 1, 2"
    )
    assert any(days for *_, days in expected)
    assert query("select sum(days_open) from crm.fct_opportunities") == [
        (sum(days for *_, days in expected),)
    ]


def test_an_account_has_a_version_for_each_evening_on_which_it_changed(company: Company) -> None:
    versions: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in company.rows["account"]:
        said = tuple(row[name] for name in ACCOUNT)
        if not versions[row["Id"]] or versions[row["Id"]][-1][1:] != said:
            versions[row["Id"]].append((row["delivered"], *said))
    assert any(len(known) > 1 for known in versions.values())
    expected = sorted((key, *version) for key, known in versions.items() for version in known)
    assert expected == company.practice.query(
        "select crm_account_id, seen_from, account_name, account_type, industry, billing_city, billing_state,"
        " billing_postal_code, region, owner_id from crm.dim_crm_accounts where crm_account_key <> 'unknown'"
        " order by 1, 2"
    )


def test_deleted_contacts_are_gone_and_nobody_is_named_outside_restricted(company: Company) -> None:
    query, kept = company.practice.query, company.state("contact")
    assert len(kept) < len({row["Id"] for row in company.rows["contact"]})
    assert query(
        "select contact_id, last_name from restricted.dim_contact_identities order by 1"
    ) == sorted((number, row["LastName"]) for number, row in kept.items())
    assert query("select count(*) from crm.dim_contacts") == [(len(kept),)]
    names = {row["LastName"] for row in kept.values()} | set(kept)
    for mart in ("dim_crm_accounts", "dim_contacts", "fct_opportunities", "fct_opportunity_stages"):
        shown = {cell for row in query(f"from crm.{mart}") for cell in row if isinstance(cell, str)}
        assert not shown & names, mart


def test_what_was_landed_is_what_is_published(company: Company) -> None:
    verdicts = company.practice.query(
        "select verdict, count(*) from operations.data_validations where source_name = 'salesforce' group by 1"
    )
    assert dict(verdicts).get("differs", 0) == 0
    assert dict(verdicts)["holds"] > 5
    assert company.practice.query(
        "select is_complete from operations.figures_status where area = 'crm'"
    ) == [(True,)]


def changes_of(company: Company) -> dict[str, list[Row]]:
    """The changes of each opportunity in their order."""
    ways: dict[str, list[Row]] = defaultdict(list)
    for row in company.rows["opportunity_history"]:
        ways[row["OpportunityId"]].append(row)
    return {
        deal: sorted(way, key=lambda row: (row["CreatedDate"], row["Id"]))
        for deal, way in ways.items()
    }


def region_on(company: Company, account: str, day: date) -> str:
    """An account's region by the extracts up to a day; its first row reaches back."""
    said = [row for row in company.rows["account"] if row["Id"] == account]
    known = [row for row in said if row["delivered"] <= day] or said[:1]
    return known[-1]["Region__c"] if known else "unknown"


def test_the_pipeline_of_every_day_is_that_of_the_changes_up_to_its_end(company: Company) -> None:
    accounts = {n: row["AccountId"] for n, row in company.state("opportunity").items()}
    ways = changes_of(company)
    first = min(day_of(way[0]["CreatedDate"]) for way in ways.values())
    last = DAYS[salesforce].day(DAYS[salesforce].days - 1)
    expected: dict[tuple[Any, ...], list[Decimal]] = {}
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for deal, way in ways.items():
            so_far = [row for row in way if day_of(row["CreatedDate"]) <= day]
            if not so_far or so_far[-1]["StageName"].startswith("Closed"):
                continue
            now = so_far[-1]
            key = (day, now["StageName"], region_on(company, accounts[deal], day))
            found = expected.setdefault(key, [Decimal(0)] * 4)
            amount = money(now["Amount"])
            found[0] += 1
            found[1] += amount is None
            found[2] += amount or 0
            found[3] += (amount or 0) * Decimal(now["Probability"]) / 100
    query = company.practice.query
    assert query(
        "select pipeline_date, stage_name, region, opportunities, opportunities_without_amount, amount,"
        " expected_amount from crm.pipeline_by_day order by 1, 2, 3"
    ) == [(*key, *found) for key, found in sorted(expected.items())]
    entered = "select sum(entry_amount), sum(exit_amount) from crm.fct_opportunity_stages where is_last_stage"
    on_entering, now_worth = query(entered)[0]
    assert on_entering != now_worth  # amounts changed within a stay
    assert query("select distinct pipeline_date from crm.pipeline_by_day where is_latest") == [
        (last,)
    ]


def test_what_became_of_a_months_opportunities_is_what_salesforce_says(company: Company) -> None:
    expected: dict[tuple[date, str], list[Any]] = {}
    for row in company.state("opportunity").values():
        day = day_of(row["CreatedDate"])
        key = (day.replace(day=1), region_on(company, row["AccountId"], day))
        found = expected.setdefault(key, [0, 0, 0, Decimal(0), Decimal(0)])
        won, closed = row["IsWon"] == "true", row["IsClosed"] == "true"
        found[0] += 1
        found[1] += won
        found[2] += closed and not won
        found[3] += money(row["Amount"]) or 0
        found[4] += (money(row["Amount"]) or 0) if won else 0
    assert len({month for month, _ in expected}) == 2
    assert company.practice.query(
        "select cohort_month, region, opportunities, opportunities_won, opportunities_lost, amount, won_amount,"
        " win_rate from crm.opportunity_cohorts order by 1, 2"
    ) == [
        (*key, *found, ratio(Decimal(found[1]), Decimal(found[1] + found[2])))
        for key, found in sorted(expected.items())
    ]


def test_opportunities_went_on_from_each_group_as_their_changes_tell(company: Company) -> None:
    order = {
        "Prospecting": 1,
        "Qualification": 2,
        "Proposal/Price Quote": 3,
        "Negotiation/Review": 4,
    }
    expected: dict[tuple[date, str, int], list[int]] = {}
    state = company.state("opportunity")
    for deal, way in changes_of(company).items():
        row, groups = state[deal], {order.get(change["StageName"], 0) for change in way} - {0}
        day = day_of(row["CreatedDate"])
        for group in groups:
            key = (day.replace(day=1), region_on(company, row["AccountId"], day), group)
            found = expected.setdefault(key, [0, 0, 0, 0])
            on = row["IsWon"] == "true" or max(groups) > group
            found[0] += 1
            found[1 if on else 2 if row["IsClosed"] == "true" else 3] += 1
    assert company.practice.query(
        "select cohort_month, region, stage_order, opportunities, opportunities_advanced, opportunities_lost_here,"
        " opportunities_waiting from crm.stage_conversions order by 1, 2, 3"
    ) == [(*key, *found) for key, found in sorted(expected.items())]
