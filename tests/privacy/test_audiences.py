"""The file of each role holds only what its role may read, and the gate finds each way of holding more."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.privacy.audiences import Held, leaks, may_hold, roles
from tests.privacy.sought import Sought
from tools.demonstration import Demonstration, demonstrated

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

IDENTITIES, PATIENTS = "restricted.dim_patient_identities", "clinic.dim_patients"
NAME = f"(select max(last_name) from {IDENTITIES} where last_name like 'zq%canary')"
MUTANTS = {
    "a table of another area": (
        "create schema crm; create table crm.dim_contacts as select 'one' as contact_key",
        "crm.dim_contacts.contact_key is not declared",
    ),
    "a column that is left out": (
        f"alter table {IDENTITIES} add column email varchar",
        f"{IDENTITIES}.email is not declared",
    ),
    "a name in a mart": (f"update {PATIENTS} set zip_area = {NAME}", "zip_area holds"),
    "in capitals": (f"update {PATIENTS} set zip_area = upper({NAME})", "zip_area holds"),
    "in a sentence": (f"update {PATIENTS} set zip_area = 'of ' || {NAME}", "zip_area holds"),
    "a day of birth as another": (
        f"update {PATIENTS} set valid_to = date '{{born}}'",
        "valid_to holds clinic.patient.dob",
    ),
    "a name in the comment of a table": (
        f"comment on table {PATIENTS} is 'as {{other}} said'",
        "its tables tell salesforce.contact.last_name",
    ),
    "in the comment of a column": (
        f"comment on column {PATIENTS}.zip_area is '{{other}}'",
        "its columns tell salesforce.contact.last_name",
    ),
    "in a default": (
        f"alter table {PATIENTS} alter zip_area set default '{{other}}'",
        "its columns tell salesforce.contact.last_name",
    ),
    "in the name of a schema": (
        'create schema "of {other}"',
        "its schemas tell salesforce.contact.last_name",
    ),
    "in a line of the readme": (
        "insert into main.readme (schema_name, holds) values ('clinic', 'what {other} wrote')",
        "holds salesforce.contact.last_name",
    ),
    "a view that reaches what is restricted": (
        f"create view clinic.people as from {IDENTITIES}",
        "it has a view",
    ),
    "a macro that does": (
        f"create macro clinic.people() as table select * from {IDENTITIES}",
        "it has a macro",
    ),
    "a type of names": ("create type clinic.people as enum ('{other}')", "it has a type"),
    "deleted rows in free pages": (
        "create table clinic.gone as select '{other}' || i as told from range(200000) as n(i);"
        f" checkpoint; create or replace table {PATIENTS} as from {PATIENTS}; checkpoint;"
        " drop table clinic.gone; checkpoint",
        "of its pages are free",
    ),
    "a log beside it": (
        "pragma disable_checkpoint_on_shutdown; set checkpoint_threshold = '1GB';"
        f" insert into {PATIENTS} (zip_area) values ('{{other}}')",
        ".wal is there",
    ),
}


@pytest.fixture(scope="module")
def shown() -> Demonstration:
    return demonstrated()


@pytest.fixture(scope="module")
def sought(shown: Demonstration) -> Sought:
    return Sought(shown.canaries)


@pytest.mark.parametrize("role", roles())
def test_the_file_of_a_role_holds_what_its_role_may_read_and_no_more(
    shown: Demonstration, sought: Sought, role: str
) -> None:
    path = shown.warehouse.with_name(f"warehouse_{roles()[role]}.duckdb")
    assert leaks(path, may_hold(role), sought) == []


@pytest.fixture(scope="module")
def held() -> Held:
    """What the desk may read of two tables and the readme."""
    desk = may_hold("desk")
    return {name: desk[name] for name in ("main.readme", IDENTITIES, PATIENTS)}


@pytest.fixture(scope="module")
def clean(shown: Demonstration, held: Held, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk's file with two tables and the readme alone."""
    path = tmp_path_factory.mktemp("clean") / "small_desk.duckdb"
    with duckdb.connect(str(path)) as connection:
        desk = shown.warehouse.with_name("warehouse_desk.duckdb")
        connection.execute(f"attach '{desk}' as desk (read_only)")
        for name in held:
            schema = name.partition(".")[0]
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {name} as from desk.{name}")
    return path


@pytest.fixture
def small(clean: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copy(clean, tmp_path))


def test_a_part_of_a_file_holds_no_more_either(sought: Sought, held: Held, clean: Path) -> None:
    assert leaks(clean, held, sought) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_file_that_holds_more_is_found(
    shown: Demonstration, sought: Sought, held: Held, small: Path, name: str
) -> None:
    forms = {canary.place: canary.forms[0] for canary in shown.canaries}
    words = {"other": forms["salesforce.contact.last_name"], "born": forms["clinic.patient.dob"]}
    sql, told = MUTANTS[name]
    with duckdb.connect(str(small)) as connection:
        connection.execute(sql.format(**words))
    found = leaks(small, held, sought)
    assert any(told in line for line in found), found


def test_a_column_that_is_not_masked_is_found(sought: Sought, held: Held, small: Path) -> None:
    masked = {**held, IDENTITIES: {**held[IDENTITIES], "last_name": None, "date_of_birth": None}}
    assert {
        f"{IDENTITIES}.{column} is not masked" for column in ("date_of_birth", "last_name")
    } <= {*leaks(small, masked, sought)}
    # written anew: what an update leaves in the pages of a file is found as well
    with duckdb.connect(str(small.with_name("masked.duckdb"))) as connection:
        connection.execute(f"attach '{small}' as small (read_only); create schema restricted")
        connection.execute(
            f"create table {IDENTITIES} as select * replace ('***' as last_name,"
            f" cast(null as date) as date_of_birth) from small.{IDENTITIES}"
        )
    assert leaks(small.with_name("masked.duckdb"), masked, sought) == []


def test_a_canary_is_found_in_the_bytes_of_a_file(sought: Sought, held: Held, small: Path) -> None:
    with small.open("ab") as file:
        file.write(sought.marked[0].encode())
    assert leaks(small, held, sought)
