"""The billing views of a practice that dbt has built are what plain books say of its ledger, row by row."""

from typing import Any

import pytest

from tests.warehouse.billing.plain_books import Books
from tests.warehouse.billing.test_random_ledgers import SHOWN, shown
from tests.warehouse.billing.views import key
from tests.warehouse.conftest import Warehouse
from tests.warehouse.marts.conftest import Builds

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

VIEWS = [view for view in SHOWN if view != "mix"]
"""All but the payer mix, which here counts visits too: books know nothing of them."""


def rows_of(warehouse: Warehouse, table: str) -> list[dict[str, Any]]:
    """The rows of a table, by column."""
    names = [name for name, *_ in warehouse.rows(f"describe {table}")]
    return [dict(zip(names, row, strict=True)) for row in warehouse.rows(f"from {table}")]


@pytest.mark.parametrize("build", ["newest", "day_seen_back"])
def test_every_view_is_what_plain_books_say(builds: Builds, build: str) -> None:
    warehouse: Warehouse = getattr(builds, build)
    entries = rows_of(warehouse, "intermediate.input_ledger_entries")
    claims = rows_of(warehouse, "intermediate.input_claims")
    physicians = dict(
        warehouse.rows("select encounter_id, physician_durable_key from clinic.fct_encounters")
    )
    ((as_of,),) = warehouse.rows("select distinct as_of_date from billing.fct_ledger_entries")
    named = {entry[name] for entry in entries for name in ("charge_id", "patient_pseudonym")}
    named |= {claim["insurance_plan_id"] for claim in claims} | {"patient"}
    names = {key(name): name for name in named if name}
    books = Books(entries, claims, physicians, as_of)
    for view in VIEWS:
        assert shown(warehouse, SHOWN[view], names) == getattr(books, view)(), view
    assert len({bucket for *_, bucket in books.ageing()}) == 6
