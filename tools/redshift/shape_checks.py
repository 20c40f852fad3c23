"""The checks of shapes.py: each looks at one node of sqlglot's tree and gives the error's text, or nothing.

The second argument of each is the names of the external schemas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

CORRELATED = "This type of correlated subquery pattern is not supported due to internal error"
# Window functions that look at their whole partition, and need no frame though they have an order.
_RANKING = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.Ntile,
    exp.PercentRank,
    exp.CumeDist,
    exp.Lag,
    exp.Lead,
)


# ---- window functions and aggregates --------------------------------------------------------------------------


def frame(node: exp.Expression, _: Collection[str]) -> str | None:
    """An aggregate over a window with an order needs a frame, and the frame counts rows."""
    spec = node.args.get("spec")
    if spec and str(spec.args.get("kind") or "").upper() != "ROWS":
        return "RANGE and GROUPS window frames are not supported"
    if spec and spec.args.get("exclude"):
        return "EXCLUDE in a window frame is not supported"
    function = (
        node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
    )
    if (
        node.args.get("order")
        and not spec
        and isinstance(function, exp.AggFunc)
        and not isinstance(function, _RANKING)
    ):
        return "Aggregate window functions with an ORDER BY clause require a frame clause"
    return None


def distinct_window(node: exp.Expression, _: Collection[str]) -> str | None:
    """No DISTINCT over a window."""
    return "DISTINCT is not supported in window functions" if node.this.find(exp.Distinct) else None


def orders(node: exp.Expression, _: Collection[str]) -> str | None:
    """LISTAGG, MEDIAN and PERCENTILE_CONT of one select sort alike."""
    orders = {
        order for item in node.args.get("expressions", []) for order in _sorted_aggregates(item)
    }
    return (
        "within group ORDER BY clauses for aggregate functions must be the same"
        if len(orders) > 1
        else None
    )


def _sorted_aggregates(item: exp.Expression) -> Iterator[str]:
    """What each sorted aggregate of one output column is sorted by."""
    for node in item.walk(prune=lambda inner: isinstance(inner, exp.Select)):
        if isinstance(node, exp.WithinGroup):
            yield ", ".join(ordered.this.sql() for ordered in node.expression.expressions)
        elif isinstance(node, exp.Median):
            yield node.this.sql()


# ---- subqueries -----------------------------------------------------------------------------------------------


def _inside(select: exp.Expression) -> set[str]:
    """The names by which a select's columns can call the tables of its own FROM."""
    sources = [
        select.args.get("from_") or select.args.get("from"),
        *(select.args.get("joins") or []),
    ]
    return {
        source.this.alias_or_name
        for source in sources
        if source is not None and source.this is not None
    }


def _strangers(select: exp.Expression) -> Iterator[exp.Column]:
    """The columns of a subquery, at any depth, that name no table of the selects between."""
    for column in select.find_all(exp.Column):
        if not column.table:
            continue
        inner = column.find_ancestor(exp.Select)
        while inner is not None:
            if column.table in _inside(inner):
                break
            if inner is select:
                yield column
                break
            inner = inner.find_ancestor(exp.Select)


def _own_strangers(select: exp.Expression) -> list[exp.Column]:
    return [column for column in _strangers(select) if column.find_ancestor(exp.Select) is select]


def skipped_level(node: exp.Expression, _: Collection[str]) -> str | None:
    """A subquery refers to the query around it, never past it."""
    outer = node.find_ancestor(exp.Select)
    if outer is None or isinstance(node.parent, exp.CTE):
        return None
    return (
        CORRELATED
        if any(c.table not in _inside(outer) for c in _own_strangers(node) if _is_known(c))
        else None
    )


def _is_known(column: exp.Column) -> bool:
    """Whether some select around the column has its table: else it is a schema's or simply wrong."""
    around = column.find_ancestor(exp.Select)
    while around is not None:
        if column.table in _inside(around):
            return True
        around = around.find_ancestor(exp.Select)
    return False


def correlated_on(node: exp.Expression, _: Collection[str]) -> str | None:
    """A join's condition holds no correlated subquery."""
    condition = node.args.get("on")
    selects = condition.find_all(exp.Select) if condition is not None else ()
    return CORRELATED if any(_own_strangers(select) for select in selects) else None


def correlated_limit(node: exp.Expression, _: Collection[str]) -> str | None:
    """A correlated subquery has no LIMIT."""
    limited = node.args.get("limit") or node.args.get("offset")
    if (
        not limited
        or isinstance(node.parent, exp.CTE | exp.Exists)
        or node.find_ancestor(exp.Select) is None
    ):
        return None
    return CORRELATED if any(_is_known(column) for column in _own_strangers(node)) else None


def correlated_range(node: exp.Expression, _: Collection[str]) -> str | None:
    """A scalar aggregate over rows that are tied to the outer query by anything but an equality."""
    if not isinstance(node.parent, exp.Subquery) or node.find_ancestor(exp.Select) is None:
        return None
    if not any(
        isinstance(item.unalias(), exp.AggFunc) for item in node.args.get("expressions", [])
    ):
        return None
    for column in _own_strangers(node):
        comparison = column.find_ancestor(exp.Predicate)
        if _is_known(column) and not isinstance(comparison, exp.EQ):
            return CORRELATED
    return None


# ---- statements -----------------------------------------------------------------------------------------------


def recursive(node: exp.Expression, _: Collection[str]) -> str | None:
    """A recursive table names its columns."""
    if not node.args.get("recursive"):
        return None
    for cte in node.expressions:
        name, table = cte.alias, cte.args["alias"]
        if not table.args.get("columns") and any(
            found.name == name for found in cte.this.find_all(exp.Table)
        ):
            return f"Recursive CTE {name} must have a column list"
    return None


def merge(node: exp.Expression, _: Collection[str]) -> str | None:
    """MERGE has no alias on its target and no subquery as its source."""
    if node.this.alias:
        return "MERGE target cannot have an alias"
    if isinstance(node.args["using"], exp.Subquery):
        return "MERGE source must be a table or a view"
    return None


def bound_to_external(node: exp.Expression, external: Collection[str]) -> str | None:
    """A view over an external table is late-binding."""
    if node.args.get("kind") == "VIEW" and any(
        table.db in external for table in node.find_all(exp.Table)
    ):
        return "External tables are not supported in views that are bound to a schema: use WITH NO SCHEMA BINDING"
    return None


def writes_external(node: exp.Expression, external: Collection[str]) -> str | None:
    """External tables are only read here."""
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    if isinstance(target, exp.Table) and target.db in external:
        return f"cannot change external table {target.name}"
    return None
