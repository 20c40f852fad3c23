"""The pages for people are the same bytes on each engine, asked through dbt's own connection to it."""

from pathlib import Path

import pytest

from ingestion.pages import read_pages
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS
from tests.pages.reading import read
from tools.project import ROOT

pytestmark = MARKS

OF_A_RUN = "operations"
"""The page that tells of the runs themselves, with their times: of it what was delivered is compared."""
OF_RUNS = {"runs", "slowest"}


def pages_of(parity: Parity, engine: str) -> dict[str, Path]:
    """The pages that the engine's last run wrote: beside DuckDB's file, elsewhere in dbt's folder on their way."""
    project = parity.legs[engine].project
    folder = project / "report" if engine == "duckdb" else project / "target" / "report"
    return {page.name: folder / f"{page.name}.html" for page in read_pages(ROOT)}


@pytest.mark.parametrize("other", ["athena", "redshift"])
def test_every_page_is_the_same_bytes(parity: Parity, other: str) -> None:
    mine, theirs = pages_of(parity, "duckdb"), pages_of(parity, other)
    assert len(mine) > 5
    differing = [
        name
        for name in mine
        if name != OF_A_RUN and mine[name].read_bytes() != theirs[name].read_bytes()
    ]
    assert differing == []
    ours, told = read(mine[OF_A_RUN]), read(theirs[OF_A_RUN])
    assert told.verdicts == ours.verdicts != []
    assert told.tables.keys() == ours.tables.keys() > OF_RUNS
    for block in ours.tables.keys() - OF_RUNS:
        assert told.tables[block] == ours.tables[block], block


def test_the_pages_are_stored_in_the_lake_where_there_is_no_file_to_put_them_beside(
    parity: Parity,
) -> None:
    stored = {key.rpartition("/")[2] for key in parity.lake.keys("report/")}
    assert {f"{name}.html" for name in pages_of(parity, "athena")} <= stored
