"""Runs the module that its words name."""

import gc
import inspect
import os
import runpy
import sys
from pathlib import Path

import sqlparse
from botocore.session import Session

from tools.quick.dbt import spare_dbt_work
from tools.quick.drivers import cut, shared, stack


def main() -> None:
    """Run the module."""
    if file := os.environ.get("RECORD_CALLS_INTO"):
        from tools.standins.calls import record_into

        record_into(Path(file))
    Session.create_client = shared(Session.create_client)  # type: ignore[method-assign]
    module, words = sys.argv[1], sys.argv[2:]
    if module.startswith("dbt") or words[:1] == ["run"]:
        gc.disable()
        spare_dbt_work()
        if os.environ.get("LANDFALL_TARGET") == "redshift":
            inspect.stack, sqlparse.split = stack, cut(sqlparse.split)
    sys.modules.pop(module, None)  # else Python warns that it will be loaded twice
    del sys.argv[0]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
