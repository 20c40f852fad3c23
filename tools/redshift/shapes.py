"""Queries that Redshift refuses by their shape, found on sqlglot's tree.

A statement that sqlglot cannot read passes.

Each rule is a check of one kind of node (shape_checks.py); beside it the statement it refuses and one like it that
passes, which the tests run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import SqlglotError

from tools.redshift import shape_checks as checks
from tools.redshift.errors import Refused
from tools.redshift.tokens import Tokens


@dataclass(frozen=True)
class Shape:
    """A rule over the nodes of one `kind`; `external` in a check is the set of external schemas."""

    name: str
    kind: type[exp.Expression] | tuple[type[exp.Expression], ...]
    check: Callable[[exp.Expression, Collection[str]], str | None]
    refused: str
    allowed: str


def refuse_shapes(tokens: Tokens, external: Collection[str]) -> None:
    """Raise Refused for the first rule that a statement breaks."""
    dialect = Redshift()
    try:
        trees = dialect.parser().parse(tokens.cut, tokens.sql)
    except SqlglotError:
        return
    for tree in trees:
        for node in tree.walk() if tree else ():
            for shape in _shapes_of(type(node)):  # type: ignore[arg-type]
                message = shape.check(node, external)  # type: ignore[arg-type]
                if message:
                    raise Refused(message)


@functools.cache
def _shapes_of(kind: type[object]) -> list[Shape]:
    """The rules for one kind of node."""
    return [shape for shape in SHAPES if issubclass(kind, shape.kind)]


_MERGE_TAIL = "on t.a = u.a when matched then update set b = u.b when not matched then insert (a) values (u.a)"

SHAPES = [
    Shape(
        "window aggregates need a frame",
        exp.Window,
        checks.frame,
        "select sum(a) over (partition by b order by a) from t",
        "select sum(a) over (partition by b order by a rows unbounded preceding) from t",
    ),
    Shape(
        "frames count rows",
        exp.Window,
        checks.frame,
        "select sum(a) over (order by a range between 1 preceding and current row) from t",
        "select row_number() over (order by a), lag(a) over (order by a) from t",
    ),
    Shape(
        "no distinct in windows",
        exp.Window,
        checks.distinct_window,
        "select count(distinct a) over (partition by b) from t",
        "select count(a) over (partition by b) from t",
    ),
    Shape(
        "one order for sorted aggregates",
        exp.Select,
        checks.orders,
        "select listagg(b, ',') within group (order by a), median(b) from t",
        "select listagg(b, ',') within group (order by a), listagg(a, ',') within group (order by a) from t",
    ),
    Shape(
        "correlation skips no level",
        exp.Select,
        checks.skipped_level,
        "select * from t where exists (select 1 from u where exists (select 1 from v where v.a = t.a and v.b = u.b))",
        "select * from t where exists (select 1 from u where u.a = t.a)",
    ),
    Shape(
        "no correlation in a join condition",
        exp.Join,
        checks.correlated_on,
        "select * from t join u on t.a = (select max(v.a) from v where v.b = u.b)",
        "select * from t join u on t.a = (select max(v.a) from v)",
    ),
    Shape(
        "no limit in a correlated subquery",
        exp.Select,
        checks.correlated_limit,
        "select (select u.a from u where u.b = t.b order by u.a limit 1) from t",
        "select (select max(u.a) from u where u.b = t.b) from t",
    ),
    Shape(
        "aggregates correlate by equality",
        exp.Select,
        checks.correlated_range,
        "select (select count(*) from u where u.a < t.a) from t",
        "select (select count(*) from u where u.a = t.a and u.b < 3) from t",
    ),
    Shape(
        "recursion names its columns",
        exp.With,
        checks.recursive,
        "with recursive r as (select 1 as a union all select a + 1 from r where a < 3) select * from r",
        "with recursive r (a) as (select 1 union all select a + 1 from r where a < 3) select * from r",
    ),
    Shape(
        "merge into a bare table",
        exp.Merge,
        checks.merge,
        f"merge into t as x using u {_MERGE_TAIL.replace('t.a', 'x.a')}",
        f"merge into t using u {_MERGE_TAIL}",
    ),
    Shape(
        "merge from a relation",
        exp.Merge,
        checks.merge,
        f"merge into t using (select * from u) as u {_MERGE_TAIL}",
        f"merge into t using u as u {_MERGE_TAIL}",
    ),
    Shape(
        "views on external tables are late-binding",
        exp.Create,
        checks.bound_to_external,
        "create view x as select * from lake.t",
        "create view x as select * from t",
    ),
    Shape(
        "external tables are read only",
        (
            exp.Insert,
            exp.Delete,
            exp.Update,
            exp.Merge,
            exp.Create,
            exp.Drop,
            exp.Alter,
            exp.TruncateTable,
        ),
        checks.writes_external,
        "delete from lake.t where a = 1",
        "delete from t where a in (select a from lake.t)",
    ),
]
