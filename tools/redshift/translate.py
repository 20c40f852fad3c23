"""Translates a statement for Redshift to one for PostgreSQL, or refuses it with Redshift's error.

Changes are edits in place. Statements that PostgreSQL does not have at all become a call of the shim.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from json import dumps

from sqlglot.errors import TokenError

from tools.redshift import functions
from tools.redshift.catalogue import is_question, question_edits
from tools.redshift.errors import NO_SUCH_FUNCTION, Refused
from tools.redshift.phrases import PHRASES
from tools.redshift.policies import policy_statement, row_security
from tools.redshift.rewrite import query_edits
from tools.redshift.shapes import refuse_shapes
from tools.redshift.storage import altered, stored, table_place
from tools.redshift.tokens import Tokens, edited, literal
from tools.redshift.types import check_types

NOTHING = "select 1 where false"
LEADER_NODE = (
    "Specified types or functions (one per INFO message) not supported on Redshift tables."
)
# Before an opening bracket these are no calls: the syntax's own words, and what comes between a name and its columns.
SYNTAX = frozenset(
    """
    all and any array as backup between by case check distinct distkey else except exists filter foreign from group
    having identity ilike in insert intersect interval into is join key lateral like limit minus not offset on only
    options or order over partition primary references rows select set similar some sortkey sets table then to top
    union unique update using values when where with within cube rollup grouping collate
    """.split()
)
TYPES = frozenset(
    """
    bpchar char character decimal float nchar numeric nvarchar text time timestamp timestamptz timetz varbyte varchar
    varying precision
    """.split()
)
# Settings of Redshift that mean nothing here: kept under a name of their own.
SETTINGS = (
    "query_group|wlm_query_slot_count|enable_case_sensitive_identifier|analyze_threshold_percent"
)


@dataclass(frozen=True)
class Translation:
    """What is sent on; `external` names a schema and its Glue database that must be brought up to date before.

    `is_policy`: from here on columns may be masked.
    """

    sql: str
    external: tuple[str, str] | None = None
    is_policy: bool = False


def translate(sql: str, external: Collection[str] = ()) -> Translation:
    """The statement as PostgreSQL takes it, given the names of the external schemas. Raises Refused."""
    try:
        tokens = Tokens(sql)
    except TokenError:
        return Translation(sql)  # PostgreSQL's own syntax error is as good as any
    if not tokens.words or tokens.text(0) in UNTOUCHED:
        return Translation(sql)
    if is_question(tokens):
        return Translation(edited(sql, [*query_edits(tokens), *question_edits(tokens)]))
    for phrase, handler in STATEMENTS:
        if tokens.has(phrase):
            answer = handler(tokens, external)
            if answer is not None:
                return answer
    refuse(tokens, external)
    return _ordinary(tokens)


def refuse(tokens: Tokens, external: Collection[str]) -> None:
    """Raise Refused for statements that PostgreSQL takes and Redshift does not."""
    for phrase in PHRASES:
        if tokens.has(phrase.words):
            raise phrase.error()
    if tokens.has("qualify"):
        raise Refused(
            "the stand-in for Redshift has no QUALIFY: filter row_number() in an outer query"
        )
    for place in range(len(tokens)):
        _check_function(tokens, place)
    check_types(tokens)
    refuse_shapes(tokens, external)


def _check_function(tokens: Tokens, place: int) -> None:
    name = tokens.text(place)
    if name in functions.LEADER_ONLY_WORDS and tokens.text(place - 1) != ".":
        raise Refused(LEADER_NODE)
    if (
        not tokens.is_call(place)
        or name in SYNTAX
        or name in TYPES
        or _is_column_list(tokens, place)
    ):
        return
    if tokens.text(place - 1) == "." and tokens.text(place - 2) != "pg_catalog":
        return  # a function of the user's own, or the name of a table
    if name in functions.LEADER_ONLY:
        raise Refused(LEADER_NODE)
    if not functions.exists(name):
        raise Refused(f"function {name} does not exist", NO_SUCH_FUNCTION)


def _is_column_list(tokens: Tokens, place: int) -> bool:
    """Whether the brackets behind a name hold columns: of a table, a common table expression or an alias."""
    before = tokens.text(place - 1)
    if before in ("into", "table", "view", "references", "exists", "as"):
        return True
    after = tokens.partner.get(place + 1, place) + 1
    return before in ("with", "recursive", ",") and tokens.texts(after, 2) == ["as", "("]


def _ordinary(tokens: Tokens) -> Translation:
    edits = list(query_edits(tokens))
    table = table_place(tokens)
    if table is None:
        return Translation(edited(tokens.sql, edits))
    storage, taken_out = stored(tokens, table)
    return Translation(storage.comment() + edited(tokens.sql, [*taken_out, *edits]))


# ---- statements that PostgreSQL does not have ---------------------------------------------------------------------

Answer = Translation | None


def _external_schema(tokens: Tokens, _: Collection[str]) -> Answer:
    name = 6 if tokens.texts(3, 3) == ["if", "not", "exists"] else 3
    for place in tokens.find("data catalog database"):
        return Translation(
            NOTHING, (tokens.words[name].text.lower(), tokens.words[place + 3].text.lower())
        )
    raise Refused("the stand-in for Redshift takes external schemas from the data catalog only")


def _late_view(tokens: Tokens, external: Collection[str]) -> Answer:
    """A view with no schema binding is a text which runs when it is asked (shim/late_binding.sql)."""
    binding = next(tokens.find("with no schema binding"), None)
    if binding is None:
        return None
    replaces = tokens.text(1) == "or"
    name = 4 if replaces else 2
    start = tokens.path_end(name) + 1
    columns = ""
    if tokens.text(start) == "(":
        columns = tokens.sql[tokens.words[start].start : tokens.words[tokens.partner[start]].end]
        start = tokens.partner[start] + 1
    inner = Tokens(tokens.sql[tokens.words[start].end : tokens.words[binding].start])
    refuse(inner, external)
    body = edited(inner.sql, query_edits(inner))
    if columns:
        body = f"select * from ({body}\n) as late {columns}"
    path = tokens.quoted_path(name)
    return Translation(
        f"call landfall.create_late_view({literal(path)}, {literal(body)}, {str(replaces).lower()})"
    )


def _grant(tokens: Tokens, _: Collection[str]) -> Answer:
    """`to role x` is `to x`; PostgreSQL knows `group` as a word without meaning."""
    return Translation(
        edited(tokens.sql, [tokens.edit(place, place, "") for place in tokens.find("role *")])
    )


def _user(tokens: Tokens, _: Collection[str]) -> Answer:
    return Translation(f'create role "{tokens.words[2].text.lower()}" login')


def _group(tokens: Tokens, _: Collection[str]) -> Answer:
    """A role that no user can have: the limit marks it for svv_relation_privileges."""
    return Translation(f'create role "{tokens.words[2].text.lower()}" connection limit 0')


def _alter_table(tokens: Tokens, _: Collection[str]) -> Answer:
    place = tokens.path_end(2) + 1
    if tokens.text(place) == "add" and tokens.text(place + 1) in (
        "constraint",
        "primary",
        "unique",
        "foreign",
    ):
        return Translation(NOTHING)  # Redshift does not enforce keys
    if secured := row_security(tokens, place):
        return Translation(secured)
    storage = altered(tokens, place)
    if storage is not None:
        path = tokens.quoted_path(2)
        return Translation(
            f"call landfall.alter_storage({literal(path)}, {literal(dumps(asdict(storage)))})"
        )
    for kind in tokens.find("alter column * type"):
        if tokens.text(kind + 4) not in ("varchar", "character"):
            raise Refused("ALTER COLUMN TYPE is only supported for VARCHAR columns")
    return None


def _policy(tokens: Tokens, _: Collection[str]) -> Answer:
    call = policy_statement(tokens)
    return Translation(call, is_policy=True) if call else None


def _vacuum(tokens: Tokens, _: Collection[str]) -> Answer:
    place = 1
    while tokens.text(place) in ("full", "sort", "delete", "only", "reindex", "recluster"):
        place += 1
    end = tokens.path_end(place) if place < len(tokens) else place - 1
    table = tokens.sql[tokens.words[place].start : tokens.words[end].end] if end >= place else ""
    return Translation(f"vacuum {table}")


def _set(tokens: Tokens, _: Collection[str]) -> Answer:
    for place in tokens.find(SETTINGS):
        return Translation(
            edited(tokens.sql, [tokens.edit(place, place, f"landfall.{tokens.text(place)}")])
        )
    return Translation(tokens.sql)


def _not_here(tokens: Tokens, _: Collection[str]) -> Answer:
    raise Refused(f"the stand-in for Redshift has no {tokens.text(0).upper()}")


STATEMENTS: list[tuple[str, Callable[[Tokens, Collection[str]], Answer]]] = [
    ("^ create external schema", _external_schema),
    ("^ create view", _late_view),
    ("^ create or replace view", _late_view),
    ("^ create user", _user),
    ("^ create group", _group),
    ("^ alter table", _alter_table),
    ("^ create|drop|attach|detach|alter masking|rls policy", _policy),
    ("^ grant|revoke", _grant),
    ("^ vacuum", _vacuum),
    ("^ set|reset|show", _set),
    ("^ copy|unload", _not_here),
]
UNTOUCHED = frozenset("begin start commit rollback end abort comment lock close deallocate".split())


def refusal(refused: Refused) -> str:
    """A statement that raises the error, so that it takes the same way as PostgreSQL's own."""
    return f"select landfall.refuse({literal(refused.state)}, {literal(refused.message)})"
