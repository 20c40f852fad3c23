"""`extract` for its users: files in the inbox, watermarks, waiting for other extractions, error messages."""

import contextlib
import json
import re
import threading
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from ingestion.cli import main
from ingestion.errors import BadSettings, LandingFailed
from ingestion.extract import extract, run
from ingestion.extract import postgres as pg
from ingestion.extract.address import address_of
from ingestion.extract.postgres import Postgres
from ingestion.extract.watermarks import keeper_of
from tests.ingestion.extract.conftest import Server
from tests.ingestion.extract.test_interleavings import TABLE, rows_of
from tests.ingestion.formats.support import column, extract_of
from tests.ingestion.lakes import Lake

TAG = 'create table tag ("tagId" int primary key, extra text)'
SALE = "insert into sale (note, amount, sold_on, paid, last_updated) values"
MUCH = "insert into sale (note, last_updated) select repeat('x', 400), now() from generate_series(1, 40000)"
ROW = "('x', 1.5, '2026-02-03', true, now())"


def tables(server: Server) -> None:
    """Two tables with a row each."""
    server.run(f"alter database {server.address.database} set timezone = 'UTC'", TABLE, TAG)
    server.run(f"{SALE} {ROW}", "insert into tag values (1, 'personal')")


def test_all_tables_come_from_one_snapshot_and_land(postgres: Server, live_lake: Lake) -> None:
    tables(postgres)
    live_lake.now = datetime(2026, 2, 4, 3, 30, 1, 500_000)
    done = extract(live_lake.context, "shop", address=postgres.address)
    assert [(e.table, e.rows, e.extract) for e in done] == [
        ("sale", 1, "shop/2026-02-04T03-30-01Z/sale.csv"),
        ("tag", 1, "shop/2026-02-03/tag.csv"),  # still the day before in New York
    ]
    assert live_lake.store.read("inbox/shop/2026-02-03/tag.csv") == b"tagId\n1\n"
    live_lake.now = None
    assert [(o.outcome, o.landed) for o in live_lake.land()] == [("landed", 1)] * 2
    ((sold_on, paid, amount, extracted_at),) = live_lake.query(
        "select sold_on::text, paid, amount::text, _extracted_at::text from raw_shop.sale"
    )
    assert (sold_on, paid, amount, extracted_at) == (
        "2026-02-03", True, "1.50", "2026-02-04 03:30:01",
    )  # fmt: skip


