"""What the macro logs comes back as the values that the engine gave, of whatever type."""

import json
from datetime import date, datetime
from decimal import Decimal

from ingestion.pages.answers import answers_told


def test_cells_come_back_with_their_types_and_columns_in_lower_case() -> None:
    row = ["n12.50", "n3", "bTrue", "bFalse", "tn5", "t", "d2022-03-01", None]
    told = {"query": "one", "columns": ["A", "b", "c", "d", "e", "f", "g", "h"], "rows": [row]}
    (found,) = answers_told([json.dumps(told)])["one"]
    values = [Decimal("12.50"), Decimal(3), True, False, "n5", "", date(2022, 3, 1), None]
    assert [*found.values()] == values
    assert [*found] == ["a", "b", "c", "d", "e", "f", "g", "h"]


def test_times_of_all_engines_keep_their_fractions_and_lose_their_zone() -> None:
    rows = [["s2022-03-31 04:05:06.789"], ["s2022-03-31 04:05:06.789+00:00"]]
    told = {"query": "times", "columns": ["at"], "rows": rows}
    found = {row["at"] for row in answers_told([json.dumps(told)])["times"]}
    assert found == {datetime(2022, 3, 31, 4, 5, 6, 789_000)}


def test_a_query_without_rows_has_none() -> None:
    told = {"query": "empty", "columns": ["a"], "rows": []}
    assert answers_told([json.dumps(told)]) == {"empty": []}
