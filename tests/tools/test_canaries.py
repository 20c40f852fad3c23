"""A canary fits every type and spelling that a contract may name, and the rest of a file stays as it was."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.contract import FORMATS, Column, Delivery, Project, RowFloor, Source, Table
from ingestion.formats import Extract, from_text
from tools.canaries import Planter, without_form
from tools.canaries.values import of_column, spelt


def project_of(table: Table) -> Project:
    """A project of this table alone."""
    return Project(
        sources=(Source(name="books", tables=(table,)),),
        business_time_zone="America/New_York",
        row_floor=RowFloor(share=0.9, rows=5),
    )


def table_of(*columns: Column, path: str = "books/{date}/loan.csv", **delivery: object) -> Table:
    """A table of these columns, the first of which is its key."""
    how = Delivery.model_validate({"path": path, "kind": "full"} | delivery)
    return Table(
        source="books", name="loan", key=(columns[0].name,), deliveries=(how,), columns=columns
    )


def column(name: str, kind: str = "string", **words: object) -> Column:
    return Column.model_validate({"name": name, "type": kind, "sensitivity": "direct"} | words)


def kinds() -> Iterator[tuple[str, str | None]]:
    """Every type but truth values, with each spelling that it may have, and without where that is allowed."""
    for kind, spellings in FORMATS.items():
        full = "decimal(12,2)" if kind == "decimal" else kind
        if kind not in ("date", "boolean"):
            yield full, None
        for spelling in spellings:
            if kind != "string" or spelling == "zip":
                yield full, spelling


@pytest.mark.parametrize(("kind", "spelling"), [*kinds()])
@pytest.mark.parametrize("cell", [None, "of no known form"])
def test_a_canary_is_read_as_the_value_that_it_is(
    kind: str, spelling: str | None, cell: str | None
) -> None:
    own = column("own", kind, format=[spelling] if spelling else [])
    table = table_of(column("id"), own)
    canary = of_column(table, own, cell)
    assert canary is not None
    moment = datetime(2026, 1, 2)
    extract = Extract(table, table.deliveries[0], moment.date(), moment, "loan.csv")
    written = spelt(canary.value, own.format)
    read = from_text(pa.array([written]), own, extract)
    assert not any(any(bad) for bad in read.bad.values()), written
    (value,) = read.values.to_pylist()
    assert any(form in str(value).casefold() for form in canary.forms), (written, value)


def test_the_rest_of_a_file_stays_as_it_was(tmp_path: Path) -> None:
    table = table_of(
        column("id", sensitivity="none"),
        column("reader"),
        column("town", sensitivity="quasi", in_marts="as_is"),
    )
    project = project_of(table)
    path = tmp_path / "books/2026-01-02/loan.csv"
    path.parent.mkdir(parents=True)
    kept = 'id,reader,town\r\n"1","Ann ""A""\nDay",Oslo\r\n'
    path.write_text(kept + "2,Bob,Rome\r\n", newline="")
    os.utime(path, (1_000_000, 1_000_000))
    planter = Planter(project, beside="books")
    planter.plant(tmp_path)
    text = path.read_bytes().decode()
    assert text.startswith(kept)
    planted, bad = text.removeprefix(kept).splitlines()
    reader, town = (planter.planted[f"books.loan.{name}"].value for name in ("reader", "town"))
    assert planted == f"2,{reader},{town}"
    # as nothing in it can be wrong but text, it has a cell too many
    assert (bad.count("canarybad"), bad.count(",")) == (3, 3)
    assert path.stat().st_mtime == 1_000_000
    assert [found.suffix for found in (tmp_path / "books").glob("*canary*")] == [".png"]


@pytest.mark.parametrize(("keeps_days", "years"), [(False, (2001, 2004)), (True, (2041, 2044))])
def test_a_code_from_a_list_has_no_canary_and_days_that_are_kept_have_theirs_ahead(
    tmp_path: Path, keeps_days: bool, years: tuple[int, int]
) -> None:
    table = table_of(
        column("id", sensitivity="none"),
        column("lent", "date", format=["YYYY-MM-DD"], sensitivity="quasi", in_marts="as_is"),
        column("state", values=["in", "out"], sensitivity="quasi", in_marts="as_is"),
    )
    project = project_of(table)
    path = tmp_path / "books/2026-01-02/loan.csv"
    path.parent.mkdir(parents=True)
    path.write_text("id,lent,state\n1,2026-01-02,in\n")
    planter = Planter(project, beside="books", keeps_days=keeps_days)
    planter.plant(tmp_path)
    lent = planter.planted["books.loan.lent"].value
    assert isinstance(lent, date) and years[0] <= lent.year <= years[1]
    assert path.read_text().splitlines()[1] == f"1,{lent},in"
    assert without_form(project) == ["books.loan.state"]
    assert "books.loan.state of a bad row" in planter.planted