def test_a_write_between_two_tables_is_in_neither(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    copy = Postgres.copy

    def disturbed(self: Postgres, selection: Any, target: Any) -> int:
        postgres.run(f"{SALE} {ROW}", 'insert into tag select max("tagId") + 1 from tag')
        return copy(self, selection, target)

    monkeypatch.setattr(Postgres, "copy", disturbed)
    assert [e.rows for e in extract(live_lake.context, "shop", address=postgres.address)] == [1, 1]


def test_what_commits_while_the_snapshot_is_taken_is_read_now_or_later(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open transactions are asked for before the snapshot: the other way round this row would be lost."""
    tables(postgres)
    session = postgres.session()
    session.autocommit = False
    session.cursor().execute(f"{SALE} {ROW}")
    calls: list[str] = []

    def then_commit(name: str) -> None:
        original = getattr(Postgres, name)

        def called(self: Postgres) -> Any:
            result = original(self)
            if not calls:
                session.commit()
            calls.append(name)
            return result

        monkeypatch.setattr(Postgres, name, called)

    then_commit("horizon")
    then_commit("snapshot")
    taken: set[tuple[str, ...]] = set()
    for _ in range(2):
        done = extract(
            live_lake.context, "shop", ["sale"], address=postgres.address, margin=timedelta(0)
        )
        taken |= set(rows_of(live_lake.store, str(done[0].extract)))
    assert {row[0] for row in taken} == {"1", "2"}


def test_a_table_that_fails_amid_its_rows_is_left_out_and_its_watermark_stays(
    postgres: Server, live_lake: Lake
) -> None:
    """What was written of it is delivered nowhere, and the next table is of the same snapshot."""
    tables(postgres)
    extract(live_lake.context, "shop", address=postgres.address)
    before = keeper_of(live_lake.store, "shop").read()
    there = live_lake.inbox
    postgres.run(
        "alter table sale drop column amount",
        "create function no(int) returns int language sql as 'select 1 / (3000 - $1)'",
        "insert into sale (note, last_updated) select 'x', now() from generate_series(1, 5000)",
        "alter table sale rename to s",
        "create view sale as select *, no(sale_id::int) as amount from s",
    )
    said = "shop.sale: the database refuses the query (code 22012)"
    with pytest.raises(BadSettings, match=rf"^{re.escape(said)}$"):
        extract(live_lake.context, "shop", ["sale"], address=postgres.address)
    assert keeper_of(live_lake.store, "shop").read() == before
    assert live_lake.inbox == there
    live_lake.land()
    done = extract(live_lake.context, "shop", address=postgres.address)
    assert [(e.table, e.rows, e.problem) for e in done] == [("tag", 1, None), ("sale", 0, said)]
    assert keeper_of(live_lake.store, "shop").read().tables == before.tables
    assert [name.split("/")[-1] for name in live_lake.inbox] == ["tag.csv", "tag.csv.rows.json"]


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (('create materialized view tag as select 1 as "tagId" with no data',), "55000"),
        (
            (
                "create function f() returns int language sql as 'select 1'",
                "revoke all on function f() from public",
                'create view tag as select f() as "tagId"',
            ),
            "42501",
        ),
    ],
)
def test_a_view_that_cannot_be_read_is_left_out_with_the_servers_code(
    postgres: Server, live_lake: Lake, statements: tuple[str, ...], code: str
) -> None:
    tables(postgres)
    name = postgres.address.database
    postgres.run("drop table tag", *statements)
    postgres.run(f"create role {name} login", f"grant select on sale, tag to {name}")
    plain = replace(postgres.address, user=name)
    done = extract(live_lake.context, "shop", address=plain)
    said = f"shop.tag: the database refuses the query (code {code})"
    assert [(e.table, e.rows, e.problem) for e in done] == [("sale", 1, None), ("tag", 0, said)]
    postgres.run(f"drop owned by {name}", f"drop role {name}")


@pytest.mark.parametrize(
    "statements",
    [
        ("truncate tag", "insert into tag values (2, 'again')"),
        (
            "create table new_tag as select * from tag",
            "alter table tag rename to old_tag",
            "alter table new_tag rename to tag",
        ),
        ("alter table tag alter extra type varchar(20) using extra || '!'",),
        (
            'alter table tag rename to part; create view tag as select "tagId" from part',
            "truncate part",
        ),
    ],
)
def test_a_table_that_is_loaded_anew_after_the_snapshot_is_left_out(
    postgres: Server,
    live_lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    statements: tuple[str, ...],
) -> None:
    """The snapshot sees no row of it: it would be delivered as empty."""
    tables(postgres)
    snapshot = Postgres.snapshot

    def then_load(self: Postgres) -> Postgres:
        taken = snapshot(self)
        postgres.run(*statements)
        return taken

    monkeypatch.setattr(Postgres, "snapshot", then_load)
    done = extract(live_lake.context, "shop", address=postgres.address)
    said = (
        "shop.tag: it was truncated, rewritten or replaced while the extraction began: run it again"
    )
    assert [(e.table, e.rows, e.problem) for e in done] == [("sale", 1, None), ("tag", 0, said)]
    monkeypatch.undo()
    (done_again,) = extract(live_lake.context, "shop", ["tag"], address=postgres.address)
    assert done_again.problem is None


def test_a_table_that_others_have_locked_is_left_out(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    monkeypatch.setattr(pg, "_SETTINGS", pg._SETTINGS.replace("60s", "200ms"))
    with contextlib.closing(postgres.session()) as session:
        session.autocommit = False
        session.cursor().execute("lock table tag")
        done = extract(live_lake.context, "shop", address=postgres.address)
    said = "shop.tag: the database refuses the query (code 55P03)"
    assert [(e.table, e.rows, e.problem) for e in done] == [("sale", 1, None), ("tag", 0, said)]


def test_a_table_is_read_whole_when_the_servers_clock_is_behind_its_watermark(
    postgres: Server, live_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows that were written since the clock was set back look older than the watermark."""
    tables(postgres)
    extract(live_lake.context, "shop", ["sale"], address=postgres.address)
    keeper = keeper_of(live_lake.store, "shop")
    known = keeper.read()
    ahead = {name: mark + timedelta(hours=1) for name, mark in known.tables.items()}
    keeper.write(known.model_copy(update={"tables": ahead}))
    postgres.run(f"{SALE} {ROW}")
    (done,) = extract(live_lake.context, "shop", ["sale"], address=postgres.address)
    assert (done.rows, done.since) == (2, None)
    assert "the server's clock is behind the watermark, read whole: sale" in caplog.text
    assert keeper.read().tables["sale"] < ahead["sale"]


def test_a_watermark_moves_only_when_the_files_are_in_the_inbox(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    context = live_lake.context

    def full(*words: Any) -> None:
        raise LandingFailed("the lake cannot be used (write): No space left on device")

    monkeypatch.setattr(context.store, "put_file", full)
    with pytest.raises(LandingFailed):
        extract(context, "shop", address=postgres.address)
    assert keeper_of(live_lake.store, "shop").read().tables == {}


def test_a_server_that_breaks_off_amid_a_table_moves_nothing_and_the_next_run_reads_it_all(
    postgres: Server,
    live_lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables(postgres)
    postgres.run(MUCH)
    copy = Postgres.copy

    class Cut:
        """Ends the session once the first rows have come."""

        def __init__(self, target: Any) -> None:
            self.target, self.blocks, self.tell = target, 0, target.tell

        def write(self, data: bytes) -> None:
            if not self.blocks:
                postgres.run(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'landfall extract'"
                )
            self.blocks += 1
            self.target.write(data)

    def cut_off(self: Postgres, selection: Any, target: Any) -> int:
        return copy(self, selection, Cut(target))

    with monkeypatch.context() as patch:
        patch.setattr(Postgres, "copy", cut_off)
        with pytest.raises(LandingFailed, match=r"^shop.sale: the database stopped answering \("):
            extract(live_lake.context, "shop", address=postgres.address)
    assert capsys.readouterr().err == ""  # the driver would print the server's own words
    assert keeper_of(live_lake.store, "shop").read().tables == {}
    assert live_lake.inbox == []
    done = extract(live_lake.context, "shop", address=postgres.address)
    assert [(e.rows, e.since) for e in done] == [(40_001, None), (1, None)]


def test_memory_stays_flat_and_progress_tells_the_table_and_its_size(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16 MB pass through, a megabyte at a time."""
    tables(postgres)
    postgres.run(MUCH)
    monkeypatch.setattr("ingestion.extract.run._SECONDS_BETWEEN_SIGNS", 0.001)
    told: list[str] = []
    tracemalloc.start()
    (done,) = extract(
        live_lake.context, "shop", ["sale"], address=postgres.address, progress=told.append
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (done.rows, done.bytes > 16e6) == (40_001, True)
    assert peak < 4e6
    assert told[0] == "sale"
    sizes = [int(line.removeprefix("sale, ").removesuffix(" MB")) for line in told[1:]]
    assert sizes == sorted(sizes) and 0 < sizes[-1] <= 1 + done.bytes / 1e6


def test_only_what_changed_comes_again_unless_the_whole_is_asked_for(
    postgres: Server, live_lake: Lake
) -> None:
    tables(postgres)
    postgres.run("update sale set last_updated = now() - interval '1 hour'")

    def rows(**words: Any) -> int:
        done = extract(live_lake.context, "shop", ["sale"], address=postgres.address, **words)
        return done[0].rows

    assert [rows(), rows(), rows(whole=True), rows()] == [1, 0, 1, 0]
    assert len(live_lake.inbox) == 4 * 2  # each in a folder of its own, however fast they follow


def test_a_transaction_holds_the_watermark_back_also_by_the_overlap(
    postgres: Server, live_lake: Lake
) -> None:
    """The role may see who has a transaction open, or it may not: then the contract says how far to stay behind."""
    tables(postgres)
    name = postgres.address.database
    postgres.run(
        f"create role {name} login", f"grant select on all tables in schema public to {name}"
    )
    plain = replace(postgres.address, user=name)

    def behind(address: Any) -> float:
        extract(live_lake.context, "shop", ["sale"], address=address)
        mark = keeper_of(live_lake.store, "shop").read().tables["sale"]
        ((now,),) = postgres.run("select now() at time zone 'UTC'")
        return float((now - mark).total_seconds())

    assert 30 * 60 <= behind(plain) < 31 * 60
    postgres.run(f"grant pg_read_all_stats to {name}")
    assert 5 <= behind(plain) < 60
    postgres.run("begin", f"{SALE} {ROW}", f"prepare transaction '{name}'")
    assert 30 * 60 <= behind(plain) < 31 * 60
    postgres.run(f"rollback prepared '{name}'", f"drop owned by {name}", f"drop role {name}")


def test_of_two_at_once_one_goes_on_and_the_other_says_who(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    reading, go_on = threading.Event(), threading.Event()
    copy = Postgres.copy

    def slow(self: Postgres, selection: Any, target: Any) -> int:
        reading.set()
        go_on.wait(20)
        return copy(self, selection, target)

    monkeypatch.setattr(Postgres, "copy", slow)
    words = {"address": postgres.address}
    first = threading.Thread(target=extract, args=(live_lake.context, "shop"), kwargs=words)
    first.start()
    assert reading.wait(20)
    with pytest.raises(LandingFailed, match=r"another run is at work: extract-[0-9a-f]{8}, since"):
        extract(live_lake.context, "shop", **words)  # type: ignore[arg-type]
    go_on.set()
    first.join()
    names = {name.split("/")[-1] for name in live_lake.inbox}
    assert names == {"sale.csv", "sale.csv.rows.json", "tag.csv", "tag.csv.rows.json"}


def test_on_s3_the_watermark_is_in_systems_manager_and_the_password_in_a_secret(
    postgres: Server, live_s3_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    there = postgres.address
    secret = {
        "engine": "postgres", "host": there.host, "port": there.port, "dbname": there.database,
        "username": there.user, "password": "", "sslmode": "disable",
        "dbInstanceIdentifier": "shop",
    }  # fmt: skip
    name = f"secret-{there.database}"
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(secret))
    monkeypatch.setenv("LANDFALL_DATABASE_SECRET_SHOP", name)
    assert "never shown" not in repr(address_of("shop"))
    extract(live_s3_lake.context, "shop")
    parameter = f"/landfall/{live_s3_lake.settings.lake.removeprefix('s3://')}/shop/watermarks"
    kept = json.loads(boto3.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])
    assert list(kept["tables"]) == ["sale"]
    assert len(live_s3_lake.inbox) == 4
    assert live_s3_lake.keys("manifests/extract/") == ["manifests/extract/shop.lease.json"]


@pytest.mark.parametrize(
    ("setting", "said", "code"),
    [
        ("postgresql://landfall@127.0.0.1:{port}/{name}?sslmode=never", "sslmode is none of", 2),
        ("postgresql://landfall:s3cret@db.example/{name}?sslmode=require", "on this machine", 2),
        ("postgresql://landfall:s3cret@db.example/{name}?require_auth=md5", "on this machine", 2),
        (
            "postgresql://landfall@127.0.0.1:{port}/{name}?sslrootcert=/no/such",
            "sslrootcert cannot",
            2,
        ),
        ("postgresql://landfall@127.0.0.1:{port}/{name}", "it has no TLS", 4),
        ("postgresql://landfall@127.0.0.1:{port}/{name}?password=s3cret", "not an address", 2),
        ("oracle://landfall:s3cret@127.0.0.1/{name}", "the engine is none of", 2),
        ("postgresql://landfall:s3cret@127.0.0.1:{port}", "no dbname in it", 2),
        ("postgresql://nobody@127.0.0.1:{port}/{name}?sslmode=disable", "does not let us in", 2),
        (
            "postgresql://landfall@127.0.0.1:{port}/{name}_not?sslmode=disable",
            "does not let us in",
            2,
        ),
        ("postgresql://landfall:s3cret@127.0.0.1:1/{name}", "does not answer", 4),
        ("postgresql://{name}_idle@127.0.0.1:{port}/{name}?sslmode=disable", "let us in", 2),
        ("postgresql://{name}_full@127.0.0.1:{port}/{name}?sslmode=disable", "refuses the conn", 4),
        (
            "postgresql://landfall:s3cret@127.0.0.1:{port}/{name}?sslmode=disable",
            "ask for the password by",
            4,
        ),
        ("postgresql://landfall@127.0.0.1:{port}/{name}?sslmode=disable", "not in the database", 2),
        ("", "set LANDFALL_DATABASE_SECRET_SHOP", 2),
    ],
)
def test_an_error_is_one_line_without_a_password(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch,
    setting: str, said: str, code: int,
) -> None:  # fmt: skip
    there = postgres.address
    idle, full = f"{there.database}_idle", f"{there.database}_full"
    postgres.run(f"create role {idle} nologin", f"create role {full} login connection limit 0")
    monkeypatch.setenv("LANDFALL_PROJECT", str(live_lake.settings.project_dir))
    monkeypatch.setenv("LANDFALL_LAKE", live_lake.settings.lake)
    monkeypatch.setenv(
        "LANDFALL_DATABASE_SHOP", setting.format(port=there.port, name=there.database)
    )
    done = CliRunner().invoke(main, ["extract", "shop"])
    assert (done.exit_code, done.stderr.count("\n")) == (code, 1)
    assert said in done.stderr
    assert "s3cret" not in done.output
    postgres.run(f"drop role {idle}", f"drop role {full}")


@pytest.mark.parametrize("through", ["itself", "a view"])
def test_a_table_whose_rows_a_policy_hides_is_left_out(
    postgres: Server, live_lake: Lake, through: str
) -> None:
    """Rows that the user may not see would count as deleted."""
    tables(postgres)
    name = postgres.address.database
    postgres.run(
        f"create role {name} login",
        "alter table tag enable row level security",
        "create policy own on tag using (extra = current_user)",
    )
    if through == "a view":
        postgres.run(
            "alter table tag rename to every_tag",
            'create view tag with (security_invoker) as select "tagId" from every_tag',
        )
    postgres.run(f"grant select on all tables in schema public to {name}")
    plain = replace(postgres.address, user=name)
    done = extract(live_lake.context, "shop", address=plain)
    said = "shop.tag: row security hides rows of it from the user: alter role … bypassrls"
    assert [(e.table, e.rows, e.problem) for e in done] == [("sale", 1, None), ("tag", 0, said)]
    postgres.run(f"alter role {name} bypassrls")
    (done_again,) = extract(live_lake.context, "shop", ["tag"], address=plain)
    assert done_again.rows == 1
    postgres.run(f"drop owned by {name}", f"drop role {name}")


def test_what_is_missing_in_the_database_is_named(
    postgres: Server, live_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    tables(postgres)
    name = postgres.address.database
    assert extract(live_lake.context, "shop", ["tag"], address=postgres.address)
    assert "shop.tag: left out, as no contract names them: extra" in caplog.text
    postgres.run(f"create role {name} login", f"grant insert on sale, tag to {name}")
    plain = replace(postgres.address, user=name)
    with pytest.raises(BadSettings, match=r"^shop.tag: the user may not read it, grant select$"):
        extract(live_lake.context, "shop", ["tag"], address=plain)
    postgres.run("alter table sale drop column paid")
    with pytest.raises(BadSettings, match=r"^shop.sale: column paid is not in the database"):
        extract(live_lake.context, "shop", ["sale"], address=postgres.address)
    postgres.run(f"drop owned by {name}", f"drop role {name}")
    for words in (["shop", "nothing"], ["nobody"]):
        with pytest.raises(BadSettings, match="no contract names"):
            extract(live_lake.context, words[0], words[1:], address=postgres.address)


@pytest.mark.parametrize("words", [{"quoted": False}, {"decimal_separator": ","}])
def test_no_delivery_of_another_dialect_is_extracted_to(words: dict[str, Any]) -> None:
    """An extract has quotes where a cell needs them, and a dot before the decimals of a number."""
    usual = extract_of(column("id"))
    assert run._delivery(usual.table) == usual.delivery
    with pytest.raises(BadSettings, match="no delivery to extract to"):
        run._delivery(extract_of(column("id"), delivery=words).table)


def test_the_command_tells_what_it_read(
    postgres: Server, live_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(postgres)
    there = postgres.address
    monkeypatch.setenv("LANDFALL_PROJECT", str(live_lake.settings.project_dir))
    monkeypatch.setenv("LANDFALL_LAKE", live_lake.settings.lake)
    monkeypatch.setenv("LANDFALL_WAREHOUSE", str(live_lake.settings.warehouse))
    monkeypatch.setenv(
        "LANDFALL_DATABASE_SHOP",
        f"postgresql://{there.user}@{there.host}:{there.port}/{there.database}?sslmode=disable",
    )
    done = CliRunner().invoke(main, ["extract", "shop", "sale", "--format", "json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["table"], told["rows"], told["since"]) == ("sale", 1, None)
    assert (Path(live_lake.settings.lake) / "inbox" / told["extract"]).is_file()
