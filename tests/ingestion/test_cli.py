"""The command line as people and programs meet it: words, exit codes, one-line errors, JSON lines."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from ingestion import land as lander
from ingestion.alerts import Channels, Message
from ingestion.cli import main
from ingestion.errors import LandingFailed
from ingestion.land import utc_now
from ingestion.logs import FIELDS as FIELDS_OF_LOGS
from ingestion.store import LocalStore, hold_lease
from tests.ingestion.lakes import VARIABLES

SOURCES = """
sources:
  - name: desk
    config: {meta: {time_zone: America/New_York}}
    tables:
      - name: visit
        config:
          meta:
            contract:
              key: [visit_id]
              deliveries: [{path: "desk/{date}/visit.csv", kind: full}]
        columns:
          - {name: visit_id, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: seen_on, data_type: date, config: {meta: {sensitivity: quasi, format: M/D/YYYY}}}
          - {name: paid, data_type: "decimal(12,2)", config: {meta: {sensitivity: none, format: money}}}
"""
GOOD = "visit_id,seen_on,paid\nV1,3/1/2026,$10.00\nV2,3/2/2026,\n"
FIELDS = [
    "extract", "source", "table", "extract_date", "load_id", "outcome", "code", "line", "column",
    "rows_in", "landed", "quarantined", "duplicates", "warnings",
]  # fmt: skip


class Desk:
    """A small project with a lake, and its commands."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.lake = folder, folder / "lake"
        self.contract = folder / "models/staging/desk/_desk__sources.yml"
        self.contract.parent.mkdir(parents=True)
        self.contract.write_text(SOURCES)
        (folder / "dbt_project.yml").write_text(VARIABLES)
        for name in ("LAKE", "WAREHOUSE", "TARGET", "KEY", "KEY_SECRET", "KMS_KEY", "LOG"):
            monkeypatch.delenv(f"LANDFALL_{name}", raising=False)
        monkeypatch.setenv("LANDFALL_PROJECT", str(folder))

    def deliver(self, text: str, day: str = "2026-03-02") -> None:
        path = self.lake / f"inbox/desk/{day}/visit.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)

    def files(self) -> set[str]:
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_one_json_object_a_line_with_the_promised_fields(desk: Desk) -> None:
    desk.deliver(GOOD)
    desk.deliver(GOOD.replace("3/2", "2/30"), "2026-03-03")
    done = desk.run("land", "--format", "json")
    assert done.exit_code == 0
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(one)[: len(FIELDS)] for one in told] == [FIELDS, FIELDS]
    assert [(one["outcome"], one["landed"], one["quarantined"]) for one in told] == [
        ("landed", 2, 0),
        ("landed", 1, 1),
    ]


def test_the_table_names_what_a_person_should_look_at(desk: Desk) -> None:
    desk.deliver(GOOD.replace("paid", "payed"))
    done = desk.run("land")
    assert done.exit_code == 3
    assert "refused" in done.stdout and "desk/2026-03-02/visit.csv" in done.stdout


def test_extracts_of_a_table_with_the_same_warning_alone_share_a_line(desk: Desk) -> None:
    desk.contract.write_text(
        SOURCES.replace("key: [visit_id]", "key: [visit_id]\n              may_be_empty: true")
    )
    heading = GOOD.splitlines()[0] + "\n"
    for day in ("02", "03", "04"):
        desk.deliver(heading, f"2026-03-{day}")
    for day in ("05", "06"):
        desk.deliver(GOOD.replace("3/2", "2/30"), f"2026-03-{day}")
    for day in ("07", "08"):
        desk.deliver(GOOD.replace("paid", "payed"), f"2026-03-{day}")
    desk.deliver(GOOD, "2026-03-09")
    notes = desk.run("land").stdout.partition("\n\n")[2].splitlines()
    assert notes == [
        "landed: 3 extracts of desk.visit (no_rows x3)",
        "landed: desk/2026-03-05/visit.csv (1 row quarantined)",
        "landed: desk/2026-03-06/visit.csv (1 row quarantined)",
        "refused missing_column: desk/2026-03-07/visit.csv (line 1, column paid, new)",
        "refused missing_column: desk/2026-03-08/visit.csv (line 1, column paid, new)",
        "",
        "the lines of a contract that would accept what was refused:",
        "  python -m ingestion draft desk --from desk/2026-03-07/visit.csv",
        "  python -m ingestion draft desk --from desk/2026-03-08/visit.csv",
    ]
    desk.deliver(heading, "2026-03-10")
    assert "landed: desk/2026-03-10/visit.csv (no_rows x1)" in desk.run("land").stdout


