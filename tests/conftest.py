"""What holds for all tests: no setting or credential of the machine reaches them."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tools.absent import keep_out

for name in [name for name in os.environ if name.startswith(("LANDFALL_", "AWS_", "DBT_"))]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    DO_NOT_TRACK="1",
)

# DuckDB asks for it at each value that it binds, and a search in vain takes as long as a small statement
keep_out("pandas")

# A property draws the same examples each time: a failure is the change's. `--hypothesis-profile=search` draws others.
# How fast the machine is just now says nothing.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, derandomize=False)
settings.load_profile("same")

WAREHOUSE = Path(__file__).parent / "warehouse"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below tests/warehouse builds a part of the warehouse, which takes its time."""
    for item in items:
        if WAREHOUSE in item.path.parents:
            item.add_marker(pytest.mark.warehouse)
