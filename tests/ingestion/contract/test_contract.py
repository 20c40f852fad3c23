"""A contract that is wrong or incomplete is refused at start, with file, table and column."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingestion.catalog.schema import PARTITION_COLUMNS, raw_table
from ingestion.contract import OWN_COLUMNS, UNDECIDED, PortableType, RowFloor, read_project
from ingestion.contract.paths import BadName, PathPattern
from ingestion.errors import BadSettings
from tests.ingestion.lakes import VARIABLES

ROOT = Path(__file__).resolve().parents[3]
GOOD: dict[str, Any] = {
    "name": "desk",
    "config": {"meta": {"time_zone": "America/New_York"}},
    "tables": [
        {
            "name": "visit",
            "config": {
                "meta": {
                    "contract": {
                        "key": ["visit_id"],
                        "deliveries": [{"path": "desk/{date}/visit.csv", "kind": "full"}],
                    }
                }
            },
            "columns": [
                {
                    "name": "visit_id",
                    "data_type": "string",
                    "config": {"meta": {"sensitivity": "none"}},
                },
                {
                    "name": "seen_on",
                    "data_type": "date",
                    "config": {"meta": {"sensitivity": "quasi", "format": "M/D/YYYY"}},
                },
            ],
        }
    ],
}


def write_project(root: Path, *sources: dict[str, Any]) -> Path:
    """A project folder with one sources file per source."""
    root.mkdir(exist_ok=True)
    (root / "dbt_project.yml").write_text(VARIABLES)
    for source in sources:
        folder = root / "models" / "staging" / source["name"]
        folder.mkdir(parents=True)
        (folder / f"_{source['name']}__sources.yml").write_text(
            yaml.safe_dump({"sources": [source]})
        )
    return root


def contract_of(source: dict[str, Any]) -> dict[str, Any]:
    """The part of a source that a case breaks."""
    return source["tables"][0]["config"]["meta"]["contract"]  # type: ignore[no-any-return]


def incremental(source: dict[str, Any], **words: str) -> None:
    """Make the table one of incremental extracts, with more words in its contract."""
    contract_of(source)["deliveries"][0].update(kind="incremental")
    contract_of(source).update(watermark="seen_on", **words)


def column_meta(source: dict[str, Any]) -> dict[str, Any]:
    """The meta of the second column, a date."""
    return source["tables"][0]["columns"][1]["config"]["meta"]  # type: ignore[no-any-return]


def test_a_whole_contract_is_read_in_the_order_of_its_columns(tmp_path: Path) -> None:
    table = read_project(write_project(tmp_path, GOOD)).table("desk.visit")
    assert [(c.name, str(c.type)) for c in table.columns] == [
        ("visit_id", "string"),
        ("seen_on", "date"),
    ]
    assert (table.key_columns, table.time_zone) == (("visit_id",), "America/New_York")


def test_what_tables_share_is_said_once_and_means_the_same(tmp_path: Path) -> None:
    spelt = read_project(write_project(tmp_path / "spelt", GOOD)).table("desk.visit")
    light = deepcopy(GOOD)
    del contract_of(light)["deliveries"], column_meta(light)["format"]
    light["config"]["meta"]["defaults"] = {
        "deliveries": [{"path": "desk/{date}/{table}.csv", "kind": "full"}],
        "may_be_empty": True,
        "formats": {"date": "M/D/YYYY"},
    }
    contract_of(light)["may_be_empty"] = False  # the table's own word counts
    table = read_project(write_project(tmp_path / "light", light)).table("desk.visit")
    assert table.contract_hash == spelt.contract_hash
    assert table.columns == spelt.columns
    column_meta(light)["format"] = "YYYY-MM-DD"
    own = read_project(write_project(tmp_path / "own", light)).table("desk.visit")
    assert own.column("seen_on").format == ("YYYY-MM-DD",)


EXPORT = {
    "path": "desk/AWSDynamoDB/{export_id}/manifest-summary.json",
    "kind": "full",
    "file": "dynamodb",
}

WRONG = {
    "an unknown type": (
        lambda s: s["tables"][0]["columns"][1].update(data_type="datetime"),
        "column seen_on",
        "unknown type",
    ),
    "no type": (
        lambda s: s["tables"][0]["columns"][1].pop("data_type"),
        "column seen_on",
        "no data_type",
    ),
    "a date without a format": (
        lambda s: column_meta(s).pop("format"),
        "column seen_on",
        "date without a format",
    ),
    "a format of another type": (
        lambda s: column_meta(s).update(format="money"),
        "column seen_on",
        "does not fit date",
    ),
    "no sensitivity": (
        lambda s: column_meta(s).pop("sensitivity"),
        "column seen_on",
        "no sensitivity",
    ),
    "an undecided sensitivity": (
        lambda s: column_meta(s).update(sensitivity=UNDECIDED),
        "column seen_on",
        "no sensitivity: say direct, quasi or none",
    ),
    "a key for all tables": (
        lambda s: s["config"]["meta"].update(defaults={"key": ["visit_id"]}),
        "_desk__sources.yml",
        "defaults: words of a contract, but not its key",
    ),
    "an unknown sensitivity": (
        lambda s: column_meta(s).update(sensitivity="some"),
        "column seen_on",
        "sensitivity",
    ),
    "a misspelt setting": (
        lambda s: column_meta(s).update(formt="M/D/YYYY"),
        "column seen_on",
        "formt",
    ),
    "a name in capitals": (
        lambda s: s["tables"][0]["columns"][1].update(name="SeenOn"),
        "column SeenOn",
        "lower case",
    ),
    "a table in capitals": (
        lambda s: s["tables"][0].update(name="Visit"),
        "table Visit",
        "lower case",
    ),
    "a table that leaves its folder": (
        lambda s: s["tables"][0].update(name="../visit"),
        "table ../visit",
        "lower case",
    ),
    "a table with a quote": (
        lambda s: s["tables"][0].update(name='visit"; drop'),
        "table visit",
        "lower case",
    ),
    "no key": (lambda s: contract_of(s).pop("key"), "table visit", "no key"),
    "an empty key": (lambda s: contract_of(s).update(key=[]), "table visit", "no key"),
    "a key that is not a column": (
        lambda s: contract_of(s).update(key=["id"]),
        "table visit",
        "'id' is not a column",
    ),
    "no contract": (
        lambda s: s["tables"][0]["config"]["meta"].clear(),
        "table visit",
        "contract is missing",
    ),
    "no deliveries": (lambda s: contract_of(s).update(deliveries=[]), "table visit", "deliveries"),
    "an unknown kind": (
        lambda s: contract_of(s)["deliveries"][0].update(kind="delta"),
        "table visit",
        "kind",
    ),
    "incremental without a watermark": (
        lambda s: contract_of(s)["deliveries"][0].update(kind="incremental"),
        "table visit",
        "needs a watermark",
    ),
    "deletions among full extracts": (
        lambda s: contract_of(s).update(deleted="visit_id"),
        "table visit",
        "`deleted` goes with incremental extracts only",
    ),
    "deletions told by a column that is not a boolean": (
        lambda s: incremental(s, deleted="visit_id"),
        "table visit",
        "'visit_id' is not a boolean column",
    ),
    "deletions told by no column": (
        lambda s: incremental(s, deleted="IsDeleted"),
        "table visit",
        "the deleted 'IsDeleted' is not a column",
    ),
    "a path word that does not exist": (
        lambda s: contract_of(s)["deliveries"][0].update(path="desk/{week}/visit.csv"),
        "table visit",
        "'{week}' is not known",
    ),
    "a path without a date": (
        lambda s: contract_of(s)["deliveries"][0].update(path="desk/visit.csv"),
        "table visit",
        "which day",
    ),
    "a path claimed twice": (
        lambda s: contract_of(s)["deliveries"].append(
            {"path": "desk/{date}/visit.csv", "kind": "full"}
        ),
        "table visit",
        "also claimed by desk.visit",
    ),
    "an unknown time zone": (
        lambda s: s["config"]["meta"].update(time_zone="EST5"),
        "_desk__sources.yml",
        "time zone",
    ),
    "an export without its folder": (
        lambda s: contract_of(s)["deliveries"][0].update(file="dynamodb"),
        "table visit",
        "{export_id} go together",
    ),
    "lines above no header": (
        lambda s: contract_of(s)["deliveries"][0].update(header=False, skip_lines=1),
        "table visit",
        "`skip_lines` is for csv with a header",
    ),
    "quotes in parquet": (
        lambda s: contract_of(s)["deliveries"][0].update(file="parquet", quoted=False),
        "table visit",
        "`quoted: false` is for csv alone",
    ),
    "a decimal separator of parquet": (
        lambda s: contract_of(s)["deliveries"][0].update(file="parquet", decimal_separator=","),
        "table visit",
        "`decimal_separator` is for csv alone",
    ),
    "an export of another kind": (
        lambda s: contract_of(s)["deliveries"][0].update(EXPORT | {"kind": "append"}),
        "table visit",
        "are `full`, or `changes`",
    ),
    "one export claimed twice": (
        lambda s: contract_of(s)["deliveries"].extend([EXPORT, EXPORT]),
        "table visit",
        "also claimed by desk.visit",
    ),
    "a column inside another of a file": (
        lambda s: column_meta(s).update(within="Details"),
        "table visit",
        "`within` is for exports of DynamoDB alone",
    ),
    "a name of two columns": (
        lambda s: s["tables"][0]["columns"][1]["config"]["meta"].update(also="visit_id"),
        "table visit",
        "two columns are called 'visit_id' in the file",
    ),
    "a reference to nothing": (
        lambda s: column_meta(s).update(refers_to="patient.person_id"),
        "table visit, column seen_on",
        "refers_to patient.person_id: no contract has such an identifier",
    ),
    "a reference to a column that is not an identifier": (
        lambda s: column_meta(s).update(refers_to="desk.visit.seen_on", identifier=False),
        "table visit, column seen_on",
        "refers_to desk.visit.seen_on: no contract has such an identifier",
    ),
    "a reference to another type": (
        lambda s: column_meta(s).update(refers_to="visit.visit_id"),
        "table visit, column seen_on",
        "refers_to visit.visit_id: that is string, this date",
    ),
    "a column twice": (
        lambda s: s["tables"][0]["columns"].append(deepcopy(s["tables"][0]["columns"][0])),
        "table visit",
        "listed twice",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_contract_is_refused_with_its_place(tmp_path: Path, case: str) -> None:
    spoil, place, problem = WRONG[case]
    source = deepcopy(GOOD)
    spoil(source)
    with pytest.raises(BadSettings) as refused:
        read_project(write_project(tmp_path, source))
    message = str(refused.value)
    assert (
        "models/staging/desk/_desk__sources.yml" in message
        and place in message
        and problem in message
    )
    assert "\n" not in message


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a contract, from the outside in."""
    yield place
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in () if isinstance(node, str) else entries:
        yield from places(value, (*place, key))


