"""Executions of AppFlow flows as the service writes them: parquet below the execution's id, and the flow's records.

The lander's own tests deliver by these functions too.
"""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FIELDS: dict[str, dict[str, Any]] = {
    "account": dict.fromkeys(
        "Id Name Type Industry BillingCity BillingState BillingPostalCode Region__c OwnerId".split(), pa.string()
    ),
    "contact": dict.fromkeys("Id AccountId FirstName LastName Email Phone Title OwnerId".split(), pa.string()),
    "opportunity": dict.fromkeys("Id AccountId Name StageName".split(), pa.string())
    | {"Amount": pa.decimal128(18, 2), "Probability": pa.decimal128(5, 2), "CloseDate": pa.date32()}
    | {"IsClosed": pa.bool_(), "IsWon": pa.bool_(), "OwnerId": pa.string()},
    "opportunity_history": {"Id": pa.string(), "OpportunityId": pa.string(), "StageName": pa.string()}
    | {"Amount": pa.decimal128(18, 2), "Probability": pa.decimal128(5, 2), "CloseDate": pa.date32()}
    | {"CreatedById": pa.string()},
    "user": {"Id": pa.string(), "Name": pa.string(), "Email": pa.string(), "IsActive": pa.bool_()},
}  # fmt: skip
"""The fields of each object with their types where the source's typing is kept, but for those that all have."""

OF_ALL = {
    "CreatedDate": pa.timestamp("ms", "UTC"),
    "SystemModstamp": pa.timestamp("ms", "UTC"),
    "IsDeleted": pa.bool_(),
}


def parquet(
    table: str, rows: Iterable[Mapping[str, Any]], *, typed: bool = True, **more: str
) -> bytes:
    """A file of these rows, typed or all text; `more` are fields that no contract names."""
    kinds = FIELDS[table] | OF_ALL | dict.fromkeys(more, pa.string())
    cells = [{"IsDeleted": False} | dict(row) | more for row in rows]
    columns = {
        name: pa.array([row.get(name) for row in cells], kind)
        if typed
        else pa.array([as_text(row.get(name)) for row in cells], pa.string())
        for name, kind in kinds.items()
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def as_text(cell: Any) -> str | None:
    """A cell as it stands where the source's typing is not kept."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%S}.{cell.microsecond // 1000:03d}Z"
    return str(cell) if isinstance(cell, date | Decimal | int | float) else cell


def record(
    execution: str, ended: datetime, rows: int, status: str = "Successful"
) -> dict[str, Any]:
    """What AppFlow says of one execution."""
    return {
        "executionId": execution,
        "executionStatus": status,
        "executionResult": {"bytesProcessed": 1, "bytesWritten": 1, "recordsProcessed": rows},
        "startedAt": ended.isoformat() + "+00:00",
        "lastUpdatedAt": ended.isoformat() + "+00:00",
        "dataPullStartTime": ended.isoformat() + "+00:00",
        "dataPullEndTime": ended.isoformat() + "+00:00",
    }


def records(*listed: Mapping[str, Any]) -> str:
    """The file executions.json."""
    return json.dumps({"flowExecutions": listed})
