"""Files that other loaders lose, alter or crash on, landed by the command's own function: what the raw table holds."""

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import land as lander
from tests.ingestion.lakes import Lake, write_project

CONTRACT = """
version: 2
sources:
  - name: shop
    config: {{meta: {{time_zone: UTC}}}}
    tables:
      - name: thing
        config:
          meta: {{contract: {{key: [id], deliveries: [{{path: "shop/{{date}}/thing.{ending}", kind: full{more}}}]}}}}
        columns:
          - {{name: id, data_type: bigint, config: {{meta: {{sensitivity: none}}}}}}
          - {{name: v, data_type: "{kind}", config: {{meta: {{sensitivity: none{meta}}}}}}}
"""


@dataclass(frozen=True)
class Case:
    """A column `v` of this type by the contract: the file, what of it lands by id, what is quarantined by line."""

    kind: str
    data: Callable[[], bytes]
    landed: dict[int, Any]
    quarantined: dict[int, str]
    meta: str = ""
    ending: str = "parquet"


def parquet(values: Any, *numbers: int, **options: Any) -> Callable[[], bytes]:
    """A file of ids and these values."""

    def write() -> bytes:
        sink = io.BytesIO()
        table = pa.table({"id": pa.array(numbers, pa.int64()), "v": values})
        pq.write_table(table, sink, **options)
        return sink.getvalue()

    return write


def of_numpy(kind: str, *texts: str | None) -> pa.Array:
    """Times beyond those that Python knows."""
    cells = np.array([text or "NaT" for text in texts], f"datetime64[{kind}]")
    return pa.array(cells, mask=np.isnat(cells))


INT96 = of_numpy("us", "2026-03-01T10:00", "2610-06-01T00:00", "1515-01-31T00:00")
FINER = of_numpy("ns", "2026-03-01T10:00:00.000000001", "2026-03-01T10:00", None)
FAR_TIMES = of_numpy("us", "20261-03-01T10:00", "1970-01-01T00:00", None)
FAR_DAYS = of_numpy("D", "20226-10-04", "2024-10-04", None)
LATIN = pa.array([b"Ada", b"Zo\xeb", b"Bo"]).view(pa.string())
JSON = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a":1}', None, "{}"]))
DAY = ", format: YYYY-MM-DD"
OFFSETS = ', format: ["YYYY-MM-DDTHH:MM:SS+HH:MM", "YYYY-MM-DD HH:MM:SS+HH:MM"]'

CASES = {
    "INT96 beyond the years of nanoseconds": Case(
        "timestamp",
        parquet(INT96, 1, 2, 3, use_deprecated_int96_timestamps=True),
        {1: datetime(2026, 3, 1, 10)},
        {2: "bad_date", 3: "bad_date"},
    ),
    "string views": Case(
        "string",
        parquet(pa.array(["a", "b", None], pa.string_view()), 1, 2, 3),
        {1: "a", 2: "b", 3: None},
        {},
    ),
    "text annotated as JSON": Case(
        "string", parquet(JSON, 1, 2, 3), {1: '{"a":1}', 2: None, 3: "{}"}, {}
    ),
    "a time finer than a microsecond": Case(
        "timestamp",
        parquet(FINER, 1, 2, 3),
        {2: datetime(2026, 3, 1, 10), 3: None},
        {1: "bad_time"},
    ),
    "a time of a year with five digits": Case(
        "timestamp", parquet(FAR_TIMES, 1, 2, 3), {2: datetime(1970, 1, 1), 3: None}, {1: "bad_date"}
    ),
    "a day of a year with five digits": Case(
        "date", parquet(FAR_DAYS, 1, 2, 3), {2: date(2024, 10, 4), 3: None}, {1: "bad_date"}, DAY
    ),
    "Latin-1 in a column of text": Case(
        "string", parquet(LATIN, 1, 2, 3), {1: "Ada", 3: "Bo"}, {2: "encoding"}
    ),
    "a gzip of two members": Case(
        "string",
        lambda: gzip.compress(b"id,v\n1,a\n") + gzip.compress(b"2,b\n"),
        {1: "a", 2: "b"},
        {},
        ending="csv.gz",
    ),
    "offsets from Greenwich": Case(
        "timestamp",
        lambda: b"id,v\n1,2026-03-01T10:00:00Z\n2,2026-03-01T10:00:00+00:00\n3,2026-03-01 22:00:00-05\n",
        {1: datetime(2026, 3, 1, 10), 2: datetime(2026, 3, 1, 10), 3: datetime(2026, 3, 2, 3)},
        {},
        OFFSETS,
        "csv",
    ),
    "a sum beyond 28 digits": Case(
        "decimal(38,0)",
        lambda: b"id,v\n1,999999999999999999999999999999\n2,1\n",
        {1: Decimal("9" * 30), 2: Decimal(1)},
        {},
        ending="csv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:Discarding nonzero nanoseconds")
def test_a_known_case_lands_and_nothing_after_it_fails(local_lake: Lake, name: str) -> None:
    lake, case = local_lake, CASES[name]
    more = ", file: parquet" if case.ending == "parquet" else ""
    words = {"kind": case.kind, "meta": case.meta, "ending": case.ending.removesuffix(".gz")}
    write_project(lake.settings.project_dir, CONTRACT.format(more=more, **words))
    lake.put(f"shop/2026-03-01/thing.{case.ending}", case.data())
    outcome = lake.land_one()
    assert outcome.outcome == "landed", outcome
    assert dict(lake.query("select id, v from raw_shop.thing")) == case.landed
    quarantined = lake.query("select line, code, column_name from raw_landfall.quarantined_rows")
    first = 1 if more else 2  # a CSV has its header first
    assert {line - first + 1: code for line, code, _ in quarantined} == case.quarantined
    assert {column for _, _, column in quarantined} <= {"v"}
    if case.kind.startswith("decimal"):
        assert lake.manifests[0].sums == {"v": Decimal(10) ** 30}
    lake.put(f"shop/2026-03-02/thing.{case.ending}", case.data())
    assert lake.land_one().outcome == "landed"
    lander.register(lake.context)
    lander.retract(lake.context, "shop.thing", str(outcome.load_id), "a test")
    assert lake.query("select count(*) from raw_shop.thing") == [(len(case.landed),)]