@pytest.mark.parametrize("shape", ["text", 5, True, 0.5, [], {}, ["text"], [None], {"a": 1}, None])
@pytest.mark.parametrize("place", [*places({"sources": [GOOD]})], ids=str)
def test_a_contract_of_another_shape_is_refused_with_its_file_or_read(
    tmp_path: Path, place: tuple[Any, ...], shape: Any
) -> None:
    """An indentation that is wrong makes a text of a list, and a list of a mapping."""
    content: Any = {"whole": {"sources": [deepcopy(GOOD)]}}
    *outer, last = ("whole", *place)
    node = content
    for key in outer:
        node = node[key]
    node[last] = shape
    root = write_project(tmp_path, GOOD)
    file = root / "models/staging/desk/_desk__sources.yml"
    file.write_text(yaml.safe_dump(content["whole"]))
    try:
        read_project(root)
    except BadSettings as refused:
        message = str(refused)
        assert file.name in message or "no contract found" in message, message
        assert "\n" not in message


def test_a_contract_that_is_not_utf_8_is_refused_with_its_file(tmp_path: Path) -> None:
    root = write_project(tmp_path, GOOD)
    file = root / "models/staging/desk/_desk__sources.yml"
    file.write_bytes(file.read_bytes() + "# für\n".encode("latin-1"))
    with pytest.raises(BadSettings, match=r"_desk__sources\.yml: not UTF-8"):
        read_project(root)


