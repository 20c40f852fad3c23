"""The format in which an extract writes a date: the one by which landing reads it again."""

from datetime import date
from itertools import permutations

import pyarrow as pa
import pytest

from ingestion.contract import FORMATS, Column
from ingestion.extract.spellings import spelling_of
from ingestion.formats import from_text
from tests.ingestion.formats.support import column, extract_of


@pytest.mark.parametrize("formats", [*permutations(FORMATS["date"], 2)], ids=" or ".join)
def test_a_date_is_written_as_landing_reads_it_whatever_the_order_of_the_formats(
    formats: tuple[str, str],
) -> None:
    """The 11th of October by one format is the 10th of November by another, which landing may try first."""
    day = date(2021, 10, 11)
    told = column("v", "date", format=list(formats))
    spelling = spelling_of(Column.model_validate(told), "date")
    assert spelling is not None
    text = pa.array([day.strftime(spelling.python)])
    typed = from_text(text, Column.model_validate(told), extract_of(told, key="row"))
    assert (typed.values.to_pylist(), typed.bad) == ([day], {})
