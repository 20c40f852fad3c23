"""Damage to each object of a lake that has one of each kind: `verify` must name it, and no command break on it."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import duckdb

from ingestion import land as lander
from ingestion.errors import LandfallError
from ingestion.verify import verify
from tests.ingestion.lakes import Lake, customer_parquet, customers, visits

DAY = "shop/2026-01-{:02}/customer.csv"
BAD = "C99,2/30/2001,1\n"

DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "cut": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "altered": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "removed": lambda data: None,
}


def filled(lake: Lake) -> Lake:
    """Something of each kind of object that a lake holds."""
    lake.put(DAY.format(1), customers(*range(5)) + BAD)
    lake.put(DAY.format(2), customers(*range(6)))
    lake.put("shop/2026-01-02/visit.csv", visits((1, "C1"), (2, "C2")))
    lake.put("shop/exp/db/db.customer/1/part-0.parquet", customer_parquet(*range(6)))
    told = {"status": "COMPLETE", "snapshotTime": "2026-01-02T20:00:00Z"}
    lake.put("shop/export_info_exp.json", json.dumps(told))
    lake.put("shop/picture.png", b"PNG")
    lake.land()
    lander.discard(lake.context, "shop/picture.png", "not ours")
    lake.put("shop/picture.jpg", b"JPG")
    lake.land()
    return lake


def damaged(lake: Lake, damage: str) -> Iterator[str | None]:
    """Do this to one object after the other, and put each right again; yields what is wrong with what came of it.

    No command ends in anything but the errors that have an exit code.
    """
    lander.register(lake.context)
    command = lander.land if damage in ("cut", "removed") else lander.register
    for key in _worth_damaging(lake, damage):
        whole = lake.store.read(key)
        spoilt = DAMAGES[damage](whole)
        lake.store.delete(key) if spoilt is None else lake.store.put(key, spoilt)
        named = key in _named(lake, key, damage)
        with suppress(LandfallError):
            command(lake.context)
        lake.store.put(key, whole)
        yield None if named else f"{damage}: verify does not name {key}"
    lander.register(lake.context)
    if lost := [one for one in verify(lake.context, reads_all=True) if one.severity == "lost"]:
        yield f"{damage}: {lost} after all was put right"


def _worth_damaging(lake: Lake, damage: str) -> list[str]:
    """The objects that something reads."""
    unread = ("inbox/", ".landing/")
    # then there is nothing of it anywhere, as if it had never been
    unread += ("manifests/refusals", "archive/discarded") if damage == "removed" else ()
    return sorted(
        key
        for key in _current(lake)
        if not key.startswith(unread) and not (key.endswith(".json") and "archive/" in key)
    )


def _current(lake: Lake) -> set[str]:
    """The keys of a lake, but for derived objects that are no longer the newest of their table."""
    with duckdb.connect(str(lake.settings.warehouse), read_only=True) as connection:
        views = "".join(
            sql for (sql,) in connection.execute("select sql from duckdb_views()").fetchall()
        )
    derived = {key for key in lake.keys("raw/landfall/") if "manifests/" not in key}
    return set(lake.keys("")) - {key for key in derived if lake.store.uri(key) not in views}


def _named(lake: Lake, key: str, damage: str) -> set[str]:
    """What `verify` names, and what it need not."""
    places = {one.where for one in verify(lake.context, reads_all=True)}
    if damage == "removed":
        table = f"{key.rpartition('/')[0].rpartition('/')[0]}/"
        if key.startswith("raw/landfall/") and any(place.startswith(table) for place in places):
            places.add(key)  # as missing, or an older one
        if key == "manifests/pseudonym_key.json":
            places.add(key)  # the next landing with a key makes it again
    return places