def test_two_contracts_that_claim_one_path_are_refused(tmp_path: Path) -> None:
    other = deepcopy(GOOD)
    other["name"] = "annex"
    with pytest.raises(BadSettings, match=r"table visit: path .* is also claimed by desk\.visit"):
        read_project(write_project(tmp_path, GOOD, other))


def test_the_projects_own_contracts_are_sound() -> None:
    tables = {table.full_name: table for table in read_project(ROOT)}
    assert {"clinic.patient", "billing.ledger", "reviews.yelpmerge1"} <= set(tables)
    assert tables["clinic.patient"].has_changes and tables["reviews.yelpmerge1"].key_columns == ()


def test_the_contracts_hash_changes_with_any_word_of_it(tmp_path: Path) -> None:
    changed = deepcopy(GOOD)
    column_meta(changed)["sentinels"] = ["1/1/1900"]
    before = read_project(write_project(tmp_path / "before", GOOD))
    after = read_project(write_project(tmp_path / "after", changed))
    assert before.table("desk.visit").contract_hash != after.table("desk.visit").contract_hash


@pytest.mark.parametrize("name", sorted(OWN_COLUMNS))
def test_a_column_that_landfall_adds_is_no_columns_name_but_may_be_its_heading(
    tmp_path: Path, name: str
) -> None:
    """Its values would be overwritten, or no view of the table could be made."""
    source = deepcopy(GOOD)
    columns = source["tables"][0]["columns"]
    columns.append(
        {"name": name, "data_type": "string", "config": {"meta": {"sensitivity": "none"}}}
    )
    with pytest.raises(BadSettings, match=rf"table visit, column {name}: .*that Landfall adds"):
        read_project(write_project(tmp_path / "wrong", source))
    columns[-1] |= {
        "name": "of_theirs",
        "config": {"meta": {"sensitivity": "none", "header": name}},
    }
    (table,) = read_project(write_project(tmp_path / "right", source))
    assert table.column("of_theirs").file_name == name


