"""Creates tables: from a query, or from a list of columns, as Hive or as Iceberg."""

from typing import Any
from urllib.parse import urlsplit

from tools.athena.catalog import Catalog
from tools.athena.parser import quoted
from tools.athena.statements import Column, CreateTable, CreateTableAs, Name
from tools.athena.trino import Outcome, Session, StatementFailed
from tools.athena.types import engine_type, iceberg_refusal

# Statements that make or rename a table must name the connector; elsewhere it redirects.
ICEBERG = "landfall_iceberg"
# Athena's property -> the connector's
HIVE_PROPERTIES = {
    "external_location": "external_location",
    "partitioned_by": "partitioned_by",
    "bucketed_by": "bucketed_by",
    "bucket_count": "bucket_count",
    "format": "format",
    "field_delimiter": "textfile_field_separator",
}
ICEBERG_PROPERTIES = {"location": "location", "partitioning": "partitioning", "format": "format"}
# Athena's own properties of Iceberg tables, which the connector does not know
TUNING = {
    "optimize_rewrite_data_file_threshold",
    "optimize_rewrite_delete_file_threshold",
    "vacuum_min_snapshots_to_keep",
    "vacuum_max_snapshot_age_seconds",
    "vacuum_max_metadata_files_to_keep",
    "write_target_data_file_size_bytes",
}
COMMON = {"table_type", "is_external", "write_compression"}

Property = str | int | list[str]


class Creation:
    """Makes tables, by Athena's rules."""

    def __init__(self, catalog: Catalog, s3: Any) -> None:
        self._catalog = catalog
        self._s3 = s3
        # Properties in TUNING by table; a renamed table keeps them.
        self.tuning: dict[Name, dict[str, str]] = {}

    def table_as(self, wanted: CreateTableAs, session: Session, folder: str) -> Outcome:
        """`create table … as`; `folder` is the place of a Hive table without a location."""
        given = wanted.properties
        if given.get("table_type", "hive") not in ("hive", "iceberg", "HIVE", "ICEBERG"):
            raise refused(f"Unsupported table type: {given['table_type']}")
        iceberg = str(given.get("table_type", "")).lower() == "iceberg"
        allowed = ICEBERG_PROPERTIES if iceberg else HIVE_PROPERTIES
        for key in set(given) - set(allowed) - COMMON - (TUNING if iceberg else set()):
            raise refused(f"Table property '{key}' is not supported for this table type")
        given = {allowed[key]: value for key, value in given.items() if key in allowed}
        if iceberg:
            self._check_iceberg(wanted, session)
        else:
            given.setdefault("external_location", folder)
            self._check_empty(wanted.name, str(given["external_location"]))
        exists = "if not exists " if wanted.if_not_exists else ""
        outcome = session.run(
            f"create table {exists}{target(wanted.name, iceberg)}"
            f" with ({', '.join(_property(k, v) for k, v in given.items())}) as {wanted.query}",
            **_compression(wanted.properties, iceberg),
        )
        if iceberg:
            self.tuning[wanted.name] = {
                k: str(v) for k, v in wanted.properties.items() if k in TUNING
            }
        return outcome

    def _check_iceberg(self, wanted: CreateTableAs, session: Session) -> None:
        if wanted.properties.get("is_external", "true") != "false":
            raise refused("An Iceberg table can't be external: is_external must be false")
        if not wanted.properties.get("location"):
            raise refused("An Iceberg table needs a location")
        for name, kind in session.types(wanted.query):
            refuse_type(name, kind, "trino")

    def _check_empty(self, name: Name, location: str) -> None:
        place = urlsplit(location)
        prefix = place.path.strip("/") + "/"
        found = self._s3.list_objects_v2(Bucket=place.netloc, Prefix=prefix, MaxKeys=1)
        if found["KeyCount"]:
            raise StatementFailed(
                "HIVE_PATH_ALREADY_EXISTS",
                f"Target directory for table '{name.database}.{name.table}' already exists: {location}",
            )

    def table(self, wanted: CreateTable, session: Session) -> Outcome | None:
        """`create external table` in Glue alone, `create table` of Iceberg in the connector."""
        if wanted.external:
            if wanted.is_iceberg:
                raise refused("An Iceberg table can't be external")
            if not wanted.location:
                raise refused("An external table needs a location")
            self._catalog.create_external_table(wanted)
            return None
        if not wanted.is_iceberg:
            raise refused("Only external tables can be created, but for Iceberg's")
        if not wanted.location:
            raise refused("An Iceberg table needs a location")
        check_tuning({k: v for k, v in wanted.properties.items() if k != "table_type"})
        for column in wanted.columns:
            refuse_type(column.name, column.type, "hive")
        columns = ", ".join(definition(column) for column in wanted.columns)
        given: dict[str, Property] = {"location": wanted.location}
        if wanted.transforms:
            given["partitioning"] = wanted.transforms
        exists = "if not exists " if wanted.if_not_exists else ""
        self.tuning[wanted.name] = dict(wanted.properties)
        return session.run(
            f"create table {exists}{target(wanted.name, iceberg=True)} ({columns})"
            f" with ({', '.join(_property(k, v) for k, v in given.items())})"
        )


def check_tuning(properties: dict[str, str]) -> None:
    """Refuse what is not a property of an Iceberg table."""
    for key in set(properties) - TUNING - {"format", "write_compression"}:
        raise refused(f"Table property '{key}' is not supported for an Iceberg table")


def refused(message: str) -> StatementFailed:
    """The failure for something that Athena does not do."""
    return StatementFailed("NOT_SUPPORTED", message)


def refuse_type(column: str, kind: str, dialect: str) -> None:
    """Refuse a column's type in an Iceberg table, spelt as `hive` or as `trino`."""
    refusal = iceberg_refusal(kind, dialect)
    if refusal:
        raise refused(f"{refusal} (column {column})")


def target(name: Name, iceberg: bool) -> str:
    """The table's name in statements that make or rename it."""
    return f'{ICEBERG}."{name.database}"."{name.table}"' if iceberg else quoted(name)


def definition(column: Column) -> str:
    """A column as the connector takes it."""
    comment = column.comment.replace("'", "''")
    return f'"{column.name}" {engine_type(column.type)}' + (
        f" comment '{comment}'" if comment else ""
    )


def _property(key: str, value: Property) -> str:
    def text(one: str) -> str:
        return "'" + one.replace("'", "''") + "'"

    if isinstance(value, list):
        return f"{key} = array[{', '.join(text(one) for one in value)}]"
    if isinstance(value, int):
        return f"{key} = {value}"
    return f"{key} = {text(value.upper() if key == 'format' else value)}"


def _compression(properties: dict[str, Property], iceberg: bool) -> dict[str, str]:
    """Athena's default compression and the one asked for, as the connector's session property."""
    wanted = str(properties.get("write_compression", "zstd" if iceberg else "gzip")).upper()
    catalog = ICEBERG if iceberg else "awsdatacatalog"
    return {f"{catalog}.compression_codec": wanted}
