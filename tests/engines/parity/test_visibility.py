"""What is not committed is in the lake and nowhere else: no engine shows it."""

import pytest

from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS

pytestmark = MARKS

COUNT = "select count(*) from raw_clinic.patient"


def counted(parity: Parity, engine: str) -> int:
    """The rows that the raw table shows."""
    ((found,),) = parity.ask(engine, COUNT)
    return int(found)


@pytest.mark.parametrize("engine", ["duckdb", "athena", "redshift"])
def test_an_object_that_was_never_committed_is_invisible(parity: Parity, engine: str) -> None:
    before = counted(parity, engine)
    committed = next(
        key for key in parity.lake.keys("raw/clinic/patient/") if key.endswith(".parquet")
    )
    whole = parity.lake.read(committed)
    date_folder, load_folder, *_ = committed.removeprefix("raw/clinic/patient/").split("/")
    planted = [
        # killed before the commit: of a new day, of a new load of a day, of a load that another lander committed
        f"raw/clinic/patient/extract_date=2024-01-09/load_id=half/{'0' * 16}/part-00000.parquet",
        f"raw/clinic/patient/{date_folder}/load_id=half/{'0' * 16}/part-00000.parquet",
        f"raw/clinic/patient/{date_folder}/{load_folder}/{'0' * 16}/part-00000.parquet",
    ]
    for key in planted:
        parity.lake.put(key, whole)
    try:
        assert before > 0 and counted(parity, engine) == before
    finally:
        for key in planted:
            parity.lake.delete(key)
