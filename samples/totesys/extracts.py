"""The files of `extract totesys`: one folder a day, named by its moment, with all eleven tables.

Each holds what has changed since the extract before, and the last hour of that again, as a watermark that stays behind
gives it. A half-hourly extract has the same form; one a day keeps the samples small.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from samples.days import Days
from samples.files import Evening
from samples.totesys.books import Books, Cell, Row
from samples.written import Dirt, Written

TIMES = ["created_at", "last_updated"]
ORDER = "staff_id counterparty_id currency_id agreed_delivery_date agreed_payment_date agreed_delivery_location_id"
COLUMNS = {
    name: [f"{name}_id", *words.split(), *TIMES]
    for name, words in {
        "sales_order": f"design_id units_sold unit_price {ORDER}",
        "purchase_order": f"item_code item_quantity item_unit_price {ORDER}",
        "payment": "transaction_id counterparty_id payment_amount currency_id payment_type_id paid payment_date"
        " company_ac_number counterparty_ac_number",
        "transaction": "transaction_type sales_order_id purchase_order_id",
        "payment_type": "payment_type_name",
        "counterparty": "counterparty_legal_name legal_address_id commercial_contact delivery_contact",
        "address": "address_line_1 address_line_2 district city postal_code country phone",
        "staff": "first_name last_name department_id email_address",
        "department": "department_name location manager",
        "design": "design_name file_location file_name",
        "currency": "currency_code",
    }.items()
}
AT = 22 * 3600 + 1800
"""The second of the day, UTC, at which the extract is taken."""

OVERLAP = 3600
LAST_DAYS, BAD_DATE = 5, 0.7


def write(outdir: Path, days: Days) -> Written:
    """Write totesys' extracts below `outdir/totesys`."""
    written, books = Written(), Books(days.stream("totesys books"))
    bad_date = -1 if days.clean or days.days < LAST_DAYS else int(days.days * BAD_DATE)
    for index in range(days.days):
        today = days.day(index)
        books.live(today, AT - 1)
        if index < days.first_written:
            continue
        first_ever = index == 0 or (index == days.first_written and not days.resume)
        since = (date.min, 0) if first_ever else (today - timedelta(1), AT - OVERLAP)
        folder = f"{today}T{AT // 3600:02d}-{AT % 3600 // 60:02d}-00Z"
        evening = Evening(outdir, "totesys", today, written, folder)
        for table, columns in COLUMNS.items():
            rows = list(_cells(books.tables.get(table, []), columns, since))
            if table == "sales_order" and index == bad_date and rows:
                rows[-1][columns.index("agreed_delivery_date")] = f"{today.year}-02-30"
                _bad_date(written, today, f"totesys/{folder}/{table}.csv", len(rows) + 1)
            evening.table(table, columns, rows)
        written.dates.append(today)
    return written


def _cells(
    rows: Iterable[Row], columns: list[str], since: tuple[date, int]
) -> Iterable[list[Cell]]:
    return ([row.cells[name] for name in columns] for row in rows if row.changed >= since)


def _bad_date(written: Written, day: date, path: str, line: int) -> None:
    effect, column = "the row is quarantined", "agreed_delivery_date"
    written.dirt.append(Dirt("bad_date", effect, "totesys", "sales_order", day, path, line, column))