def test_a_file_with_many_bad_columns_is_told_all_of_it_in_one_round(desk: Desk) -> None:
    """Every code with its column, how often, from which line, and the spelling that is expected; nothing was written,
    so nothing is called quarantined."""
    rows = [f"V{n},2026-03-{n:02},1\n" for n in range(1, 9)]
    rows += [f"V{n},3/{n}/2026,€ {n}\n" for n in range(9, 14)]
    rows += [",3/1/2026,1\n", "V14\n"]
    desk.deliver("visit_id,seen_on,paid\n" + "".join(rows))
    done = desk.run("land")
    assert done.exit_code == 3
    assert (
        "refused too_many_rejects: desk/2026-03-02/visit.csv (line 2, column seen_on, 15 of 15 rows: "
        "bad_date in seen_on (M/D/YYYY) x8 from line 2; bad_number in paid (money) x5 from line 10; "
        "null_key in visit_id (string) x1 from line 15; column_count x1 from line 16, new)"
    ) in done.stdout
    assert "quarantined" not in done.stdout.partition("\n\n")[2]
    (told,) = map(json.loads, desk.run("land", "--format", "json").stdout.splitlines())
    assert (told["rows_in"], told["landed"], told["code"]) == (15, 0, "too_many_rejects")
    assert "refused" in desk.run("land").stdout and desk.files() >= {
        "lake/inbox/desk/2026-03-02/visit.csv"
    }


def test_a_refusal_says_since_when_and_status_names_the_file_and_its_code(desk: Desk) -> None:
    name = "desk/2026-03-02/visit.csv"
    desk.deliver(GOOD.replace("paid", "payed"))
    place = "line 1, column paid"
    assert f"refused missing_column: {name} ({place}, new)" in desk.run("land").stdout
    again = desk.run("land")
    told = re.search(r"refused missing_column: (\S+) \((.*), since (\S+ \S+) UTC\)", again.stdout)
    assert told and told.groups()[:2] == (name, place)
    desk.deliver(GOOD, "2026-03-03")
    desk.deliver("", "2026-02-30")
    shown = desk.run("status", "--source", "desk")
    assert shown.exit_code == 0
    lines = {line.split()[0]: line.split()[1:] for line in shown.stdout.splitlines() if line}
    assert lines[name][:5] == ["desk.visit", "refused", "missing_column", "1", "paid"]
    assert lines[name][5][:16] in told[3]
    assert lines["desk/2026-03-03/visit.csv"] == ["desk.visit", "waiting"]
    assert lines["desk/2026-02-30/visit.csv"][:3] == ["desk.visit", "waiting", "bad_name"]
    records = [
        json.loads(s)
        for s in desk.run("status", "--source", "desk", "--format", "json").stdout.splitlines()
    ]
    assert [(r["file"], r["state"], r["code"]) for r in records if "file" in r] == [
        ("desk/2026-02-30/visit.csv", "waiting", "bad_name"),
        (name, "refused", "missing_column"),
        ("desk/2026-03-03/visit.csv", "waiting", None),
    ]
    mistyped = desk.run("status", "--source", "dekc")
    assert (mistyped.exit_code, mistyped.stdout) == (2, "")
    assert mistyped.stderr == "BadSettings: no source dekc: there are desk\n"
    assert desk.run("discard", name, "--reason", "broken").exit_code == 0
    assert "1 missing extract: desk.visit" in desk.run("status").stdout


def test_refused_extracts_are_one_line_on_standard_error_too(desk: Desk) -> None:
    desk.deliver(GOOD.replace("paid", "payed"))
    desk.deliver(GOOD.replace("paid", "payed"), "2026-03-03")
    desk.deliver("", "2026-03-04")
    for words in (("land",), ("land", "--format", "json")):
        done = desk.run(*words)
        assert done.exit_code == 3
        assert done.stderr == "BadExtract: 3 refused (empty_object x1, missing_column x2)\n"


