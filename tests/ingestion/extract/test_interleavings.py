"""Writers and extracts in any order: every row that an extract could see is in the lake, and no other.

The steps of an interleaving are drawn by a seed and done one by one, so a failure can be repeated. Transactions stay
open over extracts, and their rows carry the time of their beginning, as now() gives it. The source's zone is drawn too,
and whether its watermark knows the zone.
"""

import csv
import os
import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.extract import extract
from ingestion.extract.address import Address
from ingestion.extract.watermarks import LakeKeeper
from ingestion.land import Context
from ingestion.store import Store
from tests.ingestion.extract.conftest import Server
from tests.ingestion.lakes import Lake

INTERLEAVINGS = 220
SESSIONS = 3
ZONES = (
    *(f"Etc/GMT{hours:+}" for hours in range(-14, 13)),
    *("UTC", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"),
)  # fmt: skip
TYPES = ("timestamp(3)", "timestamptz(3)")
TABLE = """
create table sale (
    sale_id bigint generated always as identity primary key, note text, amount numeric(10,2), sold_on date,
    paid boolean, last_updated timestamp(3) not null
)
"""


class Writers:
    """Sessions with transactions of their own. No two touch one row at a time, so that none has to wait."""

    def __init__(self, sessions: list[Any], dice: random.Random) -> None:
        self._dice, self._sessions = dice, sessions
        self._held: dict[int, set[int]] = {number: set() for number in range(SESSIONS)}
        self._known: set[int] = set()

    def step(self) -> None:
        """One session writes, commits or rolls back."""
        number = self._dice.randrange(SESSIONS)
        session, free = self._sessions[number], self._known - set().union(*self._held.values())
        mine = sorted(free | self._held[number])
        clock = self._dice.choice(["now()", "now()", "clock_timestamp()"])
        what = self._dice.choice(["insert", "insert", "update", "update", "end"])
        with session.cursor() as cursor:
            if what == "end":
                self._end(number)
            elif what == "update" and mine:
                key = self._dice.choice(mine)
                cursor.execute(
                    f"update sale set amount = amount + 1, last_updated = {clock} where sale_id = %s",
                    (key,),
                )
                self._held[number].add(key)
            else:
                cursor.execute(
                    "insert into sale (note, amount, paid, last_updated)"
                    f" values ('a, \"b\"' || chr(10), 1, true, {clock}) returning sale_id"
                )
                self._held[number].add(cursor.fetchone()[0])

    def _end(self, number: int, keep: bool | None = None) -> None:
        keep = self._dice.random() < 0.8 if keep is None else keep
        self._sessions[number].commit() if keep else self._sessions[number].rollback()
        self._known |= self._held[number] if keep else set()
        self._held[number] = set()

    def end_all(self) -> None:
        for number in range(SESSIONS):
            self._end(number, keep=True)


def rows_of(store: Store, name: str) -> list[tuple[str, ...]]:
    """The rows of a file in the inbox."""
    data = store.read(f"inbox/{name}")
    return [tuple(row) for row in csv.reader(data.decode().splitlines(keepends=True))][1:]


def plain(row: tuple[str, ...]) -> tuple[Any, ...]:
    """A row with its time as such: of one that says its zone, in UTC."""
    *cells, text = row
    time = datetime.fromisoformat(text)
    return (*cells, (time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None))


def there(observer: Any) -> set[tuple[Any, ...]]:
    """What anybody sees in the table now."""
    with observer.cursor() as cursor:
        cursor.execute(
            "select sale_id::text, coalesce(note, ''), amount::text, coalesce(sold_on::text, ''),"
            " case when paid then 't' else 'f' end, last_updated::text from sale"
        )
        return set(map(plain, cursor.fetchall()))


def in_zone(context: Context, zone: str) -> Context:
    """The context of a source in this zone."""
    sources = [
        source.model_copy(
            update={
                "tables": tuple(t.model_copy(update={"time_zone": zone}) for t in source.tables)
            }
        )
        for source in context.project.sources
    ]
    return replace(context, project=context.project.model_copy(update={"sources": tuple(sources)}))


def interleave(
    address: Address, sessions: list[Any], observer: Any, context: Context, seed: int
) -> tuple[int, int]:
    """One interleaving; returns the rows that could be seen and those that were extracted more than once."""
    dice = random.Random(seed)
    zone = dice.choice(ZONES)
    context = in_zone(context, zone)
    observer.cursor().execute(
        "truncate sale restart identity;"
        f" alter table sale alter column last_updated type {dice.choice(TYPES)}"
    )
    for session in sessions:
        session.cursor().execute(f"set timezone = '{zone}'")
        session.commit()
    context.store.delete(LakeKeeper(context.store, "shop").name)
    writers = Writers(sessions, dice)
    seen: set[tuple[Any, ...]] = set()
    taken: set[tuple[Any, ...]] = set()
    again = 0

    def take() -> None:
        nonlocal again
        (done,) = extract(context, "shop", ["sale"], address=address, margin=timedelta(0))
        assert done.extract
        rows, now = list(map(plain, rows_of(context.store, done.extract))), there(observer)
        context.store.delete(f"inbox/{done.extract}")
        assert set(rows) <= now, f"seed {seed}: rows that were never committed"
        assert len(rows) == len(set(rows)) == done.rows
        again += len(set(rows) & taken)
        taken.update(rows)
        seen.update(now)
        assert now <= taken, f"seed {seed}, {zone}: rows lost"

    for _ in range(2):
        for _ in range(dice.randrange(3, 9)):
            writers.step()
        take()
    writers.end_all()
    take()
    assert taken == seen
    return len(seen), again


@pytest.mark.slow
def test_no_interleaving_loses_a_row_or_invents_one(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "fsync", lambda _: None
    )  # no power fails here, and it takes half the time
    postgres.run(f"alter database {postgres.address.database} set timezone = 'UTC'", TABLE)
    context, observer = live_lake.context, postgres.session()
    sessions = [postgres.session() for _ in range(SESSIONS)]
    for session in sessions:
        session.autocommit = False
    counts = [
        interleave(postgres.address, sessions, observer, context, seed)
        for seed in range(INTERLEAVINGS)
    ]
    assert sum(seen for seen, _ in counts) > INTERLEAVINGS
    # transactions were open over extracts: what began with them was read again
    assert sum(again for _, again in counts) > INTERLEAVINGS / 4


def test_writers_that_never_stop_lose_nothing(postgres: Server, live_lake: Lake) -> None:
    """In earnest: threads that write as they please, some for long, while one extract follows the other."""
    postgres.run(TABLE, f"alter database {postgres.address.database} set timezone = 'UTC'")
    done, committed = threading.Event(), set()

    def write(number: int) -> None:
        dice = random.Random(number)
        session: Any = postgres.session()
        session.autocommit = False
        with session.cursor() as cursor:
            while not done.is_set():
                keys = []
                for _ in range(dice.randrange(1, 4)):
                    cursor.execute(
                        "insert into sale (amount, last_updated) values (1, now()) returning sale_id"
                    )
                    keys.append(str(cursor.fetchone()[0]))
                    time.sleep(dice.random() * 0.1)
                session.commit()
                committed.update(keys)
        session.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    taken: set[str] = set()

    def take() -> int:
        (extracted,) = extract(live_lake.context, "shop", ["sale"], address=postgres.address,
                               margin=timedelta(seconds=0.2))  # fmt: skip
        taken.update(row[0] for row in rows_of(live_lake.store, str(extracted.extract)))
        return extracted.rows

    for _ in range(12):
        take()
        time.sleep(0.1)
    done.set()
    for writer in writers:
        writer.join()
    last = take()
    assert taken == committed
    assert last < len(committed)
