"""A practice's questions, asked on each engine: the marts answer as the files do that were delivered and archived.

The practice's own rows are read from its files. OpenEMR and Synthea are in the same figures: their rows are taken from
the input layer, and tests/warehouse/systems has by hand what becomes of their files there.
"""

from typing import Any

import pytest

from ingestion.store import open_store
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS, published, reachable
from tests.warehouse.answers import QUESTIONS, TABLES, Answers, Row

pytestmark = MARKS

ON_THE_LIST = {"patients": "and is_current and is_active and seen_to is null"}
"""Which rows of an entity with a history are those of today."""


def of_other_systems(parity: Parity, entity: str) -> list[Row]:
    """The rows of an entity that another system than the practice's own delivered."""
    with published(parity.legs["duckdb"].environment) as file:
        asked = file.sql(
            f"select * from intermediate.input_{entity}"
            f" where system_name <> 'clinic' {ON_THE_LIST.get(entity, '')}"
        )
        return [dict(zip(asked.columns, row, strict=True)) for row in asked.fetchall()]


@pytest.fixture(scope="module")
def answers(parity: Parity) -> Answers:
    """The answers from the archive of the lake that the engines share."""
    others = {entity: of_other_systems(parity, entity) for entity in TABLES}
    assert all(others.values()), "each entity has rows of another system"
    environment = parity.legs["athena"].environment
    with reachable(environment):
        return Answers(open_store(environment["LANDFALL_LAKE"]), others)


@pytest.fixture(scope="module", params=["duckdb", "athena", "redshift"])
def told(request: pytest.FixtureRequest, parity: Parity) -> dict[str, list[tuple[Any, ...]]]:
    """What an engine says to each question. All are asked at once, as the lake changes before and after them."""
    name = str(request.param)
    with parity.lake.holding(parity.before[name]):
        return {question: parity.ask(name, sql) for question, sql in QUESTIONS.items()}


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_the_marts_answer_as_the_archived_files_do(
    told: dict[str, list[tuple[Any, ...]]], answers: Answers, question: str
) -> None:
    rows = told[question]
    assert len(rows) == len(set(rows)) > 0
    assert set(rows) == getattr(answers, question)()
