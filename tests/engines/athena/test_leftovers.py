"""Before a run, the queries that a killed run of ours left behind are stopped, and no others."""

import json
from datetime import UTC, datetime

import pytest

from ingestion.errors import LandingFailed
from ingestion.pipeline.checks import bytes_by_node, stop_leftovers, wait_for_the_end
from tests.engines.athena.test_api import ENDLESS
from tools.athena.engine import Athena

pytestmark = pytest.mark.slow


def comment(**words: str) -> str:
    """What dbt writes into a statement."""
    said = {"app": "dbt", "dbt_version": "1.11.16", "profile_name": "landfall", **words}
    return f"-- /* {json.dumps(said)} */\n"


def state(athena: Athena, query_id: str) -> str:
    found = athena.athena.get_query_execution(QueryExecutionId=query_id)
    return str(found["QueryExecution"]["Status"]["State"])


@pytest.fixture(autouse=True)
def reachable(athena: Athena, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process reaches the stand-in as the runner does."""
    for name, value in athena.settings.items():
        monkeypatch.setenv(name, value)


def test_only_our_own_queries_are_stopped_and_waited_for(athena: Athena) -> None:
    ours = comment(target_name="athena", node_id="model.landfall.fct_visits")
    others = (
        comment(target_name="dev", node_id="model.landfall.fct_visits"),
        comment(target_name="athena", profile_name="elsewhere", node_id="model.elsewhere.a"),
        "",
    )
    mine, *theirs = (athena.start(words + ENDLESS) for words in (ours, *others))
    try:
        told = stop_leftovers()
        assert told == [
            "stopped a query that an earlier run left behind: model.landfall.fct_visits"
        ]
        assert state(athena, mine) == "CANCELLED"
        assert {state(athena, query_id) for query_id in theirs} <= {"QUEUED", "RUNNING"}
        assert stop_leftovers() == []
    finally:
        for query_id in theirs:
            athena.athena.stop_query_execution(QueryExecutionId=query_id)
            athena.wait(query_id)


def test_the_bytes_of_all_queries_of_a_node_are_added_up_and_no_others(
    athena: Athena, database: str
) -> None:
    athena.rows(
        f"create table {database}.words with (table_type = 'ICEBERG', is_external = false,"
        f" location = 's3://landfall/{database}/words/') as select 'a word' as word"
    )
    query, own = f"select word from {database}.words", "model.landfall.fct_visits"
    ours = comment(target_name="athena", node_id=own)
    athena.wait(athena.start(ours + query))
    began = datetime.now(UTC)
    other = comment(target_name="athena", node_id="model.landfall.other")
    by_hand = comment(target_name="dev", node_id=own)
    for words in (ours, other, by_hand, ours):
        athena.wait(athena.start(words + query))
    size = athena.scanned(query)
    assert size > 0
    assert bytes_by_node(began) == {own: 2 * size, "model.landfall.other": size}


def test_a_query_that_does_not_end_in_time_is_an_error_of_one_line(athena: Athena) -> None:
    query_id = athena.start(comment(target_name="athena", node_id="model.landfall.a") + ENDLESS)
    try:
        with pytest.raises(LandingFailed, match="do not end: 1; run again"):
            wait_for_the_end(athena.athena, [query_id], seconds=0)
    finally:
        athena.athena.stop_query_execution(QueryExecutionId=query_id)
        athena.wait(query_id)
