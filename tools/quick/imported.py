"""What the processes that tests fork have in common: dbt and the lander imported, and a project parsed.

dbt makes the code that reads and checks each kind of node when it meets the first one.
"""

import gc
import importlib
import shutil
import tempfile
import threading
from pathlib import Path

from tools.project import ROOT, compiled_for
from tools.quick.dbt import spare_dbt_work

for name in ("dbt.adapters.duckdb", "ingestion.cli", "ingestion.pipeline.steps"):
    importlib.import_module(name)


def parse() -> None:
    """Parse the project as it was parsed before, and leave nothing of it."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(compiled_for("duckdb").parents[1] / "partial_parse.msgpack", folder)
        shutil.copy(ROOT / "profiles.yml.example", Path(folder, "profiles.yml"))
        places = ("--project-dir", str(ROOT), "--profiles-dir", folder, "--target-path", folder)
        quiet = ("--quiet", "--log-level", "none", "--log-level-file", "none")
        done = dbtRunner().invoke([*quiet, "parse", *places, "--target", "duckdb"])
    assert done.success, done.exception


spare_dbt_work()
parse()
gc.collect()
gc.freeze()
assert threading.active_count() == 1, "a fork has none of its parent's other threads"
