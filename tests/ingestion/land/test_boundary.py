"""One boundary per delivery: whatever one does, the others land and the command ends as documented."""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import land as lander
from ingestion.formats import Extract
from ingestion.land import worker
from ingestion.land.extract import ExtractLander
from ingestion.outcome import Outcome
from tests.ingestion.lakes import Lake, customer_parquet, customers

GOOD = "shop/2026-01-09/customer.csv"
BAD = "shop/2026-01-08/customer.csv"
SECRET = "Zqx the value of a cell"


def landed_beside(lake: Lake) -> list[tuple[str, str | None, str]]:
    """Deliver a good extract, land, and return what became of the others. `status` must not fail either."""
    lake.put(GOOD, customers(1, 2))
    outcomes = {outcome.extract: outcome for outcome in lake.land()}
    assert outcomes.pop(GOOD).outcome == "landed"
    lander.status(lake.context)
    return [(o.outcome, o.code, o.message) for o in outcomes.values()]


@pytest.mark.parametrize(
    "name",
    [
        "shop/0001-01-01/customer.csv",
        "shop/9999-12-31/customer.csv",
        "shop/1899-12-31/customer.csv",
        "shop/2201-01-01/customer.csv",
        "shop/dms/customer/00010101-000000000.csv",
        "shop/dms/customer/0001/01/01/20260101-000000000.csv",
        "shop/dms/customer/99991231-235959999.csv",
    ],
)
def test_a_year_with_which_no_calendar_can_reckon_is_a_bad_name(
    local_lake: Lake, name: str
) -> None:
    local_lake.put(name, customers(7))
    assert landed_beside(local_lake) == [("refused", "bad_name", "")]
    lander.discard(local_lake.context, name, "no such day")
    assert local_lake.inbox == []


def test_a_time_of_the_file_system_that_no_calendar_has(local_lake: Lake) -> None:
    name = "shop/dms/customer/LOAD00000001.csv"
    local_lake.put(name, "C1,1/2/1980,5\n")
    os.utime(Path(local_lake.settings.lake) / "inbox" / name, (10**12, 10**12))
    local_lake.now = datetime(2026, 1, 10)
    assert landed_beside(local_lake) == [("waiting", "still_arriving", "")]


STEPS = (
    "ingestion.inbox.survey.Surveyor._timed",
    "ingestion.land.extract.larger_loads",
    "ingestion.land.extract.fetch_parts",
    "ingestion.land.extract.load_id_of",
    "ingestion.land.extract.is_far_ahead",
    "ingestion.land.convert.find_repeated",
    "ingestion.land.convert.read_extract",
    "ingestion.land.convert.Lineage.complete",
    "ingestion.land.extract.below_floor",
    "ingestion.land.extract.kept_counts",
    "ingestion.land.extract.arrival_warnings",
    "ingestion.land.extract.manifest_of",
    "ingestion.land.extract.store_files",
)


