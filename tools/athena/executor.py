"""Runs a parsed statement: on Trino, in Glue, or on both, with Athena's rules checked on the way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tools.athena.catalog import Catalog
from tools.athena.creation import (
    Creation,
    check_tuning,
    definition,
    refuse_type,
    refused,
    target,
)
from tools.athena.parser import quoted
from tools.athena.shows import show
from tools.athena.statements import (
    AddColumns,
    AddPartitions,
    ChangeColumn,
    Column,
    CreateDatabase,
    CreateTable,
    CreateTableAs,
    CreateView,
    DropColumn,
    DropDatabase,
    DropPartitions,
    DropTable,
    Maintain,
    Name,
    Query,
    Rename,
    SetProperties,
    Show,
    Statement,
)
from tools.athena.trino import Outcome, Session
from tools.athena.types import engine_type
from tools.athena.views import hive_type

FIVE_DAYS = 432_000


class Executor:
    """Runs statements for all queries; the state of one query is in its Session."""

    def __init__(self, glue: Any, s3: Any) -> None:
        self.catalog = Catalog(glue)
        self._made = Creation(self.catalog, s3)

    def run(self, statement: Statement, session: Session, folder: str) -> Outcome:
        """Run it to its end. `folder` is the place of a Hive table without a location.

        Raises StatementFailed or Cancelled.
        """
        rules: dict[type, Callable[..., Outcome | None]] = {
            Query: lambda s: session.run(s.sql),
            CreateView: lambda s: self._create_view(s, session),
            CreateTableAs: lambda s: self._made.table_as(s, session, folder),
            CreateTable: lambda s: self._made.table(s, session),
            CreateDatabase: self.catalog.create_database,
            DropDatabase: self.catalog.drop_database,
            DropTable: lambda s: self._drop_table(s, session),
            AddColumns: lambda s: self._add_columns(s, session),
            DropColumn: lambda s: self._drop_column(s, session),
            ChangeColumn: lambda s: self._change_column(s, session),
            Rename: lambda s: self._rename(s, session),
            SetProperties: self._set_properties,
            AddPartitions: self.catalog.add_partitions,
            DropPartitions: self.catalog.drop_partitions,
            Maintain: lambda s: self._maintain(s, session),
            Show: lambda s: self._show(s, session),
        }
        return rules[type(statement)](_in_database(statement, session.schema)) or Outcome()

    def _create_view(self, wanted: CreateView, session: Session) -> Outcome:
        outcome = session.run(wanted.sql)
        columns = session.types(f"select * from {quoted(wanted.name)}")
        described = [Column(name, hive_type(kind)) for name, kind in columns]
        self.catalog.set_view_columns(wanted.name, described)
        return outcome

    def _drop_table(self, wanted: DropTable, session: Session) -> Outcome | None:
        if wanted.if_exists and not self.catalog.has(wanted.name):
            return None
        if self.catalog.is_iceberg(wanted.name):  # its files go with it
            return session.run(f"drop table {quoted(wanted.name)}")
        self.catalog.delete_table(wanted.name)
        return None

    def _add_columns(self, wanted: AddColumns, session: Session) -> None:
        if not self.catalog.is_iceberg(wanted.name):
            return self.catalog.change(wanted.name, wanted.columns, replace=wanted.replace)
        if wanted.replace:
            raise refused("Columns of an Iceberg table can't be replaced")
        for column in wanted.columns:
            refuse_type(column.name, column.type, "hive")
        for column in wanted.columns:
            session.run(f"alter table {quoted(wanted.name)} add column {definition(column)}")
        return None

    def _drop_column(self, wanted: DropColumn, session: Session) -> Outcome:
        self._need_iceberg(wanted.name)
        return session.run(f'alter table {quoted(wanted.name)} drop column "{wanted.column}"')

    def _change_column(self, wanted: ChangeColumn, session: Session) -> None:
        self._need_iceberg(wanted.name)
        refuse_type(wanted.new.name, wanted.new.type, "hive")
        table = quoted(wanted.name)
        if wanted.new.name != wanted.column:
            renamed = f'rename column "{wanted.column}" to "{wanted.new.name}"'
            session.run(f"alter table {table} {renamed}")
        kind = engine_type(wanted.new.type)
        have = dict(session.types(f"select * from {table}"))
        if have.get(wanted.new.name, "").replace(" ", "") != kind.replace(" ", ""):
            changed = f'alter column "{wanted.new.name}" set data type {kind}'
            session.run(f"alter table {table} {changed}")

    def _rename(self, wanted: Rename, session: Session) -> Outcome:
        self._need_iceberg(wanted.name)
        outcome = session.run(
            f"alter table {target(wanted.name, iceberg=True)}"
            f" rename to {target(wanted.new, iceberg=True)}"
        )
        self._made.tuning[wanted.new] = self._made.tuning.pop(wanted.name, {})
        return outcome

    def _set_properties(self, wanted: SetProperties) -> None:
        if not self.catalog.is_iceberg(wanted.name):
            return self.catalog.set_properties(wanted.name, wanted.properties)
        check_tuning(wanted.properties)
        self._made.tuning.setdefault(wanted.name, {}).update(wanted.properties)
        return None

    def _need_iceberg(self, name: Name) -> None:
        if not self.catalog.is_iceberg(name):
            raise refused("This is supported for Iceberg tables only")

    def _maintain(self, wanted: Maintain, session: Session) -> None:
        if wanted.verb == "repair":
            session.run(
                "call system.sync_partition_metadata("
                f"'{wanted.name.database}', '{wanted.name.table}', 'ADD')"
            )
            return
        self._need_iceberg(wanted.name)
        table = f"alter table {quoted(wanted.name)} execute"
        if wanted.verb == "optimize":
            session.run(f"{table} optimize {wanted.where}")
            return
        kept = self._made.tuning.get(wanted.name, {}).get(
            "vacuum_max_snapshot_age_seconds", FIVE_DAYS
        )
        for step in ("expire_snapshots", "remove_orphan_files"):
            session.run(f"{table} {step}(retention_threshold => '{int(kept)}s')")

    def _show(self, wanted: Show, session: Session) -> Outcome:
        if wanted.what.startswith("create"):
            shown = session.run(f"show {wanted.what} {quoted(wanted.name)}").rows[0][0]
            return Outcome([("createtab_stmt", "varchar")], [[line] for line in shown.split("\n")])
        heading, lines = show(self.catalog, wanted)
        return Outcome([(heading, "varchar")], [[line] for line in lines])


def _in_database(statement: Any, database: str) -> Any:
    """The statement with the query's own database, if it names none."""

    def full(name: Name) -> Name:
        return name if name.database else Name(database, name.table)

    names = {k: full(v) for k, v in vars(statement).items() if isinstance(v, Name)}
    return replace(statement, **names)
