"""The AWS services that the engines share (Glue, S3, Lake Formation, …): moto, on a loopback port.

A lake here is gone with the process: moto keeps everything in memory.
"""

import contextlib
import io
import json
import threading
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from moto.core import DEFAULT_ACCOUNT_ID
from moto.glue.models import glue_backends
from moto.lakeformation.models import lakeformation_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

REGION = "us-east-1"
BUCKET = "landfall"
KEYS = {"AWS_ACCESS_KEY_ID": "landfall", "AWS_SECRET_ACCESS_KEY": "landfall"}

CHANGES = ("Landfall", "Changes")
"""Service and operation of our own: how often something may have changed."""

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Answer = tuple[int, dict[str, Any]]
# (service, operation, request) -> what to answer, or None: let moto answer
Operation = Callable[[str, str, dict[str, Any]], Answer | None]


def know_what_has_no_tag() -> None:
    """moto knows the databases and tables that have tags of Lake Formation, and fails where it is asked of another."""
    formation = lakeformation_backends[DEFAULT_ACCOUNT_ID][REGION]
    formation.lf_database_tags = defaultdict(list, formation.lf_database_tags)
    formation.lf_table_tags = defaultdict(list, formation.lf_table_tags)


def client(service: Any, url: str) -> Any:
    """A boto3 client of the stand-in at `url`, whatever the environment says."""
    return boto3.session.Session().client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 0}, max_pool_connections=32),
    )


def environment(url: str) -> dict[str, str]:
    """The settings that point boto3, dbt, DuckDB and the lander at the stand-in."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **KEYS,
        "LANDFALL_LAKE": f"s3://{BUCKET}/lake",
        "LANDFALL_S3_ENDPOINT": url.removeprefix("http://"),
        "LANDFALL_S3_SSL": "false",
        "LANDFALL_S3_STYLE": "path",
    }


STALE: Answer = (
    400,
    {
        "__type": "ConcurrentModificationException",
        "Message": "Update table failed due to concurrent modifications.",
    },
)
"""Glue's refusal of an update of a table that another client has updated meanwhile."""


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep connections: a dbt build makes thousands of calls

    def log_request(self, *_: Any) -> None:
        return


class Aws:
    """moto's WSGI application, with operations of our own in front of it."""

    def __init__(self) -> None:
        self.operations: list[Operation] = [_column_statistics, self._told_changes]
        self._changes = 0
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto lists its own folder to find a host's service: a third of the time of a call
        self._moto.get_backend_for_host = lru_cache(maxsize=None)(self._moto.get_backend_for_host)
        know_what_has_no_tag()
        # moto walks its dictionaries while others change them: a list of keys could end in an error
        self._one_at_a_time = threading.Lock()

    def __call__(self, environ: Environ, respond: StartResponse) -> Iterable[bytes]:
        service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
        if operation:
            request = _body(environ)
            for own in self.operations:
                answer = own(service, operation, request)
                if answer is not None:
                    return _json(answer, respond)
        # while a stack is made its resources are, by calls to this very server
        is_stack = "/cloudformation/" in environ.get("HTTP_AUTHORIZATION", "")
        with contextlib.nullcontext() if is_stack else self._one_at_a_time:
            if operation == "UpdateTable" and _is_stale(request):
                return _json(STALE, respond)
            answer_of_moto = list(self._moto(environ, respond))
            # counted afterwards: an earlier caller sees the old number, and checks again
            self._changes += _may_change(environ["REQUEST_METHOD"], operation)
        return answer_of_moto

    def _told_changes(self, service: str, operation: str, _: dict[str, Any]) -> Answer | None:
        """The number of calls that may have changed something, so that nothing is read again needlessly."""
        if (service, operation) == CHANGES:
            return 200, {"changes": self._changes}
        return None


def changes(url: str) -> int:
    """How many calls may have changed something at the stand-in at `url` since it began."""
    asked = urllib.request.Request(url, b"{}", {"X-Amz-Target": ".".join(CHANGES)})
    with urllib.request.urlopen(asked) as answer:
        return int(json.load(answer)["changes"])


def _may_change(method: str, operation: str) -> bool:
    """Glue and its like are asked by POST whatever they do: there the operation's name tells."""
    if operation:
        return not operation.startswith(("Get", "List", "BatchGet", "Search"))
    return method not in ("GET", "HEAD")


def _is_stale(request: dict[str, Any]) -> bool:
    """Whether a table is not in the version that its update was made from, which moto does not ask.

    By this Trino notices that another commit to an Iceberg table came first, and makes its own again; else the other
    would be lost. Glue's API: "VersionId: The version ID at which to update the table contents."
    """
    version, name = request.get("VersionId"), request["TableInput"]["Name"]
    if version is None:
        return False
    database = glue_backends[DEFAULT_ACCOUNT_ID][REGION].databases.get(request["DatabaseName"])
    table = database and database.tables.get(name)
    return table is not None and table.as_dict()["VersionId"] != version


def _body(environ: Environ) -> dict[str, Any]:
    """A request's JSON; moto can still read it afterwards."""
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(raw)
    body: dict[str, Any] = json.loads(raw or b"{}")
    return body


def _json(answer: Answer, respond: StartResponse) -> Iterable[bytes]:
    status, content = answer
    data = json.dumps(content).encode()
    reason = "200 OK" if status == 200 else f"{status} Bad Request"
    respond(
        reason,
        [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(data)))],
    )
    return [data]


def _column_statistics(service: str, operation: str, _: dict[str, Any]) -> Answer | None:
    """Trino asks Glue for statistics, which moto does not know: there are none."""
    if service == "AWSGlue" and "ColumnStatistics" in operation:
        return 200, {"Errors": [], "ColumnStatisticsList": []}
    return None


@contextlib.contextmanager
def serving(aws: Callable[[Environ, StartResponse], Iterable[bytes]]) -> Iterator[str]:
    """Answer on a free port of the loopback interface until the block ends; gives the URL."""
    server = make_server("127.0.0.1", 0, aws, threaded=True, request_handler=_Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        client("s3", url).create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.shutdown()
        server.server_close()
