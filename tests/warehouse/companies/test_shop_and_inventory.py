"""The shop's and the inventory's marts against their files, and what everybody who delivered nothing has."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

import pytest

from samples import shop
from tests.warehouse.companies.conftest import DAYS
from tests.warehouse.companies.trading import SOURCES, Company, versions_of
from tests.warehouse.practice import Practice

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]


@pytest.mark.parametrize("source", [*SOURCES, "taxi"])
def test_the_landing_area_is_empty_after_success(practice: Practice, source: str) -> None:
    inbox = practice.lake / "inbox" / source
    assert [path for path in inbox.rglob("*") if path.is_file()] == []


def test_orders_and_lines_are_those_of_the_files_to_the_cent(company: Company) -> None:
    orders: dict[str, dict[str, str]] = {}
    for row in company.every_row("orders"):
        orders.setdefault(row["order_id"], row)
    net: dict[str, Decimal] = defaultdict(Decimal)
    lines = 0
    for row in company.every_row("order_items"):
        lines += 1
        price = Decimal(row["unit_price"]) * int(row["quantity"])
        net[row["order_id"]] += price - Decimal(row["discount"])
    expected = [
        (number, row["status"], net[number], net[number] + Decimal(row["freight"]))
        for number, row in sorted(orders.items())
    ]
    query = company.practice.query
    assert expected == query(
        "select order_id, order_status, net_amount, order_amount from commerce.fct_orders order by 1"
    )
    assert query("select count(*), sum(net_amount) from commerce.fct_order_items") == [
        (lines, sum(net.values()))
    ]


def test_a_product_has_a_version_for_each_evening_on_which_it_changed(company: Company) -> None:
    versions: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for day, rows in company.tables["products"].items():
        for row in rows:
            said = (row["product_name"], Decimal(row["unit_price"]), row["discontinued"] == "true")
            if not versions[row["product_id"]] or versions[row["product_id"]][-1][1:] != said:
                versions[row["product_id"]].append((date.fromisoformat(day), *said))
    assert any(len(known) > 1 for known in versions.values())
    expected = sorted((key, *version) for key, known in versions.items() for version in known)
    assert expected == company.practice.query(
        "select product_id, seen_from, product_name, unit_price, is_discontinued"
        " from commerce.dim_products where product_key <> 'unknown' order by 1, 2"
    )


def test_an_item_has_a_version_for_each_complete_refresh_in_which_it_was_another(
    company: Company,
) -> None:
    states = {
        day: {
            row["item_id"]: (
                row["description"] or None,
                row["category"] or None,
                Decimal(row["unit_cost"]),
            )
            for row in rows
        }
        for day, rows in company.tables["mv_item"].items()
    }
    expected = versions_of(states)
    assert len(expected) > len({version[0] for version in expected})
    assert expected == company.practice.query(
        "select item_id, seen_from, seen_to, item_description, item_category, unit_cost"
        " from stock.dim_items where item_key <> 'unknown' order by 1, 2"
    )


def test_balances_are_the_sum_of_movements_but_where_one_is_in_quarantine(company: Company) -> None:
    moved: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    known = {row["movement_id"]: row for row in company.every_row("mv_stock_movement")}
    for row in known.values():
        moved[row["item_id"], row["location"]] += Decimal(row["quantity"])
    held = {
        (row["item_id"], row["location"]): Decimal(row["quantity"])
        for row in company.tables["mv_stock_balance"][str(DAYS[shop].day(7))]
    }
    query = company.practice.query
    newest = (
        "select item_id, location, quantity, moved_quantity from stock.fct_stock_balances"
        " where is_latest order by 1, 2"
    )
    expected = [(*place, quantity, moved[place]) for place, quantity in sorted(held.items())]
    assert query(newest) == expected
    assert sum(quantity != moved[place] for place, quantity in held.items()) == 1
    found = (
        "select rows_found from operations.data_findings where finding = 'not_the_sum_of_movements'"
    )
    assert query(found) == [(1,)]
    counted = "select count(*), sum(quantity), min(moved_at) from stock.fct_stock_movements"
    first = min(oracle_time(row["moved_at"]) for row in known.values())
    assert query(counted) == [(len(known), sum(moved.values()), first)]
    assert query("select count(*) from stock.fct_stock_balances") == [
        (sum(map(len, company.tables["mv_stock_balance"].values())),)
    ]


def oracle_time(text: str) -> datetime:
    return datetime.strptime(text.title(), "%d-%b-%y %I.%M.%S.%f %p")


def test_what_is_odd_is_shown_and_every_count_and_sum_is_followed(company: Company) -> None:
    query = company.practice.query
    odd = (
        "select table_name, place, finding, rows_found from operations.data_findings"
        f" where source_name in {SOURCES} order by all"
    )
    assert query(odd) == [
        ("mv_stock_balance", "staged", "not_the_sum_of_movements", 1),
        ("mv_stock_movement", "quarantine", "bad_date", 1),
        ("order_items", "quarantine", "bad_number", 1),
        ("orders", "staged", "other_values", 1),
        ("sales_order", "quarantine", "bad_date", 1),
    ]
    verdicts = (
        "select distinct verdict from operations.data_validations"
        f" where source_name in {SOURCES} and stage = '{{}}'"
    )
    for stage in ("extract", "staging", "mart"):
        assert query(verdicts.format(stage)) == [("holds",)], stage


def test_sources_that_never_delivered_are_empty_and_disturb_nothing(company: Company) -> None:
    query = company.practice.query
    said = dict(query("select area, verdict from operations.figures_status"))
    assert said.pop("commerce") == "incomplete: 1 row of shop.order_items in quarantine"
    assert said.pop("stock") == "incomplete: 1 row of inventory.mv_stock_movement in quarantine"
    assert said.pop("sales") == "incomplete: 1 row of totesys.sales_order in quarantine"
    assert said.pop("rides") == said.pop("crm") == "complete"
    assert {"clinic", "billing"} <= set(said)
    assert set(said.values()) == {"nothing: no extract has been landed yet"}
    assert query("select count(*) from clinic.fct_appointments") == [(0,)]
    late = "select count(*) from operations.table_status where is_late"
    assert query(late) == [(0,)]


def test_a_customer_is_named_in_restricted_and_nowhere_else_in_the_marts(company: Company) -> None:
    query = company.practice.query
    named = query("select customer_id, email from restricted.dim_customer_identities")
    known = {str(name) for row in named for name in row}
    assert len(known) == 2 * len(named) > 100
    told = query(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('commerce', 'stock', 'operations', 'shared')"
    )
    assert len(told) > 10
    for (table,) in told:
        cells = {str(cell) for row in query(f"select * from {table}") for cell in row}
        assert not cells & known, table


def test_any_stage_is_run_again_from_the_archive_to_the_same_cells(company: Company) -> None:
    practice, before = company.practice, company.cells()
    for source, key in (("shop", "key: [order_id]"), ("shop", "key: [product_id]"),
                        ("inventory", "key: [movement_id]")):  # fmt: skip
        contract = practice.project / f"models/staging/{source}/_{source}__sources.yml"
        text = contract.read_text()
        assert text.count(key) == 1
        contract.write_text(text.replace(key, f"{key}\n              ignored_headers: [other]"))
    for table in ("shop.orders", "shop.products", "inventory.mv_stock_movement"):
        again = practice.command("reland", table)
        assert again.returncode == 0, again.stdout + again.stderr
        assert again.stdout.count("landed") >= 1
    done = practice.command("run", "--full-refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert company.cells() == before
    generations = "select distinct generation from operations.fct_loads where is_counted and table_name = 'orders'"
    assert practice.query(generations) == [(2,)]


def test_a_row_is_missing_until_its_file_is_delivered_again(company: Company) -> None:
    practice = company.practice
    again = practice.lake / "inbox" / company.dirt["bad_number"].path
    again.parent.mkdir(parents=True, exist_ok=True)
    again.write_bytes(company.corrected)
    landed = practice.command("land")
    assert landed.returncode == 0, landed.stdout + landed.stderr
    verdicts = "select area, verdict from operations.figures_status"
    # the figures lack the row until they are built again
    assert dict(practice.query(verdicts))["commerce"].startswith("incomplete: 1 row of ")
    assert practice.command("run").returncode == 0
    said = dict(practice.query(verdicts))
    assert said["commerce"] == "complete"
    assert said["stock"] == "incomplete: 1 row of inventory.mv_stock_movement in quarantine"
