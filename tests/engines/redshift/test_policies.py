"""Masking and row-level security on the stand-in: what a user reads, and what Redshift refuses."""

from collections.abc import Iterator

import pytest
from redshift_connector.error import ProgrammingError

from tools.redshift.engine import Redshift

MASK = "create masking policy pol_star with (value varchar(20)) using ('***'::varchar(20))"
BLANK = "create masking policy pol_none with (value varchar(20)) using (null::varchar(20))"
ROWS = "create rls policy pol_north with (place varchar(20)) using (place = 'north')"


@pytest.fixture
def people(schema: str, redshift: Redshift) -> Iterator[str]:
    """A table of two people, read by ann in the role r_reader and by bob in r_other."""
    table = f"{schema}.people"
    redshift.rows(
        "create role r_reader",
        "create role r_other",
        "create user ann password disable",
        "create user bob password disable",
        "grant role r_reader to ann",
        "grant role r_other to bob",
        f"create table {table} (id int, name varchar(20), place varchar(20))",
        f"insert into {table} values (1, 'Zoe', 'north'), (2, 'Max', 'south')",
        f"grant usage on schema {schema} to role r_reader, role r_other",
        f"grant select on {table} to role r_reader, role r_other",
    )
    yield table
    redshift.rows(f"drop table if exists {table}", f"revoke all on schema {schema} from r_reader")
    redshift.rows(f"revoke all on schema {schema} from r_other")
    for policy in redshift.rows("select policy_name from svv_masking_policy"):
        redshift.rows(f"drop masking policy {policy[0]}")
    for policy in redshift.rows("select polname from svv_rls_policy"):
        redshift.rows(f"drop rls policy {policy[0]}")
    for name in ("ann", "bob", "r_reader", "r_other"):
        redshift.rows(f"drop role {name}")


def names(redshift: Redshift, table: str, user: str) -> list[str | None]:
    return [name for (name,) in redshift.rows(f"select name from {table} order by id", user=user)]


def test_a_role_reads_the_mask_and_others_the_value(people: str, redshift: Redshift) -> None:
    redshift.rows(MASK, f"attach masking policy pol_star on {people} (name) to role r_reader")
    assert names(redshift, people, "ann") == ["***", "***"]
    assert names(redshift, people, "bob") == ["Zoe", "Max"]
    asked = (
        f"with p as (select * from {people}) select q.name, x.id from p as q"
        f" join {people} x on x.id = q.id where x.name = '***' order by 2"
    )
    assert redshift.rows(asked, user="ann") == [["***", 1], ["***", 2]]
    assert redshift.rows(f"select count(*) from {people} where name = 'Zoe'", user="ann") == [[0]]
    assert redshift.rows(
        "select policy_name, schema_name || '.' || table_name, grantee, grantee_type, output_columns"
        " from svv_attached_masking_policy"
    ) == [["pol_star", people, "r_reader", "role", '["name"]']]
    assert redshift.rows("select * from svv_attached_masking_policy", user="ann") == []
    redshift.rows(f"detach masking policy pol_star on {people} (name) from role r_reader")
    assert names(redshift, people, "ann") == ["Zoe", "Max"]


def test_of_several_masks_that_of_the_highest_priority_counts(
    people: str, redshift: Redshift
) -> None:
    redshift.rows(
        MASK,
        BLANK,
        f"attach masking policy pol_star on {people} (name) to role r_reader priority 10",
        f"attach masking policy pol_star on {people} (name) to role r_other priority 10",
        f"attach masking policy pol_none on {people} (name) to ann priority 20",
    )
    assert names(redshift, people, "ann") == [None, None]
    assert names(redshift, people, "bob") == ["***", "***"]


def test_masked_columns_are_read_beside_columns_that_are_not_granted(
    people: str, redshift: Redshift
) -> None:
    redshift.rows(
        MASK,
        f"attach masking policy pol_star on {people} (name) to role r_reader",
        f"revoke select on {people} from role r_reader",
        f"grant select (id, name) on {people} to role r_reader",
    )
    assert redshift.rows(f"select * from {people} order by id", user="ann") == [
        [1, "***"],
        [2, "***"],
    ]


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([MASK, MASK], "already exists"),
        ([MASK.replace("'***'::varchar(20)", "'***'")], "of type"),
        (
            [MASK.replace("(20)", "(30)"), "attach masking policy pol_star on {} (name) to ann"],
            "not of type",
        ),
        ([MASK, "attach masking policy pol_star on {} (nobody) to ann"], "does not exist"),
        ([MASK, "attach masking policy pol_star on {} (name) to role nobody"], "does not exist"),
        ([MASK, "attach masking policy pol_star on {} (name) to group r_reader"], "syntax error"),
        (
            [
                MASK,
                BLANK,
                "attach masking policy pol_star on {} (name) to ann",
                "attach masking policy pol_none on {} (name) to bob",
            ],
            "another policy",
        ),
        (
            [
                MASK,
                "attach masking policy pol_star on {} (name) to ann",
                "drop masking policy pol_star",
            ],
            "is attached",
        ),
        ([ROWS, "attach rls policy pol_north on {} to nobody"], "does not exist"),
        (
            [
                ROWS,
                "attach rls policy pol_north on {} to role r_reader",
                "drop rls policy pol_north",
            ],
            "is attached",
        ),
        (["detach masking policy pol_star on {} (name) from ann"], "not attached"),
    ],
)
def test_what_redshift_refuses(
    people: str, redshift: Redshift, statements: list[str], told: str
) -> None:
    *before, last = [statement.format(people) for statement in statements]
    for statement in before:
        redshift.rows(statement)
    with pytest.raises(ProgrammingError, match=told):
        redshift.rows(last)


def test_a_user_may_not_manage_policies(people: str, redshift: Redshift) -> None:
    for statement in (MASK, ROWS):
        with pytest.raises(ProgrammingError, match="permission denied"):
            redshift.rows(statement, user="ann")


def test_a_table_that_is_dropped_takes_its_masks_along(people: str, redshift: Redshift) -> None:
    redshift.rows(
        MASK,
        f"attach masking policy pol_star on {people} (name) to role r_reader",
        f"drop table {people}",
        "drop masking policy pol_star",
    )
    assert redshift.rows("select * from svv_masking_policy") == []


def test_rows_are_those_that_every_policy_of_the_user_lets_through(
    people: str, redshift: Redshift
) -> None:
    redshift.rows(
        ROWS,
        "create rls policy pol_all using (true)",
        f"attach rls policy pol_north on {people} to role r_reader",
    )
    assert names(redshift, people, "ann") == ["Zoe", "Max"]  # it is not on yet
    redshift.rows(f"alter table {people} row level security on")
    assert names(redshift, people, "ann") == ["Zoe"]
    assert names(redshift, people, "bob") == []  # a role without a policy
    redshift.rows(f"attach rls policy pol_all on {people} to role r_other")
    redshift.rows(f"attach rls policy pol_all on {people} to role r_reader")
    assert names(redshift, people, "bob") == ["Zoe", "Max"]
    assert names(redshift, people, "ann") == ["Zoe"]
    assert names(redshift, people, "") == ["Zoe", "Max"]
    assert redshift.rows(
        "select polname, grantee, granteekind, is_rls_on from svv_rls_attached_policy order by 1, 2"
    ) == [
        ["pol_all", "r_other", "role", True],
        ["pol_all", "r_reader", "role", True],
        ["pol_north", "r_reader", "role", True],
    ]
    redshift.rows(f"alter table {people} row level security off")
    assert names(redshift, people, "ann") == ["Zoe", "Max"]
