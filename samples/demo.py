"""`make demo`: a month of a small practice and of every other source, from files to figures, on this machine.

Everything happens below .demo/, which is emptied first. Each command is shown as one would type it.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / ".demo"
DAYS = 31
REFUSED = 3  # the exit code of `run` when it has done all it could, and a file was refused

FIGURES: tuple[tuple[str, str], ...] = (
    (
        "Counts and sums, followed from file to mart (operations.data_validations)",
        """
        select
            stage,
            count(*) filter (verdict = 'holds') as hold,
            count(*) filter (verdict not in ('holds', 'not compared')) as do_not_hold,
            count(*) filter (verdict = 'not compared') as not_compared
        from operations.data_validations
        group by stage
        order by stage
        """,
    ),
    (
        "What somebody should look at (operations.data_findings)",
        """
        select place, source_name, table_name, finding, rows_found
        from operations.data_findings
        order by place, source_name, table_name, finding
        """,
    ),
    (
        "What is open, by age from the date of service (billing.ar_ageing)",
        """
        select
            age_bucket,
            sum(items) as items,
            sum(open_amount) as open_amount,
            sum(credit_amount) as credit_amount
        from billing.ar_ageing
        group by age_bucket, bucket_number
        order by bucket_number
        """,
    ),
    (
        "Accounts overdue on the last day (billing.accounts_overdue)",
        """
        select
            count(*) as accounts,
            sum(balance_amount) as balance_amount,
            max(days_overdue) as longest_days_overdue
        from billing.accounts_overdue
        """,
    ),
    (
        "Who comes on a Monday before ten, and who at other times (clinic.fct_appointments)",
        """
        select
            case
                when dayofweek(appointment_date) = 1 and appointment_hour < 10 then 'Monday 8-10'
                else 'other times'
            end as appointment,
            count(*) filter (outcome = 'completed') as completed,
            count(*) filter (outcome = 'no-show') as no_show,
            count(*) filter (outcome = 'cancelled') as cancelled,
            count(*) filter (outcome = 'unresolved') as unresolved
        from clinic.fct_appointments
        group by appointment
        order by appointment
        """,
    ),
    (
        "What the shop sold best, shipped orders alone (commerce.fct_order_items)",
        """
        select
            categories.category_name,
            count(distinct items.order_key) as orders,
            sum(items.quantity) as quantity,
            sum(items.net_amount) as net_amount
        from commerce.fct_order_items as items
        inner join commerce.dim_products as products
            on items.product_key = products.product_key
        inner join commerce.dim_categories as categories
            on products.category_key = categories.category_key
        where items.order_status = 'shipped'
        group by categories.category_name
        order by net_amount desc, categories.category_name
        limit 3
        """,
    ),
    (
        "What lies in the stockroom, and whether its movements say so (stock.fct_stock_balances)",
        """
        select
            location,
            sum(quantity) as quantity,
            sum(moved_quantity) as moved_quantity,
            sum(stock_value) as stock_value
        from stock.fct_stock_balances
        where is_latest
        group by location
        order by location
        """,
    ),
    (
        "Whether an area's figures lack something (operations.figures_status)",
        "select area, as_of_date, verdict from operations.figures_status order by area",
    ),
)

NEXT = """ The refused file still lies in the inbox: it is mended and
delivered again, or put aside. Where to look next:

  . .demo/settings.sh                         these settings, for your shell; then
  .venv/bin/python -m ingestion status        each table: last extract, rows, what is quarantined
  .venv/bin/python -m ingestion run           with nothing new to land
  .venv/bin/python -m ingestion --help        what else there is

  .demo/warehouse.duckdb                      the warehouse, for any DuckDB client
  .demo/lake/quarantine/                      the bad row, with its line and its reason
  make docs                                   every model and column, drawn, in site/index.html
"""


class DemoFailed(Exception):
    """A step ended otherwise than the demo expects."""


def settings(folder: Path) -> dict[str, str]:
    """The demo's settings; the key is thrown away with the folder."""
    return {
        "LANDFALL_LAKE": str(folder / "lake"),
        "LANDFALL_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "LANDFALL_TARGET": "duckdb",
        "LANDFALL_KEY": secrets.token_hex(32),
        "DBT_PROFILES_DIR": str(folder / "profiles"),
    }


def prepare(folder: Path) -> dict[str, str]:
    """Empty the folder and write the settings into it, for us and for whoever goes on by hand."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "profiles").mkdir(parents=True)
    shutil.copyfile(ROOT / "profiles.yml.example", folder / "profiles" / "profiles.yml")
    values = settings(folder)
    script = folder / "settings.sh"
    script.touch(mode=0o600)
    script.write_text("".join(f"export {name}='{value}'\n" for name, value in values.items()))
    return os.environ | values


def say(text: str = "") -> None:
    """One paragraph for the reader, in step with what the commands print."""
    print(text, flush=True)


def command(environment: dict[str, str], words: str, expected: int = 0) -> float:
    """Show and run `python -m <words>`; the seconds it took. DemoFailed on another exit code."""
    say(f"\n$ python -m {words}")
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *words.split()], cwd=ROOT, env=environment, check=False
    )
    if done.returncode != expected:
        raise DemoFailed(f"python -m {words}: exit code {done.returncode}, not {expected}")
    return time.monotonic() - begun


def figures(warehouse_file: Path) -> None:
    """Print a few small tables out of the published warehouse."""
    with duckdb.connect(str(warehouse_file), read_only=True) as warehouse:
        for title, query in FIGURES:
            say(f"\n{title}")
            found = warehouse.execute(query)
            names = [column[0] for column in found.description or []]
            say(aligned(names, found.fetchall()))


def aligned(names: list[str], rows: list[tuple[object, ...]]) -> str:
    """The rows as text in columns, numbers to the right."""
    texts = [names, *[["" if cell is None else f"{cell}" for cell in row] for row in rows]]
    widths = [max(len(text) for text in column) for column in zip(*texts, strict=True)]
    sample = rows[0] if rows else names
    is_text = [cell is None or isinstance(cell, str | date) for cell in sample]
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in texts
    )


def show(folder: Path = DEMO, days: int = DAYS) -> None:
    """The demo, from first to last, below `folder`. DemoFailed when a step ends otherwise."""
    environment = prepare(folder)
    inbox = os.path.relpath(folder / "lake" / "inbox", ROOT)
    say(
        "A practice with 500 patients delivers its tables every evening (clinic), its ledger and claims\n"
        "(billing), and what patients say of it (reviews). By the same door come an e-commerce shop (shop),\n"
        "a stockroom (inventory), a taxi company (taxi), a wholesaler's database (totesys), and accounts,\n"
        "contacts and opportunities (salesforce). Here is the first month of all of them but for its last\n"
        "day, everything invented, with a little dirt in it:"
    )
    command(environment, f"samples {inbox} --days {days - 1}")
    say(
        "\nNow all of it is landed at once, and history is built from it. One file carries a column\n"
        "that nobody declared: it is refused, everything else goes on, and the exit code says so (3)."
    )
    first = command(environment, "ingestion run", expected=REFUSED)
    say("\nThe next evening they deliver again: one day more, taken as a snapshot.")
    command(environment, f"samples {inbox} --days {days} --last 1 --resume --clean --quiet")
    second = command(environment, "ingestion run", expected=REFUSED)
    figures(folder / "warehouse.duckdb")
    say(f"\nThe month took {first:.0f} s, the day {second:.0f} s.{NEXT}")


def main() -> int:
    """0 when everything happened as told, else 1 and one line."""
    try:
        show()
    except DemoFailed as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
