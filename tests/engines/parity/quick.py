"""`python -m tests.engines.parity.quick MODULE WORD…`: a module as the main program, with botocore's files read once.

dbt-athena makes new clients for each node, and botocore parses the description of a service for each client: a third
of the time that dbt itself takes on the stand-in. What the program does is the same.
"""

import functools
import runpy
import sys

from botocore.loaders import JSONFileLoader


def main() -> None:
    """Run the module."""
    read = JSONFileLoader().load_file
    by_path = functools.cache(read)  # for all loaders together: each client has one of its own
    JSONFileLoader.load_file = lambda self, path: by_path(path)  # type: ignore[assignment, method-assign]
    module = sys.argv[1]
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
