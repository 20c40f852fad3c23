"""A problem is reported once, to its subscribers, and once when it is resolved. SNS and SQS are moto's."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from ingestion.alerts import (
    Channels,
    Condition,
    Ended,
    Seen,
    of_command,
    of_landing,
    of_run,
    tell,
)
from ingestion.errors import LandingFailed
from ingestion.outcome import Outcome
from ingestion.pipeline import RunReport, conditions, figures
from ingestion.pipeline.node import Node
from ingestion.store import LocalStore
from tests.ingestion.lakes import Lake, customers

ENDED = Ended("run", "20260302T023000Z-0123abcd", 0, 61.0)


@dataclass
class Mailbox:
    """A topic with two queues: one takes everything, one what concerns an area."""

    topic: str
    everything: str
    billing: str

    def read(self, queue: str) -> list[dict[str, Any]]:
        """The messages of a queue, which are gone then."""
        sqs, found = boto3.client("sqs"), []
        while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for one in got:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
                found.append(json.loads(one["Body"]))
        return found


@pytest.fixture
def mailbox(aws: str, request: pytest.FixtureRequest) -> Mailbox:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    name = str(abs(hash(request.node.nodeid)))
    topic = sns.create_topic(Name=f"alerts-{name}")["TopicArn"]
    queues = []
    for kind, policy in (("all", None), ("billing", {"areas": ["billing"]})):
        queue = sqs.create_queue(QueueName=f"{kind}-{name}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        subscribed = sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
            Attributes={"FilterPolicy": json.dumps(policy)} if policy else {},
        )
        assert subscribed
        queues.append(queue)
    return Mailbox(topic, *queues)


def nodes(*names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names, ("clinic",))


TROUBLE: dict[str, tuple[list[Seen], list[Seen], str]] = {
    "the command": (
        [of_command("run", 4, "LandingFailed: AWS did not answer")],
        [of_command("run", 0)],
        "run ended with code 4",
    ),
    "a node": (
        of_run(nodes("test.landfall.not_null_x"), {}, None),
        of_run({}, {}, []),
        "failed: test.landfall.not_null_x",
    ),
    "a late table": (
        of_run({}, nodes("clinic.patient"), []),
        of_run({}, {}, []),
        "late: clinic.patient",
    ),
    "figures": (
        of_run({}, {}, ["clinic"]),
        of_run({}, {}, []),
        "the figures of clinic are incomplete",
    ),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_trouble_is_told_once_and_its_end_once(
    mailbox: Mailbox, tmp_path: Path, kind: str
) -> None:
    wrong, well, words = TROUBLE[kind]
    store, channels = LocalStore(tmp_path), Channels(mailbox.topic)
    for _ in range(2):
        tell(channels, store, ENDED, wrong)
    (first,) = mailbox.read(mailbox.everything)
    assert first["Subject"] == "Landfall: 1 new"
    assert words in first["Message"] and "New:" in first["Message"]
    for _ in range(2):
        tell(channels, store, ENDED, well)
    (second,) = mailbox.read(mailbox.everything)
    assert second["Subject"] == "Landfall: 1 back to normal" and words in second["Message"]
    tell(channels, store, ENDED, wrong)
    assert len(mailbox.read(mailbox.everything)) == 1


def test_an_area_hears_of_its_own_alone(mailbox: Mailbox, tmp_path: Path) -> None:
    store, channels = LocalStore(tmp_path), Channels(mailbox.topic)
    tell(channels, store, ENDED, of_run({}, {}, ["clinic"]))
    assert mailbox.read(mailbox.billing) == []
    tell(channels, store, ENDED, of_run({}, {}, ["clinic", "billing"]))
    (told,) = mailbox.read(mailbox.billing)
    assert "billing" in told["Message"] and "clinic" not in told["Message"]
    assert json.loads(told["MessageAttributes"]["kinds"]["Value"]) == ["incomplete"]


def test_a_failed_run_does_not_report_that_figures_are_complete_again(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    store, channels = LocalStore(tmp_path), Channels(mailbox.topic)
    tell(channels, store, ENDED, of_run({}, {}, ["clinic"]))
    mailbox.read(mailbox.everything)
    tell(channels, store, ENDED, of_run(nodes("model.landfall.dim_x"), {}, None))
    (told,) = mailbox.read(mailbox.everything)
    assert told["Subject"] == "Landfall: 1 new"


def landed(quarantined: int, day: int = 2) -> Outcome:
    when = date(2026, 3, day)
    return Outcome("shop/x.csv", "shop", "customer", when, "ab", "landed", quarantined=quarantined)


def test_quarantined_rows_are_news_when_they_are_more_and_well_when_the_figures_are(
    mailbox: Mailbox, tmp_path: Path, local_lake: Lake
) -> None:
    (local_lake.settings.project_dir / "seeds").mkdir()
    seed = local_lake.settings.project_dir / "seeds/areas.csv"
    seed.write_text("area,source_name,is_dated_by\ncommerce,shop,true\n")
    store, channels = local_lake.store, Channels(mailbox.topic)
    counts = []
    for quarantined in (3, 3, 5, 2, 0):
        seen = of_landing(local_lake.settings, store, [landed(quarantined)])
        tell(channels, store, ENDED, seen)
        counts.append(len(mailbox.read(mailbox.everything)))
    assert counts == [1, 0, 1, 0, 0]
    tell(channels, store, ENDED, of_run({}, {}, ["billing"]))
    (told,) = mailbox.read(mailbox.everything)
    assert told["Subject"] == "Landfall: 1 new, 1 back to normal"
    assert "rows of shop.customer are in quarantine" in told["Message"]


def test_a_refused_file_is_told_with_its_place_and_the_command_that_helps_but_no_cell(
    mailbox: Mailbox, local_lake: Lake
) -> None:
    seed = local_lake.settings.project_dir / "seeds" / "finding_codes.csv"
    seed.parent.mkdir()
    seed.write_text("place,finding,what_to_do\ninbox,missing_column,draft SOURCE --from FILE\n")
    local_lake.put("shop/2026-01-11/customer.csv", "customer_id,canary,balance\ncanary,1,2\n")
    local_lake.put("shop/2026-01-12/customer.csv", customers(*range(30)) + "canary,2/30/2001,1\n")
    outcomes = local_lake.land()
    seen = of_landing(local_lake.settings, local_lake.store, outcomes)
    for _ in range(2):
        tell(Channels(mailbox.topic), local_lake.store, ENDED, seen)
    (told,) = mailbox.read(mailbox.everything)
    text = told["Message"]
    assert "shop/2026-01-11/customer.csv (line 1" in text and "ingestion discard" in text
    assert "draft shop --from shop/2026-01-11/customer.csv; or: python -m ingestion disc" in text
    assert "1 rows of shop.customer are in quarantine" in text
    assert "30" not in told["Subject"] and "canary,2/30" not in text


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the server's code."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(self.server.code)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@dataclass
class Webhook:
    server: HTTPServer
    posted: list[dict[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/services/secret"

    def answer(self, code: int) -> None:
        self.server.code = code  # type: ignore[attr-defined]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    made = Webhook(server)
    server.posted = made.posted  # type: ignore[attr-defined]
    made.answer(200)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def test_a_channel_that_does_not_answer_is_logged_and_told_the_next_time(
    webhook: Webhook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, channels = LocalStore(tmp_path), Channels(webhook=webhook.address)
    webhook.answer(500)
    tell(channels, store, ENDED, of_run({}, {}, ["clinic"]))
    assert "could not be sent to the webhook" in caplog.text and "secret" not in caplog.text
    assert "secret" not in repr(channels)
    webhook.answer(200)
    for _ in range(2):
        tell(channels, store, ENDED, of_run({}, {}, ["clinic"]))
    assert len(webhook.posted) == 2
    assert webhook.posted[1]["text"].startswith("Landfall: 1 new\n")


def test_each_channel_knows_what_it_was_told(
    webhook: Webhook, mailbox: Mailbox, tmp_path: Path
) -> None:
    store, both = LocalStore(tmp_path), Channels(mailbox.topic, webhook.address)
    tell(Channels(mailbox.topic), store, ENDED, of_run({}, {}, ["clinic"]))
    tell(both, store, ENDED, of_run({}, {}, ["clinic"]))
    assert (len(mailbox.read(mailbox.everything)), len(webhook.posted)) == (1, 1)


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:1/", "file:///etc/hostname/x"])
def test_an_address_that_is_none_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    tell(Channels(webhook=address), LocalStore(tmp_path), ENDED, of_run({}, {}, ["clinic"]))
    assert "could not be sent" in caplog.text


def test_a_lake_that_does_not_answer_is_told_all_the_same(
    webhook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LandingFailed("the lake cannot be used")

    monkeypatch.setattr(LocalStore, "read", broken)
    monkeypatch.setattr(LocalStore, "put", broken)
    tell(Channels(webhook=webhook.address), LocalStore(tmp_path), ENDED, [of_command("land", 4)])
    assert "land ended with code 4" in webhook.posted[0]["text"]


def test_a_run_knows_what_of_it_may_be_told() -> None:
    def node(name: str, status: str) -> Node:
        return Node(
            name=name,
            resource_type="test",
            areas=("clinic",),
            status=status,
            seconds=0.1,
            failures=None,
            message="",
        )

    verdicts = {
        "clinic": "incomplete: 2 refused files of clinic.patient",
        "crm": "nothing: no extract",
    }
    report = RunReport(
        run_id="x",
        outcomes=[],
        nodes=[node("test.landfall.a", "fail"), node("test.landfall.b", "pass")],
        freshness=[node("source.landfall.clinic.visit", "warn"), node("source.landfall.d", "pass")],
        figures=[{"AREA": area, "VERDICT": verdict} for area, verdict in verdicts.items()],
    )
    assert figures(report) == {"NodesFailed": 1, "AreasIncomplete": 1}
    told = [one.what for seen in conditions(report) for one in seen.conditions]
    assert told == ["failed: test.landfall.a", "late: clinic.visit"]
    report.nodes.pop(0)
    told = [one.what for seen in conditions(report) for one in seen.conditions]
    assert told == ["late: clinic.visit", "the figures of clinic are incomplete"]


def test_a_condition_of_a_kind_that_was_not_looked_at_stays_known(
    webhook: Webhook, tmp_path: Path
) -> None:
    store, channels = LocalStore(tmp_path), Channels(webhook=webhook.address)
    late = Condition(kind="late", place="x", what="late: x", help="look")
    tell(channels, store, ENDED, [Seen.all_of("late", [late])])
    tell(channels, store, ENDED, [of_command("land", 0)])
    tell(channels, store, ENDED, [Seen.all_of("late", [late])])
    assert len(webhook.posted) == 1
