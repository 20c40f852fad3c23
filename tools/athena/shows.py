"""`show …` and `describe`, answered from Glue."""

import fnmatch

from tools.athena.catalog import Catalog
from tools.athena.statements import Show
from tools.athena.trino import StatementFailed


def show(catalog: Catalog, wanted: Show) -> tuple[str, list[str]]:
    """The one column and its lines. Raises StatementFailed for an unknown object."""
    pattern = wanted.pattern.replace("%", "*") or "*"
    if wanted.what == "databases":
        return "database_name", sorted(fnmatch.filter(catalog.databases(), pattern))
    if wanted.what in ("tables", "views"):
        found = [
            table["Name"]
            for table in catalog.tables(wanted.name.database)
            if wanted.what == "tables" or table.get("TableType") == "VIRTUAL_VIEW"
        ]
        return "tab_name", sorted(fnmatch.filter(found, pattern))
    table = catalog.table(wanted.name)
    keys = table.get("PartitionKeys", [])
    if wanted.what == "partitions":
        if not keys:
            message = f"Table {wanted.name.table} is not a partitioned table"
            raise StatementFailed("INVALID_TABLE", message)
        names = [key["Name"] for key in keys]
        partitions = [zip(names, values, strict=True) for values in catalog.partitions(wanted.name)]
        return "partition", ["/".join(f"{k}={v}" for k, v in pairs) for pairs in partitions]
    if wanted.what == "tblproperties":
        lines = [f"{key}\t{value}" for key, value in table.get("Parameters", {}).items()]
        return "prpt_name\tprpt_value", lines
    columns = table["StorageDescriptor"]["Columns"] + keys
    if wanted.what == "columns":
        return "field", [column["Name"] for column in columns]
    lines = ["\t".join([c["Name"], c["Type"], c.get("Comment", "")]) for c in columns]
    return "col_name\tdata_type\tcomment", lines
