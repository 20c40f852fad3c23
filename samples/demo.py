"""`make demo`: a month of a small practice and of every other source, from files to figures, on this machine.

With PRACTICE and DIR it shows the user's own files instead of invented ones (samples.own_files). Everything happens
below .demo/, which is emptied first. Each command is shown as a user would type it.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

import duckdb

from samples.own_files import NotDelivered, deliver

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / ".demo"
DAYS = 31
REFUSED = 3  # the exit code of `run` when everything else is done, and a file was refused
VERDICT = "verdict || coalesce('; past days lack ' || past_days_missing, '') as verdict"
"""The verdict on an area's figures, and what only its past days lack, in SQL over `operations.figures_status`."""

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
        "What is open, by age from the date of service (billing.ar_ageing)",
        """
        select
            coalesce(age_bucket, 'in all') as age_bucket,
            sum(items) as items,
            sum(open_amount) as open_amount,
            sum(credit_amount) as credit_amount,
            sum(balance_amount) as balance_amount
        from billing.ar_ageing
        group by grouping sets ((age_bucket, bucket_number), ())
        order by bucket_number nulls last
        """,
    ),
    (
        "Whether an area's figures lack something (operations.figures_status)",
        f"select area, as_of_date, {VERDICT} from operations.figures_status order by area",
    ),
)

OF_A_PRACTICE: tuple[tuple[str, str], ...] = (
    FIGURES[0],
    (
        "Who was charged, who paid, what was taken off and what is open (billing.fct_ledger_entries)",
        """
        select
            plans.plan_name as payer,
            coalesce(sum(signed_amount) filter (entry_type = 'charge'), 0) as charged,
            coalesce(-sum(signed_amount) filter (entry_type = 'payment'), 0) as paid,
            coalesce(-sum(signed_amount) filter (entry_type = 'adjustment'), 0) as adjusted,
            coalesce(sum(signed_amount) filter (entry_type like 'transfer%'), 0) as transferred,
            sum(signed_amount) as open
        from billing.fct_ledger_entries as entries
        inner join clinic.dim_insurance_plans as plans
            on entries.insurance_plan_durable_key = plans.insurance_plan_durable_key
            and plans.is_current
        group by plans.plan_name
        order by charged desc, payer
        """,
    ),
    (
        "Whether an area's figures lack something (operations.figures_status)",
        f"select area, as_of_date, {VERDICT} from operations.figures_status"
        " where area in ('clinic', 'billing') order by area",
    ),
)

REFUSED_FILE = (
    "\nThe refused file is still in the inbox: correct it and deliver it again, or discard it.\n"
)

NEXT = """
Open these:
  {folder}/report/index.html           the practice: money, work lists, appointments, patients
  {folder}/report/operations.html      what was delivered, what became of it, what a person should look at
  {folder}/warehouse_marts.duckdb      the marts, for any DuckDB client

Then, with `. {folder}/settings.sh` for your shell:
  .venv/bin/python -m ingestion status      is anything wrong, and what to do
  .venv/bin/python -m ingestion run         with nothing new to land
"""

LINES = 4
"""The number of lines that are shown of each part of a run's output; a file has all of it."""

LEFT_OUT = ("history", "built and tested", "worth a look", "late", "area")
"""The first words of parts that are not shown: the pages are better for them, and the verdicts come last."""


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
    """Empty the folder and write the settings into it, for the demo and for use by hand afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    (folder / "profiles").mkdir()
    shutil.copyfile(ROOT / "profiles.yml.example", folder / "profiles" / "profiles.yml")
    values = settings(folder)
    script = folder / "settings.sh"
    script.touch(mode=0o600)
    script.write_text("".join(f"export {name}='{value}'\n" for name, value in values.items()))
    return os.environ | values


def say(text: str = "") -> None:
    """One paragraph for the reader, in step with what the commands print."""
    print(text, flush=True)


def command(
    environment: dict[str, str], words: str, expected: int = 0, said: TextIO | None = None
) -> float:
    """Show and run `python -m <words>`, which prints into `said` if given; the seconds it took.

    DemoFailed on another exit code.
    """
    say(f"\n$ python -m {words}")
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *words.split()],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=said,
    )
    if done.returncode != expected:
        told = f"; {os.path.relpath(said.name, ROOT)} says why" if said else ""
        raise DemoFailed(f"python -m {words}: exit code {done.returncode}, not {expected}{told}")
    return time.monotonic() - begun


def run(environment: dict[str, str], record: Path, expected: int = REFUSED) -> float:
    """Show and run `python -m ingestion run`, and the beginning of each part of what it says; the seconds it took.

    All that it says is in `record`. DemoFailed unless it ends with the expected code, by default of a refused file.
    """
    with record.open("w") as said:
        seconds = command(environment, "ingestion run", expected, said)
    for part in record.read_text().rstrip("\n").split("\n\n"):
        if part.startswith(LEFT_OUT):
            continue
        lines = part.splitlines()
        more = len(lines) - LINES
        say("\n".join(lines if more < 2 else [*lines[:LINES], f"… {more} more"]) + "\n")
    say(f"(all of it: {os.path.relpath(record, ROOT)})")
    return seconds


def figures(warehouse_file: Path, queries: tuple[tuple[str, str], ...] = FIGURES) -> None:
    """Print a few small tables of the published warehouse."""
    with duckdb.connect(str(warehouse_file), read_only=True) as warehouse:
        for title, query in queries:
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
        "that no contract declares: it is refused, everything else goes on, and the exit code says so (3)."
    )
    first = run(environment, folder / "run_of_the_month.txt")
    say("\nThe next evening they deliver again: one day more, taken as a snapshot.")
    command(environment, f"samples {inbox} --days {days} --last 1 --resume --clean --quiet")
    second = run(environment, folder / "run_of_the_day.txt")
    figures(folder / "warehouse.duckdb")
    say(f"\nThe month took {first:.0f} s, the day {second:.0f} s.")
    say(REFUSED_FILE + NEXT.format(folder=os.path.relpath(folder, ROOT)))


def show_practice(practice: str, files: str, folder: Path = DEMO) -> None:
    """The demo of the user's own files, below `folder`. NotDelivered where they cannot be taken; DemoFailed."""
    inbox = folder / "lake" / "inbox"
    # wrong files leave the existing demo as it is
    with tempfile.TemporaryDirectory() as place:
        day = deliver(practice, files, Path(place))
        environment = prepare(folder)
        shutil.copytree(place, inbox, dirs_exist_ok=True)
    say(
        f"The files of {files} lie in {os.path.relpath(inbox / practice / day, ROOT)}, of the last day that they\n"
        "tell of. They are landed, and the practice's marts and pages are built from them and tested."
    )
    seconds = run(environment, folder / "run.txt", expected=0)
    figures(folder / "warehouse.duckdb", OF_A_PRACTICE)
    say(f"\nIt took {seconds:.0f} s.")
    say(NEXT.format(folder=os.path.relpath(folder, ROOT)))


def main(words: Sequence[str] = ()) -> int:
    """0 when every step ended as expected, else 1 and one line. With a practice's name and the folder of its files: of
    these; the folder may be missing, and then the line says so."""
    try:
        if words and words[0]:
            show_practice(words[0], "".join(words[1:2]))
        else:
            show()
    except (DemoFailed, NotDelivered) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
