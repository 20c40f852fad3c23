"""A small S3 in memory, behind HTTP: it verifies checksums and conditions, and answers as Amazon's does.

Beside it a wire that spoils one request: the fault of a number is done to the request of a number.
"""

import base64
import hashlib
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Stored:
    """An object. `checksums` are those that it was sent with, by the names of their headers."""

    data: bytes
    checksums: dict[str, str]
    changed: float = field(default_factory=time.time)

    @property
    def etag(self) -> str:
        """As of an object that was sent in one piece."""
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'


def checksum(name: str, data: bytes) -> str:
    """The checksum of a header `x-amz-checksum-…`, in base 64."""
    digest = {
        "x-amz-checksum-sha256": lambda: hashlib.sha256(data).digest(),
        "x-amz-checksum-crc32": lambda: zlib.crc32(data).to_bytes(4, "big"),
    }[name]()
    return base64.b64encode(digest).decode()


def error(status: int, code: str) -> Answer:
    """An answer of S3 that refuses."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return status, {"Content-Type": "application/xml"}, text.encode()


class Bucket:
    """The objects of one bucket, and what may be asked of them."""

    def __init__(self) -> None:
        self.objects: dict[str, Stored] = {}
        self._lock = threading.Lock()

    def deliver(self, key: str, data: bytes) -> None:
        """Put an object as a system does that knows nothing of the lake."""
        self.objects[key] = Stored(data, {})

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """What S3 would answer."""
        address = urlsplit(path)
        key = unquote(address.path).lstrip("/").partition("/")[2]
        with self._lock:
            if method == "GET" and not key:
                return self._listed(parse_qs(address.query, keep_blank_values=True))
            call: Callable[[str, dict[str, str], bytes], Answer] = getattr(
                self, f"_{method.lower()}"
            )
            return call(key, headers, body)

    def _listed(self, words: dict[str, list[str]]) -> Answer:
        prefix = words.get("prefix", [""])[0]
        found = sorted(key for key in self.objects if key.startswith(prefix))
        text = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key].data)}</Size>"
            f"<ETag>{escape(self.objects[key].etag)}</ETag><LastModified>"
            f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(self.objects[key].changed))}"
            "</LastModified></Contents>"
            for key in found
        )
        text = (
            "<?xml version='1.0'?><ListBucketResult><Name>lake</Name><IsTruncated>false</IsTruncated>"
            f"<KeyCount>{len(found)}</KeyCount>{text}</ListBucketResult>"
        )
        return 200, {"Content-Type": "application/xml"}, text.encode()

    def _refused(self, key: str, headers: dict[str, str]) -> Answer | None:
        """The answer where a condition does not hold."""
        there = self.objects.get(key)
        if headers.get("if-none-match") == "*" and there:
            return error(412, "PreconditionFailed")
        if wanted := headers.get("if-match"):
            if there is None:
                return error(404, "NoSuchKey")
            if wanted.strip('"') != there.etag.strip('"'):
                return error(412, "PreconditionFailed")
        return None

    def _put(self, key: str, headers: dict[str, str], body: bytes) -> Answer:
        if refused := self._refused(key, headers):
            return refused
        sums = {name: text for name, text in headers.items() if name.startswith("x-amz-checksum-")}
        sums.pop("x-amz-checksum-algorithm", None)
        if not sums or any(checksum(name, body) != text for name, text in sums.items()):
            return error(400, "BadDigest")
        self.objects[key] = Stored(body, sums)
        return 200, {"ETag": self.objects[key].etag, **sums}, b""

    def _get(self, key: str, headers: dict[str, str], body: bytes) -> Answer:
        there = self.objects.get(key)
        if there is None:
            return error(404, "NoSuchKey")
        if refused := self._refused(key, headers):
            return refused
        told = {
            "ETag": there.etag,
            "Last-Modified": formatdate(there.changed, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        if begin := headers.get("range"):
            start = int(begin.removeprefix("bytes=").partition("-")[0])
            if start >= len(there.data):
                return error(416, "InvalidRange")
            told["Content-Range"] = f"bytes {start}-{len(there.data) - 1}/{len(there.data)}"
            return 206, told, there.data[start:]
        if headers.get("x-amz-checksum-mode") == "ENABLED":
            told |= there.checksums
        return 200, told, there.data

    def _head(self, key: str, headers: dict[str, str], body: bytes) -> Answer:
        status, told, data = self._get(key, headers, body)
        return status, {**told, "Content-Length": str(len(data) if status == 200 else 0)}, b""

    def _delete(self, key: str, headers: dict[str, str], body: bytes) -> Answer:
        if refused := self._refused(key, headers):
            return refused
        self.objects.pop(key, None)
        return 204, {}, b""


FAULTS = (
    "reset before", "reset after", "half a request", "500", "500 after", "503", "403", "404", "404 after", "409",
    "412", "412 after", "truncated", "corrupted", "empty 200", "ignored", "late", "twice",
)  # fmt: skip


class Wire(ThreadingHTTPServer):
    """The bucket behind a port of this machine. `spoil(number, fault)`: the request of this number has this fault."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, bucket: Bucket) -> None:
        self.bucket, self.seen, self._at, self._fault = bucket, 0, 0, ""
        self.told: list[str] = []
        self._count = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spoil(self, at: int, fault: str) -> None:
        """Count from here on."""
        self.seen, self._at, self._fault = 0, at, fault
        self.told.clear()

    def next_fault(self, request: str) -> str:
        """What is wrong with the request that has just come."""
        with self._count:
            self.seen += 1
            self.told.append(request)
            return self._fault if self.seen == self._at else ""

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # an answer in one piece: else its body waits 40 ms for the client's acknowledgement of its headers
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Wire

    def _serve(self) -> None:
        fault = self.server.next_fault(f"{self.command} {self.path}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if fault == "half a request":
            self.rfile.read(int(headers.get("content-length", 0)) // 2)
        if fault in ("reset before", "half a request"):
            self._hang_up()
            return
        body, trailers = self._body(headers)
        headers |= trailers
        answers = {
            "500": error(500, "InternalError"),
            "503": error(503, "SlowDown"),
            "403": error(403, "AccessDenied"),
            "404": error(404, "NoSuchKey"),
            "409": error(409, "ConditionalRequestConflict"),
            "412": error(412, "PreconditionFailed"),
        }
        if fault in answers:
            self._send(answers[fault])
            return
        if fault == "ignored":
            self._send((200, {}, b""))
            return
        answer = self.server.bucket.answer(self.command, self.path, headers, body)
        if fault == "twice":
            answer = self.server.bucket.answer(self.command, self.path, headers, body)
        if fault == "reset after":
            self._hang_up()
            return
        if fault == "late":
            threading.Event().wait(0.2)
        self._send(answers.get(fault.removesuffix(" after"), answer), fault)

    def _send(self, answer: Answer, fault: str = "") -> None:
        status, told, data = answer
        if fault == "empty 200":
            status, told, data = 200, {}, b""
        sent = data[: len(data) // 2] if fault == "truncated" else data
        if fault == "corrupted" and data:
            middle = len(data) // 2
            sent = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        self.send_response(status)
        for name, value in told.items():
            if name != "Content-Length":
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", told.get("Content-Length", str(len(data))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)
        if fault == "truncated":
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()

    def _body(self, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """The content and its trailing headers: boto3 sends files in chunks, with the checksum behind them."""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            raw = b"".join(self._chunks())
        else:
            raw = self.rfile.read(int(headers.get("content-length", 0)))
        if "aws-chunked" not in headers.get("content-encoding", ""):
            return raw, {}
        body = b""
        while True:
            line, _, raw = raw.partition(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            if not size:
                break
            body, raw = body + raw[:size], raw[size + 2 :]
        lines = [line.decode().partition(":") for line in raw.split(b"\r\n") if line]
        return body, {name.lower(): value.strip() for name, _, value in lines}

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    do_GET = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815

    def handle_expect_100(self) -> bool:
        """Let it come."""
        is_wanted = super().handle_expect_100()
        self.wfile.flush()
        return is_wanted

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(bucket: Bucket) -> Iterator[Wire]:
    """The bucket, served as long as the block takes."""
    wire = Wire(bucket)
    thread = threading.Thread(target=wire.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.shutdown()
        wire.server_close()
