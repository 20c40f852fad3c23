"""Which columns of sources reach which columns of models, and in which form: read from compiled SQL.

Every expression carries its inputs, whatever it does to them: upper case, a substring, a hash, a sum. Only the
expressions in FORMS make a value coarser. Comparing, counting or ordering by a value does not carry it. A column or a
table that cannot be found is an error: a gate that cannot follow the SQL must not pass it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

AS_IS, MONTH, YEAR, ZIP3, HASHED = "as_is", "month", "year", "zip3", "hashed"

Carried = frozenset[tuple[str, str]]
"""The origins of a column: pairs of a source's column and the form in which it is carried."""
Columns = dict[str, Carried]
NOTHING: Carried = frozenset()

SILENT = (
    *(exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.Literal, exp.DataType),
    *(
        exp.Count,
        exp.CountIf,
        exp.ApproxDistinct,
        exp.RowNumber,
        exp.Rank,
        exp.DenseRank,
        exp.Ntile,
    ),
)
"""Expressions that carry no value: truth values, counts, ordinals."""


HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.SHA2Digest)


class Unreadable(Exception):
    """The lineage of a statement cannot be determined."""


@dataclass
class Lineage:
    """The columns of every relation seen so far, by its name in lower case."""

    dialect: str
    relations: dict[str, Columns] = field(default_factory=dict)

    def add(self, relation: str, sql: str) -> Columns:
        """Add a model: its relation's name and its compiled SQL."""
        try:
            statement = sqlglot.parse_one(sql, dialect=self.dialect)
            columns = _Reader(self.relations).query(statement, {})
        except (sqlglot.ParseError, Unreadable) as error:
            raise Unreadable(f"{relation} ({self.dialect}): {error}") from error
        self.relations[relation.lower()] = columns
        return columns