FORGED = "visit_id,seen_on,paid\x1b[2K\r landed\n"


@pytest.mark.parametrize(
    "words",
    [
        "land",
        "land --format json",
        "land --dry-run",
        "status",
        "status --source desk",
        "status --source desk --format json",
        "verify",
        "verify --format json",
        "register",
    ],
)
def test_no_report_lets_a_terminal_obey_a_file_or_its_name(desk: Desk, words: str) -> None:
    """A heading, a name below the inbox and one in the archive hold escape sequences; none is printed as it is."""
    name = "x\x1b[31m\x9b1m\u202e\r"
    desk.deliver(FORGED)
    desk.deliver(GOOD, "2026-03-03")
    (desk.lake / f"inbox/desk/{name}.csv").write_bytes(b"x")
    desk.run("land")
    for folder in ("archive/desk/visit", "raw/desk/visit"):
        (desk.lake / folder / name).write_bytes(b"x")
    done = desk.run(*words.split())
    for printed in (done.stdout, done.stderr):
        assert all(c.isprintable() or c == "\n" for c in printed), repr(printed)
        assert not any(line.strip() == "landed" for line in printed.splitlines())


def test_what_is_put_aside_is_told_without_its_escapes(desk: Desk) -> None:
    name = "desk/x\x1b[31m.csv"
    (desk.lake / "inbox/desk").mkdir(parents=True)
    (desk.lake / "inbox" / name).write_bytes(b"x")
    for words in (("discard", name, "--reason", "why"), ("discard", name, "--reason", "why")):
        done = desk.run(*words)
        assert "\x1b" not in done.stdout + done.stderr
    assert done.exit_code == 2 and "no such object" in done.stderr


def test_an_empty_inbox_is_said_and_is_well(desk: Desk) -> None:
    done = desk.run("land")
    assert (done.exit_code, done.stdout) == (0, "nothing in the inbox\n")


def test_a_dry_run_tells_the_same_and_writes_nothing(desk: Desk) -> None:
    desk.deliver(GOOD)
    before = desk.files()
    dry = desk.run("land", "--dry-run", "--format", "json")
    assert desk.files() == before
    wet = desk.run("land", "--format", "json")
    dry_told, wet_told = json.loads(dry.stdout), json.loads(wet.stdout)
    assert {f: dry_told[f] for f in FIELDS} == {f: wet_told[f] for f in FIELDS}


def test_status_shows_the_newest_load_of_each_table(desk: Desk) -> None:
    desk.deliver(GOOD)
    desk.run("land")
    told = json.loads(desk.run("status", "--format", "json").stdout)
    assert (told["table"], told["last_extract"], told["rows"]) == ("desk.visit", "2026-03-02", 2)
    assert "desk.visit" in desk.run("status").stdout


def test_status_says_first_that_all_is_well(desk: Desk) -> None:
    desk.deliver(GOOD)
    desk.run("land")
    assert desk.run("status").stdout.startswith("All is well: ")


def test_status_says_first_what_is_wrong_and_what_to_do(desk: Desk) -> None:
    desk.deliver(GOOD.replace("paid", "payed"))
    desk.run("land")
    first, second, *_ = desk.run("status").stdout.splitlines()
    assert first == "1 refused extract: desk.visit"
    assert "status --source SOURCE" in second and "what to do" in second


def test_status_of_a_source_says_what_to_do_about_each_file(desk: Desk) -> None:
    seed = desk.folder / "seeds/finding_codes.csv"
    seed.parent.mkdir()
    seed.write_text(
        "place,finding,meaning,what_to_do\n"
        "inbox,unknown_column,not declared,draft SOURCE --from FILE\n"
        "archive,discarded,taken out,discard FILE --surplus\n"
    )
    desk.deliver(GOOD.replace("paid", "paid,more").replace("10.00", "10.00,1"))
    desk.run("land")
    name = "desk/2026-03-02/visit.csv"
    _, told = desk.run("status", "--source", "desk", "--format", "json").stdout.splitlines()
    assert json.loads(told)["what_to_do"] == f"draft desk --from {name}"
    assert f"draft desk --from {name}" in desk.run("status", "--source", "desk").stdout
    assert desk.run("discard", name, "--reason", "a try").exit_code == 0
    _, told = desk.run("status", "--source", "desk", "--format", "json").stdout.splitlines()
    assert json.loads(told)["what_to_do"] == f"discard {name} --surplus"
    assert "discard FILE --surplus" in desk.run("status").stdout


