"""Drafts of snapshots and mappings: mechanical parts are complete, and parts that a person must decide do not run."""

import re
from pathlib import Path
from shutil import copy, copytree

import duckdb
import jinja2
import pytest
import yaml
from click.testing import CliRunner, Result

from ingestion.cli import main
from ingestion.contract import UNDECIDED
from tests.ingestion.lakes import VARIABLES
from tools.project import ROOT

HASH = re.compile(r"row_hash\(.*?\)", re.DOTALL)
BASES = [
    path
    for path in sorted((ROOT / "models/base").rglob("*.sql"))
    # what has a key of several columns gets one of one column from a person
    if "{{ rows_of(" in path.read_text() and "{{ row_key(" not in path.read_text()
]
INPUT = Path("models/intermediate/input")
SQL = """with source as (

    {{ state_of('desk', 'visit') }}

),

renamed as (

    select
        -- keys
        visit_no,
        chart_no,
        chart_no_pseudonym,

        -- attributes
        payer,
        minutes,
        is_open,

        -- times
        {{ as_timestamp('check_in') }} as came,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
"""
COLUMNS = (
    "visit_no", "chart_no", "chart_no_pseudonym", "payer", "minutes", "is_open", "came",
    "extract_date", "load_id", "extracted_at", "source_row",
)  # fmt: skip
MACROS = {
    "ref": lambda name: name,
    "system_number": lambda system, value: f"'{system}:' || {value}",
    "versions_of": lambda snapshot, key: f"select * from {snapshot}",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the input layer and one staging model that a person has finished."""
    copytree(ROOT / INPUT, tmp_path / INPUT)
    contract = {
        "key": ["visit_no"],
        "deliveries": [{"path": "desk/{date}/visit.csv", "kind": "full"}],
    }
    column = {
        "name": "visit_no",
        "data_type": "string",
        "config": {"meta": {"sensitivity": "none"}},
    }
    table = {"name": "visit", "config": {"meta": {"contract": contract}}, "columns": [column]}
    sources = [{"name": "desk", "schema": "raw_desk", "tables": [table]}]
    (tmp_path / "dbt_project.yml").write_text(VARIABLES)
    staging = tmp_path / "models/staging/desk"
    staging.mkdir(parents=True)
    (staging / "stg_desk__visits.sql").write_text(SQL)
    (staging / "_desk__sources.yml").write_text(yaml.safe_dump({"sources": sources}))
    entries = [
        {"name": c, "description": f"The {c}: as it is.", "config": {"meta": {"sensitivity": "none"}}}
        for c in COLUMNS
    ]  # fmt: skip
    model = {"name": "stg_desk__visits", "config": {"meta": {"grain": ["visit_no"]}}}
    said = yaml.safe_dump({"models": [{**model, "columns": entries}]})
    (staging / "stg_desk__visits.yml").write_text(said)
    monkeypatch.setenv("LANDFALL_PROJECT", str(tmp_path))
    monkeypatch.setenv("LANDFALL_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LANDFALL_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    return tmp_path


def draft(*words: str) -> Result:
    return CliRunner().invoke(main, ["draft", "desk", *words])


def columns_of(sql: str, table: str) -> list[str]:
    """The columns of a model over an empty table of the staging model's columns; what is undecided is null."""
    text = jinja2.Environment(autoescape=False).from_string(sql).render(MACROS)
    with duckdb.connect() as connection:
        connection.execute(
            f"create table {table} ({', '.join(f'{c} varchar' for c in COLUMNS)},"
            " is_current boolean, valid_from date, valid_to date, seen_from date, seen_to date)"
        )
        rows = connection.execute(f"describe {text.replace(UNDECIDED, 'null')}").fetchall()
    return [name for name, *_ in rows]


def texts_of(drafted: str) -> dict[str, str]:
    """The texts of a draft by their files."""
    parts = re.split(r"^# (\S+\.(?:sql|yml))\n", drafted, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("base", BASES, ids=[path.stem for path in BASES])
def test_a_drafted_base_model_is_the_one_that_people_wrote(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of the staging model as it would be without: people choose only what their hash compares."""
    source, name = base.parent.name, base.stem.replace("base_", "stg_", 1)
    staging = f"models/staging/{source}"
    copytree(ROOT / staging, tmp_path / staging)
    copy(ROOT / "dbt_project.yml", tmp_path)
    renaming = (
        base.read_text().replace("rows_of", "state_of").partition(",\n\n        -- what decides")
    )
    lineage = renaming[0].replace("source.", "")
    before = f"{lineage}\n    from source\n\n)\n\nselect * from renamed\n"
    (tmp_path / staging / f"{name}.sql").write_text(before)
    monkeypatch.setenv("LANDFALL_PROJECT", str(tmp_path))
    entity = name.removeprefix(f"stg_{source}__")
    done = CliRunner().invoke(main, ["draft", source, "--snapshot", entity, "--write"])
    assert done.exit_code == 0, done.output
    written = tmp_path / base.relative_to(ROOT)
    drafted, wanted = (
        HASH.sub("", path.read_text().replace("source.", "")) for path in (written, base)
    )
    assert drafted == wanted
    assert (tmp_path / staging / f"{name}.sql").read_text() == (
        ROOT / staging / f"{name}.sql"
    ).read_text()
    assert yaml.safe_load(written.with_suffix(".yml").read_text()) == yaml.safe_load(
        base.with_suffix(".yml").read_text()
    )


def test_a_staging_model_that_was_written_anew_gets_no_base_model(project: Path) -> None:
    path = project / "models/staging/desk/stg_desk__visits.sql"
    path.write_text(SQL.replace("select * from renamed", "select * from renamed where is_open"))
    done = draft("--snapshot", "visits", "--write")
    assert done.exit_code == 2 and "write base_desk__visits by hand" in done.output
    assert not (project / "models/base").exists()


@pytest.mark.parametrize("entity", ["accounts", "employees", "insurance_plans", "patients"])
def test_a_drafted_snapshot_is_the_one_that_people_wrote(
    entity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_PROJECT", str(ROOT))
    drafted = CliRunner().invoke(main, ["draft", "clinic", "--snapshot", entity]).stdout
    sql, text = texts_of(drafted).values()
    own = ROOT / f"snapshots/clinic/snap_clinic__{entity}.sql"
    assert sql == own.read_text()
    (said,) = yaml.safe_load(text)["snapshots"]
    (written,) = yaml.safe_load(own.with_suffix(".yml").read_text())["snapshots"]
    assert {c["name"]: c for c in said["columns"]}.keys() == {c["name"] for c in written["columns"]}
    for word in ("name", "config", "data_tests"):
        assert said[word] == written[word]
    tested = [(c["name"], c["config"], c.get("data_tests")) for c in said["columns"]]
    assert sorted(tested, key=str) == sorted(
        [(c["name"], c["config"], c.get("data_tests")) for c in written["columns"]], key=str
    )


def test_a_snapshot_compares_truths_and_instants_as_what_they_are(project: Path) -> None:
    drafted = draft("--snapshot", "visits").stdout
    assert "conditions=['is_open'], times=['came']) }} as row_hash" in drafted
    assert "'chart_no_pseudonym'" not in drafted


@pytest.mark.parametrize("entity", ["patients", "encounters", "ledger_entries", "appointments"])
@pytest.mark.parametrize("with_history", [False, True])
def test_a_mapping_has_the_columns_of_its_input_table_and_its_yaml_the_same(
    project: Path, entity: str, with_history: bool
) -> None:
    if with_history:
        assert draft("--snapshot", "visits", "--write").exit_code == 0
    done = draft("--mapping", f"{entity}=visits", "--write")
    assert done.exit_code == 0, done.output
    path = project / f"models/intermediate/map_desk/map_desk__{entity}.sql"
    (described,) = yaml.safe_load(path.with_suffix(".yml").read_text())["models"]
    wanted = yaml.safe_load((project / INPUT / f"input_{entity}.yml").read_text())["models"][0]
    names = [column["name"] for column in described["columns"]]
    is_due = [c["name"] for c in wanted["columns"]]
    if not with_history:
        is_due = [name for name in is_due if name not in ("valid_to", "seen_to")]
    assert names == is_due
    table = "snap_desk__visits" if with_history else "stg_desk__visits"
    assert sorted(columns_of(path.read_text(), table)) == sorted(names)
    assert described["config"]["meta"]["grain"] == wanted["config"]["meta"]["grain"]


def test_what_a_mapping_cannot_know_is_left_to_a_person(project: Path) -> None:
    sql = draft("--mapping", "encounters=visits").stdout
    for told in (
        "system_number('desk', 'visit_no') }} as encounter_id",
        "system_number('desk', 'chart_no') }} as patient_id",
        "chart_no_pseudonym as patient_pseudonym",
        f"system_number('desk', '{UNDECIDED}') }}}} as appointment_id",
        f"cast({UNDECIDED} as date) as encounter_date",
    ):
        assert told in sql
    assert "        minutes,\n" in draft("--mapping", "appointments=visits").stdout
    ledger = draft("--mapping", "ledger_entries=visits").stdout
    assert f"cast({UNDECIDED} as varchar) as payer" in ledger  # a name alone makes no plan's number


def test_drafted_measures_are_those_that_people_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDFALL_PROJECT", str(ROOT))
    drafted = CliRunner().invoke(main, ["draft", "synthea", "--measures"]).stdout
    sql, text = re.split(r"^# models/.*\n", drafted, flags=re.MULTILINE)[1:]
    assert max(map(len, sql.splitlines())) <= 100
    own = ROOT / "models/intermediate/measures/int_synthea_measured.sql"
    assert "".join(sql.split()) == "".join(own.read_text().split())
    (said,) = yaml.safe_load(text)["models"]
    (written,) = yaml.safe_load(own.with_suffix(".yml").read_text())["models"]
    assert (said["columns"], said["config"]) == (written["columns"], written["config"])


@pytest.mark.parametrize("source", ["clinic", "inventory", "salesforce", "shop", "totesys"])
def test_what_comes_in_parts_is_followed_in_drafted_measures(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDFALL_PROJECT", str(ROOT))
    drafted = CliRunner().invoke(main, ["draft", source, "--measures"]).stdout
    assert f"superseded_measures_of('{source}')" in drafted
    assert "superseded" not in CliRunner().invoke(main, ["draft", "openemr", "--measures"]).stdout


def test_measures_are_drafted_of_a_source_with_a_contract(project: Path) -> None:
    (project / "models/staging/desk/_desk__sources.yml").unlink()
    done = draft("--measures")
    assert (done.exit_code, "no contract found" in done.output) == (2, True), done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--snapshot"], "say what to draft: "),
        (["--snapshot", "rooms"], "no staging model stg_desk__rooms: there are visits"),
        (["--mapping", "rooms=visits"], "no table input_rooms: the input layer has account_balances,"),
        (["--mapping", "patients"], "no staging model stg_desk__patients: there are visits"),
    ],
)  # fmt: skip
def test_what_cannot_be_drafted_is_said_with_what_can(
    project: Path, words: list[str], message: str
) -> None:
    done = draft(*words)
    assert (done.exit_code, message in done.output) == (2, True), done.output


def test_a_key_of_two_columns_has_no_snapshot_by_draft(project: Path) -> None:
    path = project / "models/staging/desk/stg_desk__visits.yml"
    path.write_text(path.read_text().replace("- visit_no", "- visit_no\n      - chart_no", 1))
    done = draft("--snapshot", "visits")
    assert (done.exit_code, "a key of one column" in done.output) == (2, True), done.output