class _Reader:
    def __init__(self, relations: Mapping[str, Columns]) -> None:
        self._relations = relations

    def query(self, query: exp.Expr, known: Mapping[str, Columns]) -> Columns:
        """The columns of a query; `known` are the common table expressions around it."""
        known = dict(known)
        clause = query.args.get("with_") or query.args.get("with")
        for table in clause.expressions if clause else []:
            known[table.alias.lower()] = self._renamed(table, self.query(table.this, known))
        if isinstance(query, exp.Subquery | exp.Paren):
            return self.query(query.this, known)
        if isinstance(query, exp.SetOperation):
            return self._united(query, known)
        if isinstance(query, exp.Select):
            return self._selected(query, known)
        raise Unreadable(f"a {type(query).__name__} where a query was expected")

    @staticmethod
    def _renamed(table: exp.Expr, columns: Columns) -> Columns:
        names = [column.name.lower() for column in table.args["alias"].columns]
        return dict(zip(names, columns.values(), strict=False)) if names else columns

    def _united(self, query: exp.SetOperation, known: Mapping[str, Columns]) -> Columns:
        left, right = self.query(query.this, known), self.query(query.expression, known)
        if len(left) != len(right):
            raise Unreadable("a union of different widths")
        return {
            name: carried | other
            for (name, carried), other in zip(left.items(), right.values(), strict=True)
        }

    def _selected(self, select: exp.Select, known: Mapping[str, Columns]) -> Columns:
        sources = dict(self._sources(select, known))
        found: Columns = {}
        for projection in select.expressions:
            if isinstance(projection, exp.Star):
                for columns in sources.values():
                    found |= self._without(projection, columns)
            elif isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
                found |= self._without(projection.this, sources[projection.table.lower()])
            else:
                value = projection.unalias()
                name = projection.alias_or_name.lower() or f"_{len(found)}"
                found[name] = self._carried(value, sources, found, known)
        return found

    @staticmethod
    def _without(star: exp.Star, columns: Columns) -> Columns:
        left_out = star.args.get("except_") or star.args.get("except") or []
        names = {name.name.lower() for name in left_out}
        return {name: carried for name, carried in columns.items() if name not in names}

    def _sources(
        self, select: exp.Select, known: Mapping[str, Columns]
    ) -> Iterator[tuple[str, Columns]]:
        start = select.args.get("from_") or select.args.get("from")
        joins = select.args.get("joins") or []
        laterals = select.args.get("laterals") or []
        for part in [*([start.this] if start else []), *(join.this for join in joins), *laterals]:
            if isinstance(part, exp.Table) and not isinstance(part.this, exp.Func):
                yield part.alias_or_name.lower(), self._table(part, known)
            elif isinstance(part, exp.Subquery):
                yield part.alias_or_name.lower() or "_", self.query(part, known)
                for join in part.args.get("joins") or []:
                    yield join.this.alias_or_name.lower(), self._table(join.this, known)
            elif isinstance(part, exp.Values):
                names = [column.name.lower() for column in part.args["alias"].columns]
                yield part.alias.lower(), dict.fromkeys(names, NOTHING)
            else:
                raise Unreadable(f"a {type(part).__name__} in a from")

    def _table(self, table: exp.Table, known: Mapping[str, Columns]) -> Columns:
        name = table.name.lower()
        if not table.db:
            if name not in known:
                raise Unreadable(f"no relation {name}")
            return known[name]
        full = f"{table.db}.{name}".lower()
        if full not in self._relations:
            raise Unreadable(f"no relation {full}")
        return self._relations[full]

    def _carried(
        self,
        value: exp.Expr,
        sources: Mapping[str, Columns],
        named: Columns,
        known: Mapping[str, Columns],
    ) -> Carried:
        """The origins of an expression. `named` are columns of the same select, which some engines let it use."""

        def of(part: exp.Expr) -> Carried:
            return self._carried(part, sources, named, known)

        if isinstance(value, exp.Column):
            return self._column(value, sources, named)
        if isinstance(value, exp.Subquery):
            return frozenset().union(*self.query(value, known).values())
        if isinstance(value, SILENT):
            return NOTHING
        if isinstance(value, exp.Window):
            return of(value.this)
        if isinstance(value, exp.Case):
            results = [branch.args["true"] for branch in value.args["ifs"]]
            default = value.args.get("default")
            parts = [*results, *([default] if default else [])]
            return frozenset().union(*(of(part) for part in parts))
        if isinstance(value, exp.If):
            parts = [value.args["true"], *filter(None, [value.args.get("false")])]
            return frozenset().union(*(of(part) for part in parts))
        if isinstance(value, exp.Filter):
            return of(value.this)
        return _coarser(value, frozenset().union(*(of(part) for part in _parts(value))))

    @staticmethod
    def _column(column: exp.Column, sources: Mapping[str, Columns], named: Columns) -> Carried:
        name, table = column.name.lower(), column.table.lower()
        if table:
            if table not in sources or name not in sources[table]:
                raise Unreadable(f"no column {table}.{name}")
            return sources[table][name]
        hits = [columns[name] for columns in sources.values() if name in columns]
        if hits:
            return frozenset().union(*hits)
        if name in named:
            return named[name]
        raise Unreadable(f"no column {name}")


def _parts(value: exp.Expr) -> Iterator[exp.Expr]:
    for child in value.iter_expressions():
        if not isinstance(child, exp.Order | exp.Identifier | exp.Var):
            yield child


def _coarser(value: exp.Expr, carried: Carried) -> Carried:
    """The same origins in a coarser form, where the expression is one that makes them so."""
    form = _form(value)
    return (
        frozenset((origin, form if was == AS_IS else was) for origin, was in carried)
        if form
        else carried
    )


def _form(value: exp.Expr) -> str | None:
    """The form that an expression leaves of its argument: year, month, three digits or a hash; else None."""
    if isinstance(value, exp.Year):
        return YEAR
    if isinstance(value, HASHES):
        return HASHED
    if isinstance(value, exp.Extract):
        return YEAR if value.name.lower() == "year" else None
    if isinstance(value, exp.DateTrunc | exp.TimestampTrunc):
        unit = value.args["unit"].name.lower()
        # a quarter says less than a month; as a month it is treated more strictly
        return {"year": YEAR, "month": MONTH, "quarter": MONTH}.get(unit)
    if isinstance(value, exp.Substring):
        start, length = value.args.get("start"), value.args.get("length")
        is_zip3 = (
            start is not None and start.name == "1" and length is not None and length.name == "3"
        )
        return ZIP3 if is_zip3 else None
    return None
