"""What the children of the worker do: commands of Landfall over the lake of a task, and what came of them."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from ingestion import land, pages, pipeline, verify
from ingestion.access import AudienceFile
from ingestion.aws import is_on_s3
from ingestion.extract import run as extraction
from ingestion.land import Context
from ingestion.pipeline import report_pages, steps
from ingestion.pipeline.side_file import SideFile
from ingestion.store import LocalStore, lease
from tests.ingestion.faults.database import connected
from tests.ingestion.faults.wire import NoCatalog, Wired
from tests.ingestion.lakes import Lake

BEGUN = datetime(2026, 1, 20, 12)
"""When the first command runs, by the clock of the lake."""

LATER = "later"
"""Beside the lake: what is delivered while a run builds."""

ASLEEP = "asleep"
"""Beside the lake: the id of the process that has stopped amid its build."""

ROLE = "desk"
_LEASE = timedelta(seconds=2.4)
_WAITS = 30.0
_STEPS = ("list", "fetch", "read", "put_file", "put", "put_all_if_absent", "delete")


def context_of(lake: Lake) -> Context:
    """The lake's; on S3 without engines, which would need more of S3 than the stand-in has."""
    context = lake.context
    return replace(context, catalog=NoCatalog()) if is_on_s3(lake.settings.lake) else context


def landing(lake: Lake) -> None:
    """What `land` does."""
    land.land(context_of(lake))


def forgetting(lake: Lake) -> None:
    """What `forget` does, of a customer who is in files of every kind; and a landing after it."""
    land.forget(context_of(lake), "person", "C1", "a test")
    land.land(context_of(lake))


