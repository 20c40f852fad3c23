"""The command line as people and programs meet it: words, exit codes, one-line errors, JSON lines."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingestion.cli import main
from ingestion.errors import LandingFailed
from ingestion.store.local import LocalStore

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
        (folder / "dbt_project.yml").write_text("vars: {business_time_zone: America/New_York}\n")
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
        "landed: desk/2026-03-05/visit.csv (1 rows quarantined)",
        "landed: desk/2026-03-06/visit.csv (1 rows quarantined)",
        "refused missing_column: desk/2026-03-07/visit.csv (line 1, column paid)",
        "refused missing_column: desk/2026-03-08/visit.csv (line 1, column paid)",
    ]
    desk.deliver(heading, "2026-03-10")
    assert "landed: desk/2026-03-10/visit.csv (no_rows x1)" in desk.run("land").stdout


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


WRONG: dict[str, tuple[Callable[[Desk, pytest.MonkeyPatch], None], list[str], str]] = {
    "an unknown target": (lambda d, m: m.setenv("LANDFALL_TARGET", "oracle"), ["status"], "LANDFALL_TARGET"),
    "a lake without a bucket": (lambda d, m: m.setenv("LANDFALL_LAKE", "s3://"), ["status"], "no bucket"),
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
def test_what_a_user_does_wrong_is_one_line_that_says_what_to_mend(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    spoil, words, told = WRONG[case]
    spoil(desk, monkeypatch)
    done = desk.run(*words)
    assert done.exit_code == 2, done.output
    assert told in done.stderr and done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_date_that_is_none_is_a_usage_error(desk: Desk) -> None:
    done = desk.run("land", "--object", "x", "--extract-date", "3/2/2026")
    assert done.exit_code == 2 and "write YYYY-MM-DD" in done.stderr


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


def test_logs_are_json_lines_on_request(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDFALL_LOG", "json")
    desk.deliver(GOOD)
    done = desk.run("land")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines and all(set(line) == {"time", "level", "logger", "message"} for line in lines)
    assert "V1" not in done.stderr
