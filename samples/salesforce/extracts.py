"""The five flows as they run each evening: what changed that day, in one file below the execution's id.

Beside the executions of a day lie the records of AppFlow and a marker for each. Accounts, changes and users keep the
source's types, contacts and opportunities come as text, as where `preserveSourceDataTyping` is off.
"""

import uuid
from datetime import date, datetime, time
from pathlib import Path

from samples.clock import stamp
from samples.days import Days
from samples.salesforce.crm import Crm
from samples.salesforce.flows import parquet, record, records
from samples.written import Dirt, Written

FLOWS = {
    "account": "landfall-account",
    "contact": "landfall-contact",
    "opportunity": "landfall-opportunity",
    "opportunity_history": "landfall-opportunity-history",
    "user": "landfall-user",
}
AS_TEXT = ("contact", "opportunity")
ENDED_AT = time(22, 4, 30, 250_000)
LEAST_DAYS = 5
CANCELLED = 0.4  # when a run is cancelled half way, as a share of the days


def write(outdir: Path, days: Days, deals_a_day: int = 3) -> Written:
    """Write the flows' executions below `outdir/salesforce`; a day has `deals_a_day` new opportunities, or about so."""
    written = Written()
    crm = Crm(days.stream("salesforce crm"), deals_a_day)
    is_clean = days.clean or days.days < LEAST_DAYS
    cancelled_day = None if is_clean else int(days.days * CANCELLED)
    for index in range(days.days):
        today = days.day(index)
        crm.live(today)
        if index < days.first_written:
            continue
        for table, flow in FLOWS.items():
            is_cut = index == cancelled_day and table == "account"
            evening = _Evening(outdir / "salesforce" / flow / f"{today:%Y/%m/%d}", today, written)
            chance = days.stream(f"salesforce {flow} {today}")
            whole = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            cut = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            evening.execution(table, whole, [*crm.changed[table].values()])
            if is_cut:
                path = evening.cancelled(table, cut, [*crm.changed[table].values()][:1])
                _note(written, today, path.relative_to(outdir).as_posix())
            evening.finish()
        written.dates.append(today)
    return written


class _Evening:
    """One flow's executions of a day, and their records."""

    def __init__(self, folder: Path, day: date, written: Written) -> None:
        self._folder, self._day, self._written = folder, day, written
        self._records: list[dict[str, object]] = []

    def execution(self, table: str, number: str, rows: list[dict[str, object]]) -> None:
        """A successful run: no file where nothing changed."""
        self._told(number, len(rows), "Successful")
        if rows:
            self._file(table, number, rows)

    def cancelled(self, table: str, number: str, rows: list[dict[str, object]]) -> Path:
        """A run that was cancelled, with what it had written by then."""
        self._told(number, len(rows), "Canceled")
        return self._file(table, number, rows)

    def finish(self) -> None:
        """Write the records, which AppFlow gives as it is asked."""
        self._put(self._folder / "executions.json", records(*self._records).encode())

    def _told(self, number: str, rows: int, status: str) -> None:
        ended = datetime.combine(self._day, ENDED_AT)
        self._records.insert(0, record(number, ended, rows, status))
        self._put(self._folder / number / number, b"")

    def _file(self, table: str, number: str, rows: list[dict[str, object]]) -> Path:
        data = parquet(table, rows, typed=table not in AS_TEXT)
        return self._put(self._folder / number / f"{self._day:%Y%m%d}-{number[:8]}", data)

    def _put(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp(path, self._day)
        self._written.add(path)
        return path


def _note(written: Written, day: date, path: str) -> None:
    effect = "the run was cancelled: left alone, whatever it had written"
    written.dirt.append(Dirt("incomplete_export", effect, "salesforce", "account", day, path))