def test_status_tells_an_extract_that_only_waits_and_calls_nothing_wrong(desk: Desk) -> None:
    desk.deliver(GOOD)
    said = desk.run("status").stdout
    assert said.startswith("All is well") and "1 extract in the inbox: desk.visit" in said


def test_a_release_of_an_id_that_nothing_has_is_a_mistake_and_the_rest_lands(desk: Desk) -> None:
    desk.deliver("visit_id,seen_on,paid\n")
    held = json.loads(desk.run("land", "--format", "json").stdout)
    assert held["code"] == "no_rows"
    desk.deliver(GOOD, "2026-03-03")
    mistyped = desk.run("land", "--release", held["load_id"][:-1])
    assert mistyped.exit_code == 2 and "nothing was released" in mistyped.stderr
    assert json.loads(desk.run("status", "--format", "json").stdout)["loads"] == 1
    assert desk.run("land", "--release", held["load_id"]).exit_code == 0
    # once more: it has landed, and a run takes it into history by the same word
    assert desk.run("land", "--release", held["load_id"]).exit_code == 0


def test_a_load_is_retracted_and_landed_again(desk: Desk) -> None:
    desk.deliver(GOOD)
    load_id = json.loads(desk.run("land", "--format", "json").stdout)["load_id"]
    same = desk.run("reland", "desk.visit", "--format", "json")
    assert (same.exit_code, same.stdout) == (0, "")
    desk.contract.write_text(SOURCES.replace("decimal(12,2)", "decimal(14,2)"))
    again = desk.run("reland", "desk.visit", "--format", "json")
    assert (again.exit_code, json.loads(again.stdout)["load_id"]) == (0, f"{load_id}-2")
    gone = desk.run("retract", "desk.visit", "--load", load_id, "--reason", "wrong day")
    assert gone.exit_code == 0 and load_id in gone.stdout
    assert json.loads(desk.run("status", "--format", "json").stdout)["loads"] == 0


def test_a_refused_file_is_put_aside_with_the_reason(desk: Desk) -> None:
    desk.deliver(GOOD.replace("paid", "payed"))
    assert desk.run("land").exit_code == 3
    assert desk.run("discard", "desk/2026-03-02/visit.csv", "--reason", "not ours").exit_code == 0
    assert desk.run("land").exit_code == 0
    assert any(name.startswith("lake/archive/discarded/") for name in desk.files())
    assert desk.run("verify", "--bytes").exit_code == 0


def on_s3(words: dict[str, str]) -> Callable[[Desk, pytest.MonkeyPatch], None]:
    """Settings of a lake in a bucket that are wrong before anything is asked of AWS."""

    def spoil(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        given = {"LANDFALL_LAKE": "s3://bucket/lake", "AWS_DEFAULT_REGION": "eu-west-1", **words}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)

    return spoil


