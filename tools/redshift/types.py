"""Types as Redshift means them: a varchar always has a length, a decimal a scale, and some are unknown."""

from __future__ import annotations

from collections.abc import Iterator

from tools.redshift.errors import NO_SUCH_TYPE, TOO_LONG, Refused
from tools.redshift.storage import is_table_key, table_place
from tools.redshift.tokens import Edit, Tokens

# What a type means where it is written without brackets.
BARE = {
    "varchar": "varchar(256)",
    "text": "varchar(256)",
    "nvarchar": "varchar(256)",
    "bpchar": "char(256)",
    "nchar": "char(1)",
    "numeric": "numeric(18,0)",
    "decimal": "numeric(18,0)",
}
# Another name where a length follows.
SIZED = {"nvarchar": "varchar", "text": "varchar", "nchar": "char", "bpchar": "char"}
LIMITS = {
    "varchar": 65_535,
    "nvarchar": 65_535,
    "text": 65_535,
    "varying": 65_535,
    "char": 4_096,
    "nchar": 4_096,
}

UNKNOWN = frozenset(
    """
    json jsonb uuid xml money serial bigserial smallserial bytea inet cidr macaddr macaddr8 bit point line lseg box path
    polygon circle tsvector tsquery jsonpath pg_lsn int4range int8range numrange tsrange tstzrange daterange citext
    hstore oidvector
    """.split()
)
ABSENT = frozenset(["super", "geometry", "geography", "hllsketch", "varbyte", "varbinary"])


def check_types(tokens: Tokens) -> None:
    """Raise Refused for a type that Redshift does not have, or a length beyond its limit."""
    for place in type_places(tokens):
        name = tokens.text(place)
        if name in UNKNOWN:
            raise Refused(f'type "{name}" does not exist', NO_SUCH_TYPE)
        if name in ABSENT:
            raise Refused(f'the stand-in for Redshift has no type "{name}"')
        end = place + 1 if tokens.text(place + 1) == "varying" else place
        if tokens.text(end + 1) == "[":
            raise Refused(f'type "{name}[]" is not supported')
        _check_size(tokens, name, end + 1)


def _check_size(tokens: Tokens, name: str, bracket: int) -> None:
    if tokens.text(bracket) != "(":
        return
    size = tokens.text(bracket + 1)
    limit = LIMITS.get(
        "varying" if name == "character" and tokens.text(bracket - 1) == "varying" else name
    )
    if limit and size.isdigit() and int(size) > limit:
        raise Refused(f"length for type {name} cannot exceed {limit}", TOO_LONG)
    if name in ("numeric", "decimal") and size.isdigit() and int(size) > 38:
        raise Refused(f"NUMERIC precision {size} must be between 1 and 38", TOO_LONG)


def type_edits(tokens: Tokens) -> Iterator[Edit]:
    """Write out Redshift's implicit lengths and scales."""
    for place in type_places(tokens):
        name, last = tokens.text(place), place
        if name == "character" and tokens.text(place + 1) == "varying":
            name, last = "varchar", place + 1
        if tokens.text(last + 1) == "(":
            if tokens.text(last + 2) == "max":
                yield tokens.edit(last + 2, last + 2, str(LIMITS["varchar"]))
            if name in SIZED:
                yield tokens.edit(place, last, SIZED[name])
        elif name in BARE:
            yield tokens.edit(place, last, BARE[name])


def type_places(tokens: Tokens) -> Iterator[int]:
    """Where a type stands: behind `::`, behind the `as` of a cast, in a column's definition."""
    for place in tokens.places("::"):
        yield place + 1
    for place in tokens.places("as"):
        if tokens.text(tokens.around[place] - 1) in ("cast", "try_cast"):
            yield place + 1
    yield from _columns(tokens)


def _columns(tokens: Tokens) -> Iterator[int]:
    table = table_place(tokens)
    if table is not None:
        bracket = tokens.path_end(table) + 1
        if tokens.text(bracket) == "(":
            for first, last in tokens.items(bracket):
                if (
                    last > first
                    and not is_table_key(tokens, first)
                    and tokens.text(first) != "like"
                ):
                    yield first + 1
    for place in tokens.find("add column"):
        yield place + 3
    for place in tokens.find("alter column * type"):
        yield place + 4
