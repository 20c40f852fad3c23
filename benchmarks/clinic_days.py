"""Writes the patients of a clinic, day by day, as its system delivers them: a CSV for each evening.

Each evening half a percent of the patients have moved, and a few are missing who come back later. So
a history of 365 days holds about three versions of a patient.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_DAY = date(2020, 1, 1)
# addresses change at a fixed interval, each patient's on its own day; and one day in each stretch is missed
MOVES_AFTER, MISSING_AFTER = 200, 500


def write_days(inbox: Path, patients: int, days: int) -> None:
    """Write `days` extracts of about `patients` rows below `inbox`."""
    with duckdb.connect() as connection:
        for number in range(days):
            folder = inbox / "clinic" / str(FIRST_DAY + timedelta(days=number))
            folder.mkdir(parents=True)
            connection.execute(
                f"copy ({_query(patients, number)}) to '{folder}/patient.csv' (header, delimiter ',')"
            )


def _query(patients: int, day: int) -> str:
    return f"""
        select
            'P' || lpad(n::varchar, 7, '0') as person_id,
            'First' || n % 97 as first_name,
            'Last' || n % 1009 as last_name,
            'p' || n || '@example.org' as email,
            strftime(date '1940-01-01' + (n * 37 % 25000)::integer, '%-m/%-d/%Y') as dob,
            1 + (n * 7 + {day}) // {MOVES_AFTER} || ' High St' as address,
            lpad((n % 99999)::varchar, 5, '0') as zip,
            'INS' || 1 + n % 5 as insurance
        from range(1, {patients} + 1) as numbers(n)
        where (n * 13 + {day}) % {MISSING_AFTER} <> 0
    """
