"""One more day of a daily fact beside the fact built whole: the balances of a practice's accounts over years.

The tables that the fact is made of are written by SQL, as history and the input layer would leave them; an account
changes every ten days.
"""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb
from dbt.cli.main import dbtRunner

from benchmarks.children import ROOT
from benchmarks.history_work import QUIET

CHANGES_AFTER = 10
FACT = "fct_account_balances"
MODELS = ("int_account_balances_days", FACT)


@dataclass(frozen=True)
class Took:
    """What dbt's run of the two models took, in seconds of the clock and of CPU, and the fact's rows after it."""

    wall: float
    cpu: float
    rows: int


@click.command()
@click.option("--accounts", default=5_000, show_default=True)
@click.option("--days", default=(365, 1_095), multiple=True, show_default=True)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the warehouses.")
def main(accounts: int, days: tuple[int, ...], scratch: Path | None) -> None:
    """Build the fact whole, and with one more day."""
    for count in days:
        with tempfile.TemporaryDirectory(dir=scratch) as place:
            warehouse = Path(place) / "warehouse.duckdb"
            dbt = _project(warehouse)
            _write(warehouse, accounts, count)
            whole = _run(dbt, warehouse)
            _write(warehouse, accounts, count + 1)
            more = _run(dbt, warehouse)
            print(
                f"{accounts:,} accounts x {count:,} days, {whole.rows:,} rows: whole {whole.wall:.1f} s"
                f" ({whole.cpu:.1f} CPU s); one more day {more.wall:.1f} s ({more.cpu:.1f} CPU s):"
                f" {whole.cpu / more.cpu:.0f} times less CPU"
            )


def _project(warehouse: Path) -> Any:
    """dbt over the project, parsed once."""
    os.environ["LANDFALL_WAREHOUSE"] = str(warehouse)
    profiles = warehouse.parent / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    words = ["--project-dir", str(ROOT), "--profiles-dir", str(profiles), "--target", "duckdb"]
    words += ["--target-path", str(warehouse.parent / "target")]
    parsed = dbtRunner().invoke([*QUIET, "parse", *words])
    assert parsed.success, parsed.exception
    return parsed.result, words


def _run(dbt: Any, warehouse: Path) -> Took:
    manifest, words = dbt
    chosen = ("run", "--select", *MODELS)
    wall, cpu = time.perf_counter(), time.process_time()
    done = dbtRunner(manifest=manifest).invoke([*QUIET, *chosen, *words])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert done.success, done.exception
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute(f"select count(*) from billing.{FACT}").fetchone()
    return Took(wall, cpu, found[0] if found else 0)


def _write(warehouse: Path, accounts: int, days: int) -> None:
    """The versions of accounts, patients and plans, and the loads, as of the evening of the last of `days`."""
    first = "date '2023-01-01'"
    with duckdb.connect(str(warehouse)) as connection:
        for schema in ("staging", "intermediate"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"""
            create or replace table staging.stg_landfall__loads as
            select 'clinic' as source_name, 'account' as table_name, true as is_counted,
                {first} + day::integer as extract_date
            from range({days}) as days(day)
        """)
        connection.execute("""
            create or replace table staging.input_tables as
            select 'clinic' as system_name, 'account_balances' as entity,
                'clinic' as source_name, 'account' as table_name
        """)
        connection.execute(f"""
            create or replace table intermediate.input_account_balances as
            with versions as (
                select n, greatest(0, change * {CHANGES_AFTER} - n % {CHANGES_AFTER}) as day
                from range({accounts}) as accounts(n), range({days} // {CHANGES_AFTER} + 2) as changes(change)
                where change * {CHANGES_AFTER} - n % {CHANGES_AFTER} < {days}
                    and (change + 1) * {CHANGES_AFTER} - n % {CHANGES_AFTER} > 0
            )
            select 'clinic' as system_name, 'A' || n as account_id, md5('A' || n) as account_pseudonym,
                'INS' || n % 9 as insurance_plan_id, 'P' || n as patient_id, md5('P' || n) as patient_pseudonym,
                ((n * 31 + day * 7) % 90000 / 100)::decimal(12, 2) as balance_amount,
                1.00::decimal(12, 2) as last_payment_amount, {first} + day::integer as payment_due_date,
                {first} + day::integer as seen_from,
                lead({first} + day::integer) over (partition by n order by day) as seen_to
            from versions
        """)
        connection.execute(f"""
            create or replace table intermediate.int_patients_versioned as
            select md5('p' || n) as patient_key, md5('P' || n) as patient_pseudonym,
                date '1900-01-01' as valid_from, null::date as valid_to
            from range({accounts}) as patients(n)
        """)
        connection.execute("""
            create or replace table intermediate.int_insurance_plans_versioned as
            select md5('i' || n) as insurance_plan_key, 'INS' || n as insurance_plan_id,
                date '1900-01-01' as valid_from, null::date as valid_to
            from range(9) as plans(n)
        """)


if __name__ == "__main__":
    main()
