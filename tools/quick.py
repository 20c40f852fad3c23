"""`python -m tools.quick MODULE WORD…`: a module as the main program, without work that tests would repeat.

- dbt-athena makes new clients for each node, and botocore parses the description of a service for each client: a third
  of the time that dbt itself takes on the stand-in. Here each file is read once.
- dbt-redshift makes a connection for each node, and its driver looks through the source of every frame for a name of
  the program; each statement is cut into tokens to see whether it is two. Together a third of dbt's time on Redshift.
- dbt parses a whole project again where the database has another address, as models could read it. No model of ours
  does, so a copy of the project can begin from the parse that `tools.project` keeps for all copies.

What the program does is the same.
"""

import functools
import os
import runpy
import sys
from collections.abc import Iterable
from typing import Any

from botocore.loaders import JSONFileLoader

by_path = functools.cache(JSONFileLoader().load_file)


def load_once(_: JSONFileLoader, path: str) -> Any:
    """What JSONFileLoader.load_file gives, kept for all loaders together, as each client has one of its own."""
    return by_path(path)


def connect_and_split_at_once() -> None:
    """Tell the driver of Redshift the program's name, and cut only what has a semicolon into statements."""
    import redshift_connector
    import sqlparse

    cut = sqlparse.split

    def split(sql: str, *words: Any, **named: Any) -> list[str]:
        """What sqlparse gives."""
        return cut(sql, *words, **named) if ";" in sql else [sql.strip()] if sql.strip() else []

    redshift_connector.connect = functools.partial(
        redshift_connector.connect, application_name="dbt"
    )
    sqlparse.split = split


def parse_for_any_address() -> None:
    """Let dbt take over what it parsed for a database of the same name at another address.

    dbt compares what `connection_info` gives, and asks it with aliases for what models may see.
    """
    from dbt.adapters.contracts.connection import Credentials

    whole = Credentials.connection_info

    def names(self: Credentials, *, with_aliases: bool = False) -> Iterable[tuple[str, Any]]:
        """The names that a parse depends on; everything for the models."""
        told = whole(self, with_aliases=with_aliases)
        return (
            told if with_aliases else [pair for pair in told if pair[0] in ("database", "schema")]
        )

    Credentials.connection_info = names


def main() -> None:
    """Run the module."""
    JSONFileLoader.load_file = load_once  # type: ignore[assignment, method-assign]
    module, words = sys.argv[1], sys.argv[2:]
    if module.startswith("dbt") or words[:1] == ["run"]:
        parse_for_any_address()
        if os.environ.get("LANDFALL_TARGET") == "redshift":
            connect_and_split_at_once()
    sys.modules.pop(module, None)  # else Python warns that it will be loaded twice
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
