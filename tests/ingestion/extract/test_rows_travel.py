"""The rows that were read travel with the extract: landing compares them, whatever happens on the way."""

from typing import Any

import pytest

from ingestion import land as lander
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract import extract
from tests.ingestion.extract.conftest import Server
from tests.ingestion.extract.test_values import contract
from tests.ingestion.lakes import Lake, write_project

TABLE = ("create table thing (id int, a text)", "insert into thing values (1, 'x'), (2, 'y')")


@pytest.fixture
def name(postgres: Server, local_lake: Lake) -> str:
    """The name of an extract of two rows, which lies in the inbox."""
    write_project(local_lake.settings.project_dir, contract("a string"))
    postgres.run(*TABLE)
    (done,) = extract(local_lake.context, "shop", address=postgres.address)
    assert local_lake.inbox == [done.extract, f"{done.extract}.rows.json"]
    return str(done.extract)


def outcomes(lake: Lake) -> list[tuple[str, Any]]:
    """What became of each extract, and why."""
    return [(outcome.outcome, outcome.code) for outcome in lake.land()]


def test_the_record_is_archived_with_its_extract(name: str, local_lake: Lake) -> None:
    assert outcomes(local_lake) == [("landed", None)]
    assert local_lake.inbox == []
    assert f"archive/{name}.rows.json" in local_lake.keys("archive/")
    # what comes under this name later is another delivery, of which nothing was promised
    local_lake.store.put(f"inbox/{name}", b"id,a\n3,z\n")
    assert outcomes(local_lake) == [("landed", None)]


@pytest.mark.parametrize("content", [b"id,a\n1,x\n", b"id,a\n1,x\n2,y\n3,z\n"])
def test_another_number_of_rows_is_refused_and_put_aside_with_its_record(
    content: bytes, name: str, local_lake: Lake
) -> None:
    local_lake.store.put(f"inbox/{name}", content)
    assert outcomes(local_lake) == [("refused", "incomplete_export")]
    assert outcomes(local_lake) == [("refused", "incomplete_export")]
    assert local_lake.manifests == []
    lander.discard(local_lake.context, name, "lost rows on its way")
    assert local_lake.inbox == []


@pytest.mark.parametrize(
    "record", [b"", b"[", b"{}", b'{"rows": -1}', b'{"rows": true}', b"7", b"[" * 100_000]
)
def test_a_record_that_tells_nothing_refuses_its_extract(
    record: bytes, name: str, local_lake: Lake
) -> None:
    local_lake.store.put(f"inbox/{name}.rows.json", record)
    assert outcomes(local_lake) == [("refused", "bad_record")]


def test_events_come_for_the_record_too(name: str, local_lake: Lake) -> None:
    """Before its file is there, with it, and after all is landed."""
    record, file = f"{name}.rows.json", f"inbox/{name}"
    data = local_lake.store.read(file)
    local_lake.store.delete(file)
    assert lander.land(local_lake.context, object_key=record) == []
    local_lake.store.put(file, data)
    assert [o.outcome for o in lander.land(local_lake.context, object_key=record)] == ["landed"]
    assert lander.land(local_lake.context, object_key=record) == []
    with pytest.raises(BadSettings, match="no such object in the inbox"):
        lander.land(local_lake.context, object_key="shop/nothing.csv.rows.json")


def test_a_record_without_a_file_is_nothing_and_the_next_extraction_removes_it(
    postgres: Server, local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the two."""
    write_project(local_lake.settings.project_dir, contract("a string"))
    postgres.run(*TABLE)
    context = local_lake.context

    def full(*words: Any) -> None:
        raise LandingFailed("the lake cannot be used (write): No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(context.store, "put_file", full)
        with pytest.raises(LandingFailed):
            extract(context, "shop", address=postgres.address)
    (orphan,) = local_lake.inbox
    assert outcomes(local_lake) == []
    assert local_lake.inbox == [orphan]
    (done,) = extract(context, "shop", address=postgres.address)
    assert set(local_lake.inbox) - {orphan} <= {done.extract, f"{done.extract}.rows.json"}
    assert outcomes(local_lake) == [("landed", None)]
    assert local_lake.inbox == []


def test_an_extract_that_was_delivered_again_is_known_and_leaves_with_its_record(
    name: str, local_lake: Lake
) -> None:
    """As after a kill between the commit and the clearing of the inbox."""
    there = {key: local_lake.store.read(f"inbox/{key}") for key in local_lake.inbox}
    assert outcomes(local_lake) == [("landed", None)]
    for key, data in there.items():
        local_lake.store.put(f"inbox/{key}", data)
    assert [outcome for outcome, _ in outcomes(local_lake)] == ["nothing"]
    assert local_lake.inbox == []
