"""`python -m tests.engines.common.quick MODULE WORD…`: a module as the main program, with botocore's files read once.

dbt-athena makes new clients for each node, and botocore parses the description of a service for each client: a third
of the time that dbt itself takes on the stand-in. What the program does is the same.
"""

import functools
import runpy
import sys
from typing import Any

from botocore.loaders import JSONFileLoader

by_path = functools.cache(JSONFileLoader().load_file)


def load_once(_: JSONFileLoader, path: str) -> Any:
    """What JSONFileLoader.load_file gives, kept for all loaders together, as each client has one of its own."""
    return by_path(path)


def main() -> None:
    """Run the module."""
    JSONFileLoader.load_file = load_once  # type: ignore[assignment, method-assign]
    module = sys.argv[1]
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
