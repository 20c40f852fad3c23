"""Each rule refuses its statement, and a similar statement passes. The error is Redshift's, or the stand-in's own for
what it lacks."""

import pytest

from tools.redshift import functions
from tools.redshift.errors import NO_SUCH_FUNCTION, SYNTAX_ERROR, Refused
from tools.redshift.phrases import PHRASES, Phrase
from tools.redshift.shapes import SHAPES, Shape
from tools.redshift.translate import LEADER_NODE, refusal, translate

EXTERNAL = frozenset(["lake"])


def refused(sql: str) -> Refused:
    with pytest.raises(Refused) as caught:
        translate(sql, EXTERNAL)
    return caught.value


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.words)
def test_each_phrase_is_refused_and_its_neighbour_is_not(phrase: Phrase) -> None:
    expected = phrase.error()
    error = refused(phrase.refused)
    assert (error.message, error.state) == (expected.message, expected.state)
    translate(phrase.allowed, EXTERNAL)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_shape_is_refused_and_its_neighbour_is_not(shape: Shape) -> None:
    assert refused(shape.refused).state == "0A000"
    translate(shape.allowed, EXTERNAL)


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.words)
def test_a_phrase_inside_a_text_a_quoted_name_or_a_comment_passes(phrase: Phrase) -> None:
    words = phrase.words.removeprefix("^ ").replace("*", "x").replace("|", " ")
    sql = f"select '{words}' as \"{words}\" from t -- {words}\n/* {words} */"
    assert translate(sql, EXTERNAL).sql == sql


def test_a_syntax_error_has_its_state() -> None:
    error = refused("select count(*) filter (where a) from t")
    assert error.state == SYNTAX_ERROR
    assert error.message == 'syntax error at or near "("'


@pytest.mark.parametrize(
    "name",
    """
    string_agg array_agg unnest json_agg jsonb_agg to_json to_jsonb row_to_json json_build_object jsonb_build_object
    json_object_agg json_each json_array_elements format concat_ws regexp_match regexp_matches regexp_split_to_array
    regexp_split_to_table string_to_array string_to_table make_date make_time make_timestamp make_interval
    gen_random_uuid uuidv7 date_bin justify_interval width_bucket num_nulls num_nonnulls starts_with parse_ident every
    array_length array_append array_position cardinality xmlagg regr_slope corr covar_pop bit_xor range_agg to_regclass
    mode generate_subscripts encode digest div gcd normalize unistr
    """.split(),
)
def test_a_function_that_redshift_lacks_does_not_exist(name: str) -> None:
    error = refused(f"select a, {name}(b) from t")
    assert (error.message, error.state) == (f"function {name} does not exist", NO_SUCH_FUNCTION)
    assert refused(f"select * from {name}(1)").state == NO_SUCH_FUNCTION


@pytest.mark.parametrize("name", sorted(functions.LEADER_ONLY - functions.LEADER_ONLY_WORDS))
def test_a_function_of_the_leader_node_cannot_read_tables(name: str) -> None:
    assert refused(f"select {name}(a) from t").message == LEADER_NODE


@pytest.mark.parametrize("word", sorted(functions.LEADER_ONLY_WORDS))
def test_a_clock_of_the_leader_node_cannot_read_tables(word: str) -> None:
    assert refused(f"select a, {word} from t").message == LEADER_NODE


@pytest.mark.parametrize(
    "sql",
    [
        "with x (a, b) as (select 1, 2), y (c) as (select 3) select * from x, y",
        "insert into t (a, b) values (1, 2)",
        "create table s.x (a int, b varchar(3))",
        "select * from (select 1) as v (a) where a in (1) and (a = 2) or not (a = 3)",
        "select cast(a as decimal(12, 2)), a::char(3) from t where exists (select 1 from u where u.a = t.a)",
        "select own.function(a) from t",
        "select case when (a) then (b) else (c) end from t limit (3)",
        "select sum(a) over (partition by (b) order by (c) rows between 1 preceding and current row) from t",
        "select a from t group by (a) having (max(a)) > 1 order by (a)",
        "select * from t join u using (a) left join v on (t.a = v.a)",
        "select a between (1) and (2), interval '1 day', date '2026-01-01' from t union all (select 1, 2, 3)",
        "select left(a, 1), replace(a, 'x', 'y'), right(a, 1) from t",
    ],
)
def test_parentheses_that_are_not_a_call_pass(sql: str) -> None:
    assert translate(sql).sql.endswith(sql)


@pytest.mark.parametrize(
    "kind", ["json", "jsonb", "uuid", "xml", "money", "serial", "inet", "bytea", "int4range"]
)
def test_a_type_that_redshift_lacks_does_not_exist(kind: str) -> None:
    for sql in (
        f"create table x (a int, b {kind})",
        f"select a::{kind} from t",
        f"select cast(a as {kind}) from t",
    ):
        assert refused(sql).message == f'type "{kind}" does not exist'
    translate(f"select {kind} as {kind} from t")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("create table x (a varchar(65536))", "length for type varchar cannot exceed 65535"),
        ("create table x (a char(4097))", "length for type char cannot exceed 4096"),
        (
            "select cast(a as character varying(70000)) from t",
            "length for type character cannot exceed 65535",
        ),
        (
            "select cast(a as decimal(39, 2)) from t",
            "NUMERIC precision 39 must be between 1 and 38",
        ),
        ("create table x (a int[])", 'type "int[]" is not supported'),
        (
            "alter table t alter column a type bigint",
            "ALTER COLUMN TYPE is only supported for VARCHAR columns",
        ),
        ("create table x (a int) diststyle key", "DISTSTYLE KEY requires a DISTKEY column"),
        (
            "create table x (a int) diststyle all distkey (a)",
            "cannot specify DISTKEY with DISTSTYLE ALL",
        ),
        ("create table x (a int) diststyle some", 'invalid DISTSTYLE "some"'),
        ("create table x (a int encode best)", 'invalid column encoding "best"'),
    ],
)
def test_what_is_out_of_bounds_is_refused(sql: str, message: str) -> None:
    assert refused(sql).message.startswith(message)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "QUALIFY"),
        ("copy t from 's3://bucket/key' iam_role default", "COPY"),
        ("unload ('select 1') to 's3://bucket/key' iam_role default", "UNLOAD"),
        ("select a::super from t", 'type "super"'),
    ],
)
def test_what_the_stand_in_lacks_is_refused_in_its_own_words(sql: str, name: str) -> None:
    assert refused(sql).message.startswith(f"the stand-in for Redshift has no {name}")


def test_a_late_binding_view_is_refused_for_what_its_text_holds() -> None:
    error = refused("create view x as (select string_agg(a, ',') from t) with no schema binding")
    assert error.state == NO_SUCH_FUNCTION
    translate("create view x as (select a from lake.t) with no schema binding", EXTERNAL)


def test_questions_to_the_catalogue_may_use_what_queries_may_not() -> None:
    question = "select array_to_string(reloptions, ','), current_timestamp from "
    assert translate(question + "pg_catalog.pg_class").sql == question + "landfall.pg_class"


def test_a_refusal_survives_any_text() -> None:
    statement = refusal(Refused("it's $landfall$ 50% \\ done", "0A000"))
    assert (
        statement
        == "select landfall.refuse($landfall$0A000$landfall$, $landfall_$it's $landfall$ 50% \\ done$landfall_$)"
    )
