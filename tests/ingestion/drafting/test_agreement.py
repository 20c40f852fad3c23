"""Drafts of invented extracts, held to the contracts that people wrote for them."""

from collections import defaultdict
from pathlib import Path

import pytest

from ingestion.contract import Column, Table, read_project
from ingestion.drafting.sample import FilePart, sample_of
from ingestion.drafting.tables import DraftColumn, draft_table
from ingestion.formats import Told
from samples import inventory, shop, totesys
from samples.days import Days
from tools.project import ROOT

JUDGED_OTHERWISE = {
    ("shop.categories", "category_id"), ("shop.products", "category_id"),
    ("inventory.mv_stock_movement", "movement_id"),
}  # fmt: skip
"""Numbers that a person has called text, as nothing is counted in them."""


def agrees(column: Column, drafted: DraftColumn) -> bool:
    """Whether the draft has the type, and for dates and times one of the spellings."""
    same = drafted.guess.type.split("(")[0] == column.type.name
    is_time = column.type.name in ("date", "timestamp") and column.format
    return same and (not is_time or bool({*drafted.guess.formats} & {*column.format}))


@pytest.mark.slow
def test_a_draft_says_what_people_found_of_types_spellings_and_keys(tmp_path: Path) -> None:
    days = Days(days=3, seed=1)
    for source in (shop, inventory, totesys):
        source.write(tmp_path, days)
    tables: dict[str, tuple[Table, list[FilePart]]] = {}
    found: dict[str, list[FilePart]] = defaultdict(list)
    project = read_project(ROOT)
    for path in sorted(path for path in tmp_path.rglob("*.csv") if path.stat().st_size):
        name = path.relative_to(tmp_path).as_posix()
        (table,) = (t for t in project for d in t.deliveries if d.path.match(name))
        found[table.full_name].append(FilePart(name, path))
        tables[table.full_name] = (table, found[table.full_name])
    wrong, compared = set(), 0
    for name, (table, files) in tables.items():
        drafted = draft_table(
            table.name, [sample_of(file, Told(header=True, skip_lines=0)) for file in files], ()
        )
        by_heading = {(column.heading or "").casefold(): column for column in drafted.columns}
        for column in table.columns:
            if (one := by_heading.get(column.file_name.casefold())) and one.guess.known:
                compared += 1
                wrong |= set() if agrees(column, one) else {(name, column.name)}
        assert drafted.key == table.key_columns, name
    assert compared > 100
    assert wrong == JUDGED_OTHERWISE
