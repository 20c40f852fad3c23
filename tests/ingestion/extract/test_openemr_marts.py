"""From OpenEMR's tables in a real MariaDB to the practice's marts, by the commands that its guide names."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.extract.conftest import Server
from tests.ingestion.extract.openemr import TABLES, statements
from tests.warehouse.practice import Practice, keep_the_practice_alone
from tests.warehouse.systems.hand_made import hand_made
from tests.warehouse.systems.openemr import OpenEMR

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]


def inserts(emr: OpenEMR) -> Iterator[tuple[str, list[Any]]]:
    """The rows as statements; what a row leaves empty OpenEMR's own defaults fill."""
    for table, rows in emr.tables.items():
        for row in rows:
            filled = {name: value for name, value in row.items() if value != ""}
            names = ", ".join(f"`{name}`" for name in filled)
            marks = ", ".join(["%s"] * len(filled))
            yield f"insert into {table} ({names}) values ({marks})", list(filled.values())


def test_a_running_openemr_comes_out_as_the_practices_marts(mysql: Server, tmp_path: Path) -> None:
    emr, expected = hand_made()
    session = mysql.session()
    with session.cursor() as cursor:
        for statement in statements(with_rows=False):
            cursor.execute(statement)
        for statement, values in inserts(emr):
            cursor.execute(statement, values)
    session.close()
    practice = Practice(tmp_path)
    keep_the_practice_alone(practice.project)
    reached = mysql.address
    practice.environment["LANDFALL_DATABASE_OPENEMR"] = (
        f"mysql://{reached.user}:{reached.password.replace(' ', '%20')}@{reached.host}:{reached.port}"
        f"/{reached.database}?sslmode=disable"
    )
    for words in (("extract", "openemr"), ("run",)):
        done = practice.command(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("landed          1") == len(TABLES)
    shown: dict[str, dict[str, Decimal]] = {}
    for charge, payer, amount in practice.query(
        "select charge_id, payer_id, sum(signed_amount) from intermediate.int_ledger_entries_signed"
        " where charge_id is not null group by 1, 2 having sum(signed_amount) <> 0"
    ):
        visit = str(charge).removeprefix("openemr:")
        shown.setdefault(visit, {})[str(payer).removeprefix("openemr:")] = Decimal(str(amount))
    assert shown.keys() >= {"104", "133:999"}
    assert sorted(map(sorted, map(dict.items, shown.values()))) == sorted(
        sorted(owed.items()) for owed in expected.values() if owed
    )
    newest = practice.query("select max(as_of_date) from billing.fct_ledger_entries")
    assert newest[0][0] >= date(2026, 1, 1)