WRONG: dict[str, tuple[Callable[[Desk, pytest.MonkeyPatch], None], list[str], str]] = {
    "an unknown target": (lambda d, m: m.setenv("LANDFALL_TARGET", "oracle"), ["status"], "LANDFALL_TARGET"),
    "a lake without a bucket": (lambda d, m: m.setenv("LANDFALL_LAKE", "s3://"), ["status"], "no bucket"),
    "a lake in another cloud": (lambda d, m: m.setenv("LANDFALL_LAKE", "gs://b/lake"), ["status"], "'gs://' is not"),
    "a profile that is not there": (on_s3({"AWS_PROFILE": "nobody"}), ["status"], "AWS: The config profile (nobody)"),
    "an endpoint that is none": (on_s3({"AWS_ENDPOINT_URL": "no address"}), ["status"], "AWS: Invalid endpoint"),
    "a region that is none": (on_s3({"AWS_DEFAULT_REGION": "no region"}), ["status"], "AWS: Provided region_name"),
    "no amount of memory": (lambda d, m: m.setenv("LANDFALL_MEMORY", "lots"), ["status"], "LANDFALL_MEMORY"),
    "no project": (lambda d, m: m.setenv("LANDFALL_PROJECT", str(d.lake)), ["status"], "no dbt_project.yml"),
    "a wrong contract": (
        lambda d, m: d.contract.write_text(SOURCES.replace("M/D/YYYY", "D.M.")),
        ["land"],
        "column seen_on",
    ),
    "an unknown table": (lambda d, m: None, ["reland", "desk.nobody"], "desk.nobody"),
    "an unknown load": (lambda d, m: None, ["retract", "desk.visit", "--load", "0" * 16, "--reason", "x"], "no load"),
    "an object that is not there": (lambda d, m: None, ["discard", "desk/x.csv", "--reason", "x"], "no such object"),
    "Athena over a directory": (lambda d, m: m.setenv("LANDFALL_TARGET", "athena"), ["register"], "s3://"),
    "no profile": (lambda d, m: m.setenv("DBT_PROFILES_DIR", str(d.lake)), ["run"], "profiles.yml"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_a_user_does_wrong_is_one_line_that_says_what_to_correct(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    spoil, words, told = WRONG[case]
    spoil(desk, monkeypatch)
    done = desk.run(*words)
    assert done.exit_code == 2, done.output
    assert told in done.stderr and done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "text",
    ["3/2/2026", "2026-03-02T10:00:00", "2026-03-02 10:00:00Z", "9999-12-31T23:59:59-05:00",
     "0001-01-01T00:00:00+05:00", "1800-01-01T00:00:00Z", "1800-01-01", ""],
)  # fmt: skip
def test_a_date_that_is_none_is_a_usage_error(desk: Desk, text: str) -> None:
    done = desk.run("land", "--object", "x", "--extract-date", text)
    assert done.exit_code == 2 and "write 2026-11-21 or 2026-11-21T14:30:00Z" in done.stderr


@pytest.mark.parametrize("minutes", ["nan", "inf", "-1", "1e300"])
def test_minutes_that_no_clock_has_are_a_usage_error(desk: Desk, minutes: str) -> None:
    for command in ("land", "run"):
        done = desk.run(command, "--wait-minutes", minutes)
        assert done.exit_code == 2 and "--wait-minutes" in done.stderr


def test_a_lake_that_cannot_be_written_is_four_and_one_line(desk: Desk) -> None:
    desk.deliver(GOOD)
    (desk.lake / "manifests").write_text("a file where a folder must be")
    done = desk.run("land")
    assert done.exit_code == 4 and done.stderr.count("\n") == 1


def test_what_had_landed_is_told_when_the_next_extract_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deliver(GOOD)
    desk.deliver(GOOD, "2026-03-03")
    put_file = LocalStore.put_file

    def full(self: LocalStore, key: str, path: Path, sha256: str | None = None) -> None:
        if "extract_date=2026-03-03" in key:
            raise LandingFailed("No space left on device")
        put_file(self, key, path, sha256)

    monkeypatch.setattr(LocalStore, "put_file", full)
    done = desk.run("land", "--format", "json")
    assert done.exit_code == 4
    assert done.stderr == "LandingFailed: desk/2026-03-03/visit.csv: No space left on device\n"
    assert [json.loads(line)["extract"] for line in done.stdout.splitlines()] == [
        "desk/2026-03-02/visit.csv"
    ]


def test_every_json_line_says_when_in_utc_and_what_it_belongs_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_LOG", "json")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    desk.deliver(GOOD)
    desk.deliver(GOOD.replace("paid", "payed"), "2026-03-03")
    try:
        before, done = datetime.now(UTC), desk.run("land")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    for line in lines:
        assert set(FIELDS_OF_LOGS) <= set(line) and line["seconds"] >= 0
        assert abs(datetime.fromisoformat(line["time"]) - before) < timedelta(minutes=1)
    assert len({line["run_id"] for line in lines}) == 1 and lines[0]["run_id"]
    (check, *_), (committed, *_) = (
        [line for line in lines if line["message"].startswith(words)]
        for words in ("check", "desk/2026-03-02/visit.csv: landed")
    )
    assert (check["operation"], check["source"], check["table"]) == ("check", "desk", "visit")
    assert (committed["operation"], committed["table"]) == ("land", "visit")
    assert committed["load_id"] and committed["landed"] == 2
    assert lines[-1]["message"] == "land done"
    assert "V1" not in done.stderr


def test_an_error_is_a_json_line_too_where_logs_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_LOG", "json")
    done = desk.run("reland", "desk.nobody")
    last = json.loads(done.stderr.splitlines()[-1])
    assert done.exit_code == last["exit_code"] == 2
    assert (last["level"], last["operation"]) == ("error", "reland") and "nobody" in last["message"]


def test_metrics_are_a_line_of_cloudwatchs_format_on_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deliver(GOOD.replace("3/2", "2/30"))
    assert "_aws" not in desk.run("land", "--dry-run").stdout
    monkeypatch.setenv("LANDFALL_METRICS", "emf")
    line = json.loads(desk.run("land").stdout.splitlines()[-1])
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == ("Landfall", [["command"]])
    assert {metric["Name"] for metric in described["Metrics"]} <= set(line)
    assert (line["command"], line["EndedWell"], line["RowsQuarantined"]) == ("land", 1, 1)
    (desk.lake / "manifests").rename(desk.lake / "away")
    (desk.lake / "manifests").write_text("a file where a folder must be")
    desk.deliver(GOOD)
    failed = json.loads(desk.run("land").stdout.splitlines()[-1])
    assert (failed["EndedWell"], failed["exit_code"]) == (0, 4)


def test_a_landing_that_meets_a_run_at_work_says_so_and_is_well(desk: Desk) -> None:
    desk.deliver(GOOD)
    store = LocalStore(desk.lake)
    with hold_lease(store, utc_now, "the-night"):
        busy = desk.run("land")
        assert (busy.exit_code, busy.stderr) == (0, "")
        assert busy.stdout.startswith("nothing done: another run is at work: the-night, since ")
        told = desk.run("land", "--format", "json")
        assert (told.exit_code, told.stdout) == (0, "") and "the-night" in told.stderr
        assert desk.run("land", "--dry-run").stdout.startswith("table")
    assert "landed" in desk.run("land").stdout


def test_a_landing_waits_for_a_run_when_it_is_told_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.store.lease._POLL_SECONDS", 0.05)
    desk.deliver(GOOD)
    store, free = LocalStore(desk.lake), threading.Event()

    def hold() -> None:
        with hold_lease(store, utc_now, "the-night"):
            held.set()
            free.wait(20)

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    threading.Timer(0.3, free.set).start()
    done = desk.run("land", "--wait-minutes", "1")
    holder.join()
    assert done.exit_code == 0 and "landed" in done.stdout


class Posted:
    """In place of the channels: keeps what would be sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[Message] = []
        monkeypatch.setenv("LANDFALL_ALERT_WEBHOOK", "https://example.invalid/hook")
        monkeypatch.setattr(
            Channels, "send", lambda _, channel, message: self.messages.append(message)
        )

    def take(self) -> list[str]:
        """The subjects since the last time."""
        taken, self.messages = [message.subject for message in self.messages], []
        return taken


def test_commands_tell_what_is_new_and_what_is_well_again_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = Posted(monkeypatch)
    desk.deliver(GOOD.replace("paid", "payed"))
    assert [desk.run("land").exit_code, desk.run("land").exit_code] == [3, 3]
    assert posted.take() == ["Landfall: 1 new"]
    desk.run("discard", "desk/2026-03-02/visit.csv", "--reason", "not ours")
    assert [desk.run("land").exit_code, desk.run("land").exit_code] == [0, 0]
    assert posted.take() == ["Landfall: 1 new, 1 back to normal"]  # its day is missing instead
    desk.run("discard", "desk/2026-03-02/visit.csv", "--surplus", "--reason", "not ours")
    assert [desk.run("land").exit_code, desk.run("land").exit_code] == [0, 0]
    assert posted.take() == ["Landfall: 1 back to normal"]
    monkeypatch.setenv("DBT_PROFILES_DIR", str(desk.lake))
    assert [desk.run("run").exit_code, desk.run("run").exit_code] == [2, 2]
    assert posted.take() == ["Landfall: 1 new"]
    assert desk.run("land").exit_code == 0 and posted.take() == []  # of the run it says nothing


def test_what_verify_finds_lost_is_told_with_its_repair_and_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = Posted(monkeypatch)
    desk.deliver(GOOD)
    desk.run("land")
    (rows,) = (desk.lake / "raw/desk/visit").rglob("*.parquet")
    kept = rows.read_bytes()
    rows.unlink()
    assert [desk.run("verify").exit_code, desk.run("verify").exit_code] == [4, 4]
    assert len(posted.messages) == 1 and "ingestion reland" in posted.messages[0].text
    assert desk.run("land").exit_code == 0 and len(posted.take()) == 1
    rows.write_bytes(kept)
    assert desk.run("verify").exit_code == 0
    assert posted.take() == ["Landfall: 1 back to normal"]


def test_a_wrong_setting_is_told_as_well(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    posted = Posted(monkeypatch)
    monkeypatch.setenv("LANDFALL_TARGET", "oracle")
    assert desk.run("run").exit_code == 2
    assert "oracle" in posted.messages[0].text and posted.messages[0].exit_code == 2
    assert desk.run("status").exit_code == 2 and len(posted.messages) == 1


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_interrupted_ends_with_a_code_of_its_own_and_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, sign: signal.Signals
) -> None:
    """DuckDB makes a RuntimeError of the signal, which is neither a failure nor a traceback."""

    def query(*_: object) -> None:
        with duckdb.connect() as connection:
            connection.execute("set threads = 1")
            connection.execute(
                "select sum(a.range * b.range % 7) from range(40000) a, range(40000) b"
            )

    monkeypatch.setattr(lander, "status", query)
    monkeypatch.setattr(
        signal, "getsignal", lambda _: signal.SIG_DFL
    )  # a shell may have ignored it
    threading.Timer(0.2, os.kill, (os.getpid(), sign)).start()
    done = desk.run("status")
    assert done.exit_code == 5
    assert done.stderr.startswith("Interrupted: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_a_command_is_still_starting_ends_it_as_interrupted(
    tmp_path: Path, sign: signal.Signals
) -> None:
    (tmp_path / "click.py").write_text(f"import os\nos.kill(os.getpid(), {int(sign)})\n")
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", "status"],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(lander.__file__).parents[2]}",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        # a shell may have started these tests in the background, where Ctrl-C is ignored
        preexec_fn=partial(signal.signal, sign, signal.SIG_DFL),
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == "Interrupted: nothing was begun\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [(("land",), 0), (("discard", "none.csv", "--reason", "a test"), 2), (("no", "command"), 2)],
)
def test_what_libraries_do_at_the_end_of_the_process_changes_no_exit_code(
    desk: Desk, words: tuple[str, ...], code: int
) -> None:
    aborting = "import ctypes, runpy; c = ctypes.CDLL(None); c.on_exit(c.abort, None); "
    desk.deliver(GOOD)
    done = subprocess.run(
        [sys.executable, "-c", aborting + "runpy.run_module('ingestion', run_name='__main__')"]
        + list(words),
        cwd=Path(lander.__file__).parents[2],
        env=os.environ | {"LANDFALL_PROJECT": str(desk.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stdout or done.stderr  # and nothing of what it says is lost


@pytest.mark.parametrize(("where", "code"), [(">&-", 0), (">/dev/full", 4)])
def test_a_command_whose_output_goes_nowhere_ends_without_a_traceback(
    desk: Desk, where: str, code: int
) -> None:
    command = [sys.executable, "-m", "ingestion", "status"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {where}', "sh", *command],
        cwd=Path(lander.__file__).parents[2],
        env=os.environ | {"LANDFALL_PROJECT": str(desk.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
