"""Athena's API over the queries: requests and answers in Athena's shapes."""

from collections.abc import Callable
from typing import Any

from moto.athena.models import athena_backends
from moto.core import DEFAULT_ACCOUNT_ID

from tools.athena.parser import CATALOG
from tools.athena.queries import CANCELLED, FAILED, SUCCEEDED, Execution, Queries
from tools.athena.tokens import Refused
from tools.athena.values import column_info, datum, structure
from tools.standins.aws import REGION, Answer

SERVICE = "AmazonAthena"
VERSION = "Athena engine version 3"
PAGE_ROWS = 1000
PAGE_QUERIES = 50
ICEBERG_ERROR = 233  # the number by which clients recognise a commit to retry
# A finished query shows at once, not only at the client's next poll.
PATIENCE = 0.2

Json = dict[str, Any]


class Api:
    """The operations on queries. Work groups and catalogues are moto's."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._operations: dict[str, Callable[[Json], Json]] = {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._get,
            "BatchGetQueryExecution": self._get_many,
            "ListQueryExecutions": self._list,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
        }

    def __call__(self, service: str, operation: str, request: Json) -> Answer | None:
        """Answer one of our operations; None for any other."""
        if service != SERVICE or operation not in self._operations:
            return None
        try:
            return 200, self._operations[operation](request)
        except Refused as error:
            return 400, {
                "__type": "InvalidRequestException",
                "AthenaErrorCode": "INVALID_INPUT",
                "Message": str(error),
                "message": str(error),
            }

    def _start(self, request: Json) -> Json:
        context = request.get("QueryExecutionContext") or {}
        catalog = str(context.get("Catalog", CATALOG)).lower()
        if catalog != CATALOG:
            raise Refused(f"Catalog '{catalog}' does not exist")
        if request.get("ExecutionParameters"):
            raise Refused("This stand-in takes no execution parameters")
        work_group = request.get("WorkGroup") or "primary"
        output = self._output(work_group, request)
        query = self._queries.start(
            request["QueryString"],
            context.get("Database", ""),
            work_group,
            output,
            request.get("ClientRequestToken", ""),
        )
        return {"QueryExecutionId": query.id}

    def _output(self, work_group: str, request: Json) -> str:
        """The place of the query's results: the work group's, else the request's."""
        group = athena_backends[DEFAULT_ACCOUNT_ID][REGION].get_work_group(work_group)
        if group is None:
            raise Refused(f"WorkGroup {work_group} is not found.")
        configuration = group.get("Configuration", {})
        own = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        enforced = configuration.get("EnforceWorkGroupConfiguration", False)
        the_groups = configuration.get("ResultConfiguration", {}).get("OutputLocation")
        output = (the_groups or own) if enforced else (own or the_groups)
        if not output:
            raise Refused(
                "No output location provided. An output location is required either through the"
                " Workgroup result configuration setting or as an API input."
            )
        return str(output)

    def _found(self, request: Json) -> Execution:
        query = self._queries.get(request["QueryExecutionId"])
        if query is None:
            raise Refused(f"QueryExecution {request['QueryExecutionId']} was not found")
        return query

    def _get(self, request: Json) -> Json:
        query = self._found(request)
        query.ended.wait(PATIENCE)
        return {"QueryExecution": describe(query)}

    def _get_many(self, request: Json) -> Json:
        found, unknown = [], []
        for query_id in request["QueryExecutionIds"]:
            query = self._queries.get(query_id)
            if query is None:
                unknown.append({"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT"})
            else:
                found.append(describe(query))
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown}

    def _list(self, request: Json) -> Json:
        ids = [q.id for q in self._queries.of_work_group(request.get("WorkGroup") or "primary")]
        return _page("QueryExecutionIds", ids, request, PAGE_QUERIES)

    def _stop(self, request: Json) -> Json:
        self._queries.stop(self._found(request))
        return {}

    def _results(self, request: Json) -> Json:
        query = self._found(request)
        if query.state in (FAILED, CANCELLED):
            raise Refused(f"Query did not finish successfully. Final query state: {query.state}")
        if query.state != SUCCEEDED:
            raise Refused(f"Query has not yet finished. Current state: {query.state}")
        columns = query.outcome.columns
        heading = [None] if query.has_heading else []
        page = _page("Rows", heading + query.outcome.rows, request, PAGE_ROWS)
        types = [(kind, structure(kind)) for _, kind in columns]
        rows = [
            {"Data": [datum(value, *kind) for value, kind in zip(row, types, strict=True)]}
            if row is not None
            else {"Data": [{"VarCharValue": name} for name, _ in columns]}
            for row in page["Rows"]
        ]
        answer: Json = {
            "UpdateCount": query.outcome.update_count,
            "ResultSet": {
                "Rows": rows,
                "ResultSetMetadata": {"ColumnInfo": [column_info(*column) for column in columns]},
            },
        }
        return answer | {k: v for k, v in page.items() if k == "NextToken"}


def _page(key: str, items: list[Any], request: Json, most: int) -> Json:
    """A page of `items` from the request's token on, with the token of the next one."""
    size = request.get("MaxResults") or most
    if not 1 <= size <= most:
        raise Refused(f"MaxResults must be between 1 and {most}")
    token = request.get("NextToken") or "0"
    if not token.isdecimal():
        raise Refused("Invalid pagination token")
    end = int(token) + size
    answer: Json = {key: items[int(token) : end]}
    return answer | ({"NextToken": str(end)} if end < len(items) else {})


def describe(query: Execution) -> Json:
    """A query as GetQueryExecution shows it."""
    session, total = query.session, query.milliseconds
    return {
        "QueryExecutionId": query.id,
        "Query": query.sql,
        "StatementType": query.type,
        "WorkGroup": query.work_group,
        "QueryExecutionContext": {"Catalog": CATALOG, "Database": session.schema},
        "ResultConfiguration": {"OutputLocation": f"{query.output.rstrip('/')}/{query.id}.csv"},
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": VERSION},
        "Status": _status(query),
        "Statistics": {
            "DataScannedInBytes": session.bytes_scanned,
            "EngineExecutionTimeInMillis": max(total - session.queue_ms, 0),
            "QueryPlanningTimeInMillis": session.planning_ms,
            "QueryQueueTimeInMillis": session.queue_ms,
            "TotalExecutionTimeInMillis": total,
        },
    }


def _status(query: Execution) -> Json:
    status: Json = {"State": query.state, "SubmissionDateTime": query.submitted}
    if query.completed is not None:
        status["CompletionDateTime"] = query.completed
    if query.state == CANCELLED:
        status["StateChangeReason"] = "Query cancelled by user"
    if query.error is not None:
        error = query.error
        status["StateChangeReason"] = str(error)
        status["AthenaError"] = {
            "ErrorCategory": 2 if error.user else 1,
            "Retryable": error.name == "ICEBERG_COMMIT_ERROR",
            "ErrorMessage": str(error),
        } | ({"ErrorType": ICEBERG_ERROR} if error.name.startswith("ICEBERG") else {})
    return status
