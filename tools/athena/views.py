"""Views as Athena keeps them in Glue, which differs from Trino.

Athena writes a view's real columns and leaves its description to the user, and dbt fills it in. Trino writes one dummy
column, and takes a view for one only while its comment is `Presto View`.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp

from tools.standins.aws import Environ, StartResponse

ACCESS_KEY = "trino"  # by which Trino's own requests are told from all others
COMMENT = "Presto View"
READS = ("AWSGlue.GetTable", "AWSGlue.GetTables")
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
KINDS = exp.DataType.Type


class ViewsForTrino:
    """An application that hides users' descriptions of views from Trino."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    def __call__(self, environ: Environ, respond: StartResponse) -> Iterable[bytes]:
        by_trino = f"Credential={ACCESS_KEY}/" in environ.get("HTTP_AUTHORIZATION", "")
        if not (by_trino and environ.get("HTTP_X_AMZ_TARGET") in READS):
            return self._inner(environ, respond)
        head: list[Any] = []
        answer = b"".join(self._inner(environ, lambda *given: head.extend(given)))
        status, headers = head[:2]
        if status.startswith("200"):
            content = json.loads(answer)
            for table in content.get("TableList", [content.get("Table")]):
                _strip(table)
            answer = json.dumps(content).encode()
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        respond(status, [*kept, ("Content-Length", str(len(answer)))])
        return [answer]


def _strip(table: dict[str, Any]) -> None:
    if "presto_view" in table.get("Parameters", {}):
        table.pop("Description", None)
        table["Parameters"]["comment"] = COMMENT


def hive_type(kind: str) -> str:
    """The engine's type as Glue spells it: `varchar` is string, `integer` is int."""
    parsed = exp.DataType.build(kind, dialect="trino")
    for node in parsed.find_all(exp.DataType):
        if node.this in (KINDS.TIMESTAMP, KINDS.TIMESTAMPTZ):
            node.set("this", KINDS.TIMESTAMP)
            node.set("expressions", [])
    return parsed.sql(dialect="hive").lower().replace(", ", ",").replace(": ", ":")