def running(lake: Lake, amid: Callable[[Lake], None] | None = None) -> None:
    """What `run` does, but for dbt: the warehouse has one table, one role has a file of its own, and there is a page.

    When it has built, and is about to publish, what lies in LATER is delivered, and another process lands it. A run
    that comes later finds it delivered, so that its figures have it. `amid` is called while it builds.
    """
    opened = steps.open_context
    is_later = bool(lake.now and lake.now > BEGUN)
    if is_later:
        deliver_later(lake)

    def built(context: Context, *_: Any) -> Any:
        if amid:
            amid(lake)
        with duckdb.connect(str(context.settings.warehouse)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute(
                "create or replace table marts.figures as select count(*) as visits from raw_shop.visit"
            )
        page = role_file(context.settings.warehouse).with_name("docs.html")
        return SimpleNamespace(
            docs=partial(documented, page),
            rows=lambda _: [],
            described=dict,
            answers=lambda: _figures_in(context.settings.warehouse),
        )

    def written(context: Context, report: Any, *_: Any) -> None:
        place = role_file(context.settings.warehouse)
        desk = AudienceFile(ROLE, place, 0o600, {"marts.figures": {"visits": "shown"}})
        desk.write(context.settings.warehouse)
        report.audiences = [desk]

    def documented(page: Path) -> Path:
        page.write_text("every model")
        if not is_later and (lake.settings.project_dir.parent / LATER).exists():
            deliver_later(lake)
            land.land(lake.context)
        return page

    def at_its_time(*words: Any, **named: Any) -> Context:
        now, context = lake.now, opened(*words, **named)
        return replace(context, clock=lambda: now) if now else context

    steps._build_with_dbt = built
    steps._write_audiences = written
    steps._figures_of = lambda _: []
    pages.write_pages = _page
    steps.open_context = at_its_time
    wait = timedelta(seconds=_WAITS if not lake.now else 0)
    pipeline.run(lake.settings, wait=wait)


def _page(
    _: Path, __: Any, figures: Callable[[], Any], folder: Path, ___: Path | None
) -> list[Path]:
    """A page for people that has the figures, in place of all of them."""
    (folder / report_pages.FIRST).write_text(str(figures()))
    return [folder / report_pages.FIRST]


def _figures_in(file: Path) -> Any:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute("select visits from marts.figures").fetchall()


def role_file(warehouse: Path) -> Path:
    """Where the role's file lies."""
    return warehouse.with_name(f"{warehouse.stem}_{ROLE}.duckdb")


def deliver_later(lake: Lake) -> None:
    """Deliver what lies in LATER."""
    later = lake.settings.project_dir.parent / LATER
    for path in sorted(later.rglob("*.csv")):
        target = Path(lake.settings.lake) / "inbox" / path.relative_to(later)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another run has delivered it
            path.rename(target)


def extracting(lake: Lake) -> None:
    """What `extract` does, of a database in memory; what an earlier one has brought is landed before."""
    land.land(lake.context)
    extraction.connected = connected  # type: ignore[assignment]
    extraction.extract(lake.context, "shop", ["note"], address=object())  # type: ignore[arg-type]
    land.land(lake.context)


def sleeping(lake: Lake) -> None:
    """A run whose machine sleeps amid its build, until its lease has run out and another has it."""

    def asleep(_: Lake) -> None:
        (lake.settings.project_dir.parent / ASLEEP).write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(_WAITS)  # out of which the keeper of the lease interrupts it

    _with_short_lease()
    running(lake, asleep)


def inheriting(lake: Lake) -> None:
    """A run that waits for the lease of one that sleeps, has it, and wakes the other when all is published."""
    place, until = lake.settings.project_dir.parent / ASLEEP, time.monotonic() + _WAITS
    while not (place.exists() and place.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    _with_short_lease()
    try:
        running(lake)
    finally:
        os.kill(int(place.read_text()), signal.SIGCONT)


def _with_short_lease() -> None:
    lease._POLL_SECONDS = 0.1
    steps.hold_lease = partial(lease.hold_lease, duration=_LEASE)


def state_of(lake: Lake) -> str:
    """What there is, as JSON, for another history of the same deliveries to be compared with."""
    found = lake.fingerprint()
    found["lost"] = [
        repr(f) for f in verify.verify(lake.context, reads_all=True) if f.severity != "note"
    ]
    # files that were being written are left for an hour: whether their writer lives is not known
    folders = (p for p in (Path(lake.settings.lake) / ".landing").iterdir() if p.is_dir())
    found["leftovers"] = sorted(p.name for p in folders)
    found["published"] = _published(lake.settings.warehouse)
    return json.dumps(found, default=str, sort_keys=True)


def _published(warehouse: Path) -> Any:
    """The figures in the warehouse, in the role's file and on the page: the same; None before the first publication.

    Beside them whether a role's file is no longer as it was published.
    """
    if not role_file(warehouse).exists():
        return None
    side = SideFile(warehouse)
    files = [_figures_in(file) for file in (warehouse, role_file(warehouse))]
    return [*files, (side.report / report_pages.FIRST).read_text(), side.audiences_differ()]


def overtaken(lake: Lake) -> None:
    """A landing of a cut extract, amid which another lander commits the day before."""
    put_file = LocalStore.put_file

    def late(self: LocalStore, key: str, *words: Any) -> None:
        if key.startswith("raw/shop"):
            LocalStore.put_file = put_file  # type: ignore[method-assign]
            lake.put("shop/2026-01-01/note.csv", "body\n" + "row\n" * 100)
            land.land(lake.context, object_key="shop/2026-01-01/note.csv")
        put_file(self, key, *words)

    lake.put("shop/2026-01-02/note.csv", "body\nrow\n")
    LocalStore.put_file = late  # type: ignore[method-assign]
    land.land(lake.context, object_key="shop/2026-01-02/note.csv")
    print(sorted(m.landed for m in lake.manifests if m.table == "note"))  # noqa: T201


def wired(lake: Lake) -> None:
    """A landing on S3 whose commit is refused, or said to be done, and is not; what is wrong then."""
    whole = Wired(lake.settings.project_dir.parent / "wired")
    commit = next(
        n
        for n, told in enumerate(whole.told, 1)
        if told.startswith("PUT /lake/some/manifests/shop")
    )
    with whole.wire() as wire:
        print([whole.problem(wire, commit, fault) for fault in ("412", "ignored")])  # noqa: T201


WORK = {
    "overtaken": overtaken,
    "wired": wired,
    "land": landing,
    "run": running,
    "extract": extracting,
    "forget": forgetting,
    "sleep": sleeping,
    "inherit": inheriting,
}


def stumble(dice: random.Random, store: type[Any]) -> None:
    """Before each step, this process waits for some milliseconds: no two take the same turns."""

    def late(step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def call(*args: Any, **words: Any) -> Any:
            time.sleep(0.02 * dice.random() ** 2)
            return step(*args, **words)

        return call

    for name in _STEPS:
        setattr(store, name, late(getattr(store, name)))