def test_every_column_that_landfall_adds_is_named_as_its_own(tmp_path: Path) -> None:
    source = deepcopy(GOOD)
    contract = source["tables"][0]["config"]["meta"]["contract"]
    contract["deliveries"].append({"path": "desk/{change_time}.csv", "kind": "changes"})
    source["tables"][0]["columns"][0]["config"]["meta"] = {
        "sensitivity": "direct",
        "pseudonym": "p",
    }
    (table,) = read_project(write_project(tmp_path, source))
    added = {*raw_table(table).columns, *PARTITION_COLUMNS} - {c.name for c in table.columns}
    assert added - {"visit_id_pseudonym"} == OWN_COLUMNS


def test_a_column_with_the_name_of_a_pseudonym_is_refused(tmp_path: Path) -> None:
    source = deepcopy(GOOD)
    columns = source["tables"][0]["columns"]
    columns[0]["config"]["meta"] = {"sensitivity": "direct", "pseudonym": "p"}
    columns[1]["name"] = "visit_id_pseudonym"
    with pytest.raises(BadSettings, match="has the name of another column's pseudonym"):
        read_project(write_project(tmp_path, source))


@pytest.mark.parametrize("word", ["user", "order", "select", "tag", "qualify"])
def test_a_word_of_sql_is_no_columns_name_but_may_be_its_heading(tmp_path: Path, word: str) -> None:
    source = deepcopy(GOOD)
    column = source["tables"][0]["columns"][0]
    key = source["tables"][0]["config"]["meta"]["contract"]["key"]
    before = column["name"]
    column["name"], column["config"]["meta"]["header"] = word, word
    with pytest.raises(BadSettings, match=f"column {word}: '{word}' is a word of SQL"):
        read_project(write_project(tmp_path, source))
    column["name"] = before
    root = tmp_path / "named"
    assert read_project(write_project(root, source)).sources[0].tables[0].key_columns == tuple(key)


@pytest.mark.parametrize(
    ("pattern", "path", "claimed"),
    [
        ("clinic/{date}/patient.csv", "clinic/2026-11-21/patient.csv", True),
        ("clinic/{date}/patient.csv", "clinic/2026-11-21/patient.csv.gz", True),
        ("clinic/{date}/patient.csv", "clinic/2026-11-21/patient.csv.bak", False),
        ("clinic/{date}/patient.csv", "clinic/2026-11-21/x/patient.csv", False),
        ("c/t_{compact_date}.csv", "c/t_20261121.csv.gz", True),
        ("c/t_{compact_date}.csv", "c/t_2026112.csv", False),
        ("c/[{day}/]{change_time}.csv", "c/20220725-033312345.csv", True),
        ("c/[{day}/]{change_time}.csv", "c/2022/07/25/20220725-033312345.csv", True),
        ("c/{folder_time}/t.csv", "c/2026-11-21T10-30-00Z/t.csv.gz", True),
        ("c/{folder_time}/t.csv", "c/2026-11-21T10:30:00Z/t.csv", False),
        ("c/{load}.csv", "c/LOAD0000000A.csv", True),
        ("c/{load}.csv", "c/LOAD0000000G.csv", False),
        ("c/{export}/db.t/{part}.parquet", "c/e/db.t/1/part-00000-ab.gz.parquet", True),
    ],
)
def test_a_pattern_claims_whole_paths_only(pattern: str, path: str, claimed: bool) -> None:
    assert bool(PathPattern.parse(pattern).match(path)) is claimed


