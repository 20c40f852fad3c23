"""The Athena API as boto3's client sees it."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.athena.engine import RESULTS, Athena, QueryFailed

pytestmark = pytest.mark.slow

UNKNOWN = "00000000-0000-0000-0000-000000000000"
# Long enough to be caught running, and too long to wait for.
ENDLESS = "select count(*) from " + " cross join ".join(
    f"unnest(sequence(1, 10000)) as t{n}(x{n})" for n in range(4)
)


def refusal(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(caught.value.response["Error"]["Message"])


def test_a_query_succeeds_with_times_and_its_place_in_the_results(athena: Athena) -> None:
    query = athena.wait(athena.start("select 1 as a"))
    assert query["Status"]["State"] == "SUCCEEDED"
    assert query["Status"]["SubmissionDateTime"] <= query["Status"]["CompletionDateTime"]
    assert query["StatementType"] == "DML"
    assert query["WorkGroup"] == "primary"
    assert query["QueryExecutionContext"]["Database"] == "default"
    assert query["ResultConfiguration"]["OutputLocation"].startswith(RESULTS)
    assert query["Statistics"]["TotalExecutionTimeInMillis"] > 0
    assert query["Statistics"]["EngineExecutionTimeInMillis"] > 0


def test_cells_come_as_athena_writes_them(athena: Athena) -> None:
    query_id = athena.start(
        "select true as a, cast(2.50 as decimal(12, 2)) as b, 1e10 as c, date '2026-11-21' as d,"
        " timestamp '2026-11-21 10:00:00.120' as e, cast(null as varchar) as f, '' as g,"
        " array[1, 2] as h, map(array['k'], array[1]) as i, cast(row(1, 'x') as row(p int, q varchar))"
        " as j, x'6162' as k, cast(timestamp '2026-11-21 10:00:00' as timestamp(6)) as l, 'é‚\t\"' as m"
    )
    assert athena.wait(query_id)["Status"]["State"] == "SUCCEEDED"
    result = athena.athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]
    heading, row = result["Rows"]
    assert [cell["VarCharValue"] for cell in heading["Data"]] == list("abcdefghijklm")
    assert [cell.get("VarCharValue") for cell in row["Data"]] == [
        "true",
        "2.50",
        "1.0E10",
        "2026-11-21",
        "2026-11-21 10:00:00.120",
        None,
        "",
        "[1, 2]",
        "{k=1}",
        "{p=1, q=x}",
        "61 62",
        "2026-11-21 10:00:00.000000",
        'é‚\t"',
    ]
    info = result["ResultSetMetadata"]["ColumnInfo"]
    assert [(c["Type"], c["Precision"], c["Scale"]) for c in info[:3]] == [
        ("boolean", 0, 0),
        ("decimal", 12, 2),
        ("double", 0, 0),
    ]


def test_results_come_in_pages_of_a_thousand_rows_the_heading_counted(athena: Athena) -> None:
    query_id = athena.start("select x from unnest(sequence(1, 2500)) as t(x) order by x")
    athena.wait(query_id)
    pages = list(
        athena.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    )
    rows = [[row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] for page in pages]
    assert [len(page) for page in rows] == [1000, 1000, 501]
    assert rows[0][:2] == ["x", "1"] and rows[1][0] == "1000" and rows[2][-1] == "2500"
    small = athena.athena.get_query_results(QueryExecutionId=query_id, MaxResults=2)
    assert len(small["ResultSet"]["Rows"]) == 2 and small["NextToken"]


def test_a_page_of_more_than_a_thousand_rows_is_refused(athena: Athena) -> None:
    query_id = athena.start("select 1")
    athena.wait(query_id)
    call = athena.athena.get_query_results
    assert "MaxResults" in refusal(call, QueryExecutionId=query_id, MaxResults=1001)
    assert "pagination" in refusal(call, QueryExecutionId=query_id, NextToken="next")


def test_a_failed_query_says_why_in_athenas_shape(athena: Athena) -> None:
    query_id = athena.start("select nothing from (values 1) as t(a)")
    status = athena.wait(query_id)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("COLUMN_NOT_FOUND: line 1:8: Column 'nothing'")
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "Retryable": False,
        "ErrorMessage": status["StateChangeReason"],
    }
    assert "Final query state: FAILED" in refusal(
        athena.athena.get_query_results, QueryExecutionId=query_id
    )


def test_a_statement_that_is_not_athenas_is_refused_when_it_is_submitted(athena: Athena) -> None:
    before = athena.athena.list_query_executions()["QueryExecutionIds"]
    call = athena.athena.start_query_execution
    where = {"ResultConfiguration": {"OutputLocation": RESULTS}}
    assert "not supported" in refusal(call, QueryString="set session x = 1", **where)
    assert "Catalog 'tpch'" in refusal(
        call, QueryString="select 1", QueryExecutionContext={"Catalog": "tpch"}, **where
    )
    assert "parameters" in refusal(call, QueryString="select ?", ExecutionParameters=["1"], **where)
    assert athena.athena.list_query_executions()["QueryExecutionIds"] == before


def test_a_query_needs_a_place_for_its_results_and_a_work_group_that_exists(athena: Athena) -> None:
    call = athena.athena.start_query_execution
    assert "No output location provided" in refusal(call, QueryString="select 1")
    assert "WorkGroup nowhere is not found" in refusal(
        call, QueryString="select 1", WorkGroup="nowhere"
    )


def test_a_work_group_can_say_where_results_go(athena: Athena) -> None:
    own = "s3://landfall/of-the-group/"
    configuration = {
        "ResultConfiguration": {"OutputLocation": own},
        "EnforceWorkGroupConfiguration": True,
    }
    athena.athena.create_work_group(Name="reports", Configuration=configuration)
    query = athena.wait(athena.start("select 1", WorkGroup="reports"))
    assert query["WorkGroup"] == "reports"
    assert query["ResultConfiguration"]["OutputLocation"].startswith(own)
    listed = athena.athena.list_query_executions(WorkGroup="reports")["QueryExecutionIds"]
    assert listed == [query["QueryExecutionId"]]


def test_an_unknown_query_is_refused(athena: Athena) -> None:
    for call in (
        athena.athena.get_query_execution,
        athena.athena.get_query_results,
        athena.athena.stop_query_execution,
    ):
        assert f"{UNKNOWN} was not found" in refusal(call, QueryExecutionId=UNKNOWN)


def test_the_same_request_token_starts_one_query(athena: Athena) -> None:
    token = "t" * 40
    first = athena.start("select 1", ClientRequestToken=token)
    assert athena.start("select 1", ClientRequestToken=token) == first


def test_queries_are_listed_newest_first_and_shown_together(athena: Athena) -> None:
    ids = [athena.start(f"select {n}") for n in range(3)]
    for query_id in ids:
        athena.wait(query_id)
    first = athena.athena.list_query_executions(MaxResults=2)
    assert first["QueryExecutionIds"] == ids[:0:-1]
    second = athena.athena.list_query_executions(MaxResults=2, NextToken=first["NextToken"])
    assert second["QueryExecutionIds"][0] == ids[0]
    together = athena.athena.batch_get_query_execution(QueryExecutionIds=[*ids, UNKNOWN])
    assert [query["Query"] for query in together["QueryExecutions"]] == [
        "select 0",
        "select 1",
        "select 2",
    ]
    unknown = together["UnprocessedQueryExecutionIds"]
    assert [query["QueryExecutionId"] for query in unknown] == [UNKNOWN]


def test_a_stopped_query_is_cancelled_in_the_engine_too(athena: Athena) -> None:
    query_id = athena.start("/* landfall */ " + ENDLESS)
    while (
        athena.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"][
            "State"
        ]
        == "QUEUED"
    ):
        time.sleep(0.05)
    running = refusal(athena.athena.get_query_results, QueryExecutionId=query_id)
    assert "Current state: RUNNING" in running
    athena.athena.stop_query_execution(QueryExecutionId=query_id)
    ended = athena.wait(query_id, 10)
    assert ended["Status"]["State"] == "CANCELLED"
    assert athena.running_in_trino() == []


def test_a_query_stopped_at_once_never_runs(athena: Athena) -> None:
    query_id = athena.start(ENDLESS)
    athena.athena.stop_query_execution(QueryExecutionId=query_id)
    assert athena.wait(query_id, 10)["Status"]["State"] == "CANCELLED"
    assert athena.running_in_trino() == []


def test_stopping_a_finished_query_changes_nothing(athena: Athena) -> None:
    query_id = athena.start("select 1")
    athena.wait(query_id)
    athena.athena.stop_query_execution(QueryExecutionId=query_id)
    assert athena.wait(query_id)["Status"]["State"] == "SUCCEEDED"


def test_a_failure_reaches_the_caller_by_name(athena: Athena) -> None:
    with pytest.raises(QueryFailed, match="_NOT_FOUND"):
        athena.rows("select * from nowhere.nothing")


def test_what_is_not_athenas_is_answered_by_moto(athena: Athena) -> None:
    assert athena.athena.get_work_group(WorkGroup="primary")["WorkGroup"]["State"] == "ENABLED"
    assert athena.client("sts").get_caller_identity()["Account"]