@pytest.mark.parametrize("step", STEPS)
def test_an_unexpected_error_refuses_one_extract_by_the_exceptions_type_alone(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The first of two extracts fails in this step; repeated keys, so that every step is reached."""
    module, _, name = step.rpartition(".")
    owner: Any = _resolved(module)
    original, calls = getattr(owner, name), []

    def failing_once(*args: Any, **words: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise ZeroDivisionError(SECRET)
        return original(*args, **words)

    local_lake.put(BAD, customers(1, 1, 2))
    monkeypatch.setattr(owner, name, failing_once)
    assert landed_beside(local_lake) == [("refused", "unreadable", "ZeroDivisionError")]
    monkeypatch.undo()
    assert local_lake.land_one().outcome == "landed"


def _resolved(path: str) -> Any:
    """The module or class of this dotted path."""
    import importlib

    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(importlib.import_module(module), name)


def test_no_text_of_an_exception_is_kept(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(self: ExtractLander, folder: Path) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(ExtractLander, "_identify", failing)
    local_lake.put(BAD, customers(1))
    outcome = local_lake.land_one()
    assert (outcome.code, outcome.message) == ("unreadable", "ValueError")
    texts = [local_lake.store.read(key) for key in local_lake.keys("manifests/")]
    assert SECRET not in caplog.text + str(outcome) + str(texts)


RECORDS = {
    "a time without bounds": '{"status": "COMPLETE", "snapshotTime": 1e999}',
    "infinity": '{"status": "COMPLETE", "snapshotTime": Infinity}',
    "year 1": '{"status": "COMPLETE", "snapshotTime": "0001-01-01T00:00:00+14:00"}',
    "year 9999": '{"status": "COMPLETE", "snapshotTime": "9999-12-31T23:59:59-12:00"}',
    "no time": '{"status": "COMPLETE"}',
    "depth": '{"status": "COMPLETE", "snapshotTime": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "depth beside": '{"status": "COMPLETE", "snapshotTime": "2026-01-08T00:00:00Z", "x": '
    + '{"a":' * 100_000 + "1" + "}" * 100_001,
    "a long number": '{"status": "COMPLETE", "snapshotTime": ' + "9" * 5_000 + "}",
}  # fmt: skip


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_of_a_set_that_no_service_writes_refuses_the_set(
    local_lake: Lake, record: str
) -> None:
    part = "shop/e1/db/db.customer/1/part-00000-x.parquet"
    local_lake.put(part, customer_parquet(1))
    local_lake.put("shop/export_info_e1.json", RECORDS[record])
    (found,) = landed_beside(local_lake)
    assert found[:2] == ("refused", "bad_record")
    lander.discard(local_lake.context, part, "broken")
    assert part not in local_lake.inbox


def test_a_record_of_a_set_that_is_larger_than_any_is_not_read(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.inbox.exports.base._MOST_BYTES", 100)
    local_lake.put("shop/e1/db/db.customer/1/part-00000-x.parquet", customer_parquet(1))
    local_lake.put(
        "shop/export_info_e1.json",
        json.dumps({"status": "COMPLETE", "snapshotTime": "2026-01-08T00:00:00Z", "x": "y" * 100}),
    )
    assert landed_beside(local_lake) == [("refused", "bad_record", "larger than any record")]


# a day far ahead


def released(lake: Lake, load_id: str | None) -> Outcome:
    return lake.land_one(release=load_id)


def test_an_extract_of_a_day_far_ahead_is_held_until_a_person_lets_it_pass(lake: Lake) -> None:
    lake.now = datetime(2026, 1, 10, 3, 0)  # ten in the evening of the ninth in New York
    lake.put("shop/2026-01-10/customer.csv", customers(1, 2))
    assert lake.land_one().outcome == "landed"
    lake.put("shop/2026-01-11/customer.csv", customers(1, 2))
    lake.put("shop/2122-03-02/customer.csv", customers(1, 2))
    held, far = lake.land()
    assert [(o.outcome, o.code) for o in (held, far)] == [("refused", "future_extract")] * 2
    assert far.message == f"if that is right: land --release {far.load_id}"
    outcome = next(o for o in lake.land(release=held.load_id) if o.load_id == held.load_id)
    assert (outcome.outcome, outcome.warnings) == ("landed", {"future_extract": 1})
    assert outcome.extract_date == date(2026, 1, 11)


# what is not a file


def test_links_pipes_and_devices_are_refused_and_never_read(
    local_lake: Lake, tmp_path: Path
) -> None:
    secret = tmp_path / "elsewhere.csv"
    secret.write_text(customers(9))
    folder = Path(local_lake.settings.lake) / "inbox/shop/2026-01-07"
    folder.mkdir(parents=True)
    (folder / "customer.csv").symlink_to(secret)
    (folder / "visit.csv").symlink_to("/dev/zero")
    os.mkfifo(folder / "price.csv")
    os.mkfifo(folder.parent / "export_info_e1.json")
    local_lake.put("shop/e1/db/db.customer/1/part-00000-x.parquet", customer_parquet(1))
    (folder.parent / "2026-01-06").symlink_to(tmp_path)
    found = landed_beside(local_lake)
    assert sorted(found) == [("refused", "not_a_file", "")] * 5 + [
        ("waiting", "incomplete_export", "")
    ]
    for name in ("customer.csv", "price.csv"):
        lander.discard(local_lake.context, f"shop/2026-01-07/{name}", "no file")
        assert f"shop/2026-01-07/{name}" not in local_lake.inbox
    assert secret.read_text() == customers(9)


def test_a_file_that_is_a_link_by_the_time_it_is_read_is_not_followed(
    local_lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(BAD, customers(1))
    secret = tmp_path / "elsewhere.csv"
    secret.write_text(customers(9))
    path = Path(local_lake.settings.lake) / "inbox" / BAD
    from ingestion.land import extract

    fetch = extract.fetch_parts

    def swapped(*args: Any) -> Any:
        if not path.is_symlink():
            path.unlink()
            path.symlink_to(secret)
        monkeypatch.setattr(extract, "fetch_parts", fetch)
        return fetch(*args)

    monkeypatch.setattr(extract, "fetch_parts", swapped)
    assert landed_beside(local_lake) == [("refused", "unreadable", "")]


def test_what_is_appended_while_it_is_read_is_not_copied(tmp_path: Path) -> None:
    from ingestion.store.files import copy

    (tmp_path / "source").write_bytes(b"abcdef")
    with (tmp_path / "source").open("rb") as source:
        copy(source.fileno(), tmp_path / "copy", 4)
    assert (tmp_path / "copy").read_bytes() == b"abcd"


# discard


@pytest.mark.parametrize(
    "name",
    [
        BAD,  # good, and not landed yet
        "shop/picture.png",  # of no contract, and never looked at
        "shop/dms/customer/LOAD00000001.csv",  # still arriving
        "shop/e1/db/db.customer/1/part-00000-x.parquet",  # of a set that is not whole
        "shop/export_info_e1.json",  # the record of a set
        "shop/2026-02-30/customer.csv",
        "shop/a;b\x1b[31m/customer.csv",
        "shop/\udcff/customer.csv",
    ],
)
@pytest.mark.parametrize("is_printed", [False, True])
def test_any_object_of_the_inbox_can_be_put_aside(
    local_lake: Lake, name: str, is_printed: bool
) -> None:
    local_lake.put(name, b"x")
    shown = name.encode("unicode_escape", "surrogatepass").decode() if is_printed else name
    place = lander.discard(local_lake.context, shown, "not wanted")
    assert local_lake.inbox == []
    assert local_lake.store.read(place) == b"x"


def test_a_broken_record_of_a_refusal_is_written_anew(local_lake: Lake) -> None:
    local_lake.put(BAD, b"")
    assert local_lake.land_one().code == "empty_object"
    (key,) = local_lake.keys("manifests/refusals/")
    local_lake.store.put(key, b"{")
    assert landed_beside(local_lake) == [("refused", "empty_object", "")]
    assert json.loads(local_lake.store.read(key))["code"] == "empty_object"


# the process that converts


def exhausting() -> None:
    """Ask for more memory than a process that converts may have."""
    bytearray(worker.MEMORY + 2**30)


def crashing() -> None:
    """Die as if the system had killed the process."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="converts in its own process")
@pytest.mark.parametrize(
    ("disaster", "detail"), [(crashing, "SIGKILL"), (exhausting, "MemoryError")]
)
def test_a_crash_or_exhausted_memory_refuses_one_file_and_ends_nothing(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, disaster: Callable[[], None], detail: str
) -> None:
    from ingestion.land import convert

    read = convert.read_extract

    def deadly(parts: Any, extract: Extract) -> Any:
        if extract.name != GOOD:
            disaster()
        return read(parts, extract)

    monkeypatch.setattr(convert, "read_extract", deadly)
    for day in (6, 7, 8):
        local_lake.put(f"shop/2026-01-0{day}/customer.csv", customers(day))
    assert landed_beside(local_lake) == [("refused", "unreadable", detail)] * 3
    monkeypatch.undo()
    assert [outcome.outcome for outcome in local_lake.land()] == ["landed"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="converts in its own process")
def test_an_extract_whose_process_was_killed_once_is_converted_by_another(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Refused, it would be missing where the next day's extract is judged: a cut one would be landed."""
    from ingestion.land import convert

    read, was_killed = convert.read_extract, tmp_path / "was_killed"

    def deadly(parts: Any, extract: Extract) -> Any:
        for batch in read(parts, extract):
            yield batch
            if not was_killed.exists():
                was_killed.touch()
                crashing()

    monkeypatch.setattr(convert, "read_extract", deadly)
    local_lake.put("shop/2026-01-06/customer.csv", customers(*range(100)))
    local_lake.put("shop/2026-01-07/customer.csv", customers(1))
    assert [(outcome.outcome, outcome.code) for outcome in local_lake.land()] == [
        ("landed", None),
        ("refused", "row_floor"),
    ]
    assert was_killed.exists()


def test_no_process_is_left_behind(local_lake: Lake) -> None:
    local_lake.put(GOOD, customers(1))
    before = children()
    local_lake.land()
    assert children() <= before


def children() -> set[str]:
    """The processes that this one has started and that are still there: servers of other tests too."""
    found: set[str] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread of another test may end meanwhile
            found.update((thread / "children").read_text().split())
    return found