def test_a_pattern_says_when_an_extract_is_from() -> None:
    dated, changes = (
        PathPattern.parse("c/{date}/t.csv"),
        PathPattern.parse("c/[{day}/]{change_time}.csv"),
    )
    assert dated.date_in(dated.regex.fullmatch("c/2024-02-29/t.csv")) == date(2024, 2, 29)  # type: ignore[arg-type]
    found = changes.match("c/20220725-0333123456.csv")
    assert found and changes.change_time_in(found) == datetime(2022, 7, 25, 3, 33, 12, 345000)
    with pytest.raises(BadName):
        dated.date_in(dated.regex.fullmatch("c/2023-02-29/t.csv"))  # type: ignore[arg-type]
    timed, moment = PathPattern.parse("c/{folder_time}/t.csv"), datetime(2026, 11, 21, 10, 30)
    found = timed.match(timed.filled(date(2026, 11, 20), moment))
    assert found and timed.folder_time_in(found) == moment
    with pytest.raises(BadName):
        timed.folder_time_in(timed.regex.fullmatch("c/2026-11-21T24-30-00Z/t.csv"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not one that an extract can be written to"):
        changes.filled(date(2026, 11, 20), moment)


def test_a_day_without_hyphens_is_a_day_and_two_days_in_one_path_must_be_the_same() -> None:
    compact, both = map(
        PathPattern.parse, ("c/t_{compact_date}.csv", "c/{date}/t_{compact_date}.csv")
    )
    for pattern, path in (
        (compact, "c/t_20240229.csv"),
        (both, "c/2024-02-29/t_20240229.csv"),
    ):
        found = pattern.match(path)
        assert found and pattern.date_in(found) == date(2024, 2, 29)
    for pattern, path, what in (
        (compact, "c/t_20230229.csv", "impossible date"),
        (compact, "c/t_18991231.csv", "impossible date"),
        (both, "c/2024-02-29/t_20240228.csv", "two dates"),
    ):
        found = pattern.match(path)
        assert found
        with pytest.raises(BadName, match=what):
            pattern.date_in(found)


@pytest.mark.parametrize("folders", ["", "2022/", "2022/03/", "2022/03/03/", "2022/03/03/10/"])
def test_a_date_folder_is_no_execution(folders: str) -> None:
    """The record of a flow lies beside its executions, and is none of their files."""
    pattern = PathPattern.parse("c/flow/[{day}/]{execution}/{file}")
    assert not pattern.match(f"c/flow/{folders}executions.json")
    found = pattern.match(f"c/flow/{folders}7818ae69-83fe/part-0")
    assert found and found["execution"] == "7818ae69-83fe"


def test_the_guide_has_every_word_of_a_path() -> None:
    with pytest.raises(ValueError, match="words are ") as refused:
        PathPattern.parse("c/{week}/t.csv")
    words = str(refused.value).split("words are ")[1].split(", ")
    section = (ROOT / "docs/guides/adding_a_source.md").read_text().split("## Paths")[1]
    assert [word for word in words if f"`{{{word}}}`" not in section] == []


def test_all_parts_of_a_full_load_are_one_extract() -> None:
    pattern = PathPattern.parse("c/t/{load}.csv")
    assert pattern.group("c/t/LOAD00000001.csv") == pattern.group(
        "c/t/LOAD0000000A.csv.gz".removesuffix(".gz")
    )


@given(st.integers(1, 38), st.integers(0, 38))
def test_a_decimal_keeps_its_bounds(precision: int, scale: int) -> None:
    text = f"decimal({precision},{scale})"
    if scale <= precision:
        assert str(PortableType.parse(text)) == text
    else:
        with pytest.raises(ValueError, match="unknown type"):
            PortableType.parse(text)


def test_a_word_that_landing_does_not_read_makes_no_load_outdated(tmp_path: Path) -> None:
    source = deepcopy(GOOD)
    gone = {"name": "is_gone", "data_type": "boolean", "config": {"meta": {"sensitivity": "none"}}}
    source["tables"][0]["columns"].append(gone)
    incremental(source)
    before = read_project(write_project(tmp_path / "before", source)).table("desk.visit")
    incremental(source, deleted="is_gone", overlap_minutes=5)
    for column in source["tables"][0]["columns"]:
        column["config"]["meta"] |= {"sensitivity": "direct", "optional": False}
    after = read_project(write_project(tmp_path / "after", source)).table("desk.visit")
    assert (before.deleted, after.deleted) == (None, "is_gone")
    assert before.contract_hash == after.contract_hash


def test_a_table_has_the_row_floor_of_the_project_where_its_contract_sets_none(
    tmp_path: Path,
) -> None:
    source = deepcopy(GOOD)
    contract_of(source)["limits"] = {"floor_share": 0.5, "reject_rows": 7}
    for name, contract, floor in (
        ("plain", GOOD, RowFloor(share=0.9, rows=5)),
        ("own", source, RowFloor(share=0.5, rows=5)),
    ):
        project = read_project(write_project(tmp_path / name, contract))
        assert project.table("desk.visit").limits.row_floor(project.row_floor) == floor


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ("", "vars.row_floor is missing"),
        (", row_floor: {share: 0.9}", "row_floor.rows: Field required"),
        (", row_floor: {share: 90, rows: 5}", "row_floor.share: Input should be less than"),
    ],
)
def test_a_project_needs_a_row_floor_that_is_one(
    tmp_path: Path, variables: str, problem: str
) -> None:
    root = write_project(tmp_path, GOOD)
    (root / "dbt_project.yml").write_text(f"vars: {{business_time_zone: UTC{variables}}}\n")
    with pytest.raises(BadSettings, match=f"dbt_project.yml: {problem}"):
        read_project(root)


def test_a_load_keeps_the_hash_of_its_contract_whatever_the_row_floor(tmp_path: Path) -> None:
    limited = deepcopy(GOOD)
    contract_of(limited)["limits"] = {"reject_rows": 7}
    for name, contract, of_older_loads in (
        ("plain", GOOD, "b99d4603a0548dd2dd7b3312e1c80d2df87dfb742afc6d70b453309005b91b05"),
        ("limited", limited, "6adcb400ecd07f891a83c0f71b0926a85f811b261d68c0467d87111178429b2c"),
    ):
        corrected = deepcopy(contract)
        contract_of(corrected).setdefault("limits", {}).update(floor_share=0.5, floor_rows=0)
        root = write_project(tmp_path / name, contract)
        lower = write_project(tmp_path / f"{name}_corrected", corrected)
        (lower / "dbt_project.yml").write_text(VARIABLES.replace("0.9", "0.8"))
        for folder in (root, lower):
            assert read_project(folder).table("desk.visit").contract_hash == of_older_loads


def test_only_a_delivery_that_quotes_nothing_has_another_hash(tmp_path: Path) -> None:
    hashes = []
    for number, words in enumerate(({}, {"quoted": True}, {"quoted": False})):
        source = deepcopy(GOOD)
        contract_of(source)["deliveries"][0] |= words
        table = read_project(write_project(tmp_path / str(number), source)).table("desk.visit")
        hashes.append(table.contract_hash)
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("file", "name", "decides"),
    [("csv", "payer", False), ("csv", "visit_id", True), ("parquet", "payer", True)],
)
def test_digits_of_bytes_decide_what_lands_of_files_that_carry_bytes_and_of_identifiers(
    tmp_path: Path, file: str, name: str, decides: bool
) -> None:
    source = deepcopy(GOOD)
    payer = {"name": "payer", "data_type": "string", "config": {"meta": {"sensitivity": "none"}}}
    source["tables"][0]["columns"].append(payer)
    contract_of(source)["deliveries"][0]["file"] = file
    before = read_project(write_project(tmp_path / "before", source)).table("desk.visit")
    (column,) = [c for c in source["tables"][0]["columns"] if c["name"] == name]
    column["config"]["meta"]["binary"] = "hex"
    after = read_project(write_project(tmp_path / "after", source)).table("desk.visit")
    assert (before.contract_hash != after.contract_hash) == decides


def test_no_source_may_have_the_name_of_the_base_models(tmp_path: Path) -> None:
    source = {**deepcopy(GOOD), "name": "base"}
    with pytest.raises(BadSettings, match="no source may be called 'base': raw_base is the base"):
        read_project(write_project(tmp_path / "project", source))
