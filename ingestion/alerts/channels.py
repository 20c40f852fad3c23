"""Where alerts go: a topic of SNS, and a webhook for those without AWS."""

import http.client
import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from ingestion.aws import answering
from ingestion.errors import LandingFailed

_SECONDS = 10
_MOST_BYTES = 200_000
"""SNS takes 256 KB, attributes included."""

Channel = Literal["topic", "webhook"]
"""A channel, by the name of its address in `Channels`."""


@dataclass(frozen=True)
class Message:
    """A message: `subject` is one line of ASCII of at most 100 characters. `areas` and `kinds` are its subjects."""

    subject: str
    text: str
    exit_code: int
    areas: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Channels:
    """The channels that are set. A webhook's address is a secret: whoever has it can write there."""

    topic: str | None = None
    webhook: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Channels":
        """Reads them apart from the other settings, so that an alert can still report a wrong one of those."""
        return cls(
            environ.get("LANDFALL_ALERT_TOPIC") or None,
            environ.get("LANDFALL_ALERT_WEBHOOK") or None,
        )

    @property
    def names(self) -> tuple[Channel, ...]:
        """The channels that are set, by name."""
        return tuple(name for name in get_args(Channel) if getattr(self, name))

    def send(self, channel: Channel, message: Message) -> None:
        """Publish. Raises LandfallError when the other side does not take it."""
        if channel == "topic":
            self._publish(message)
        else:
            self._post(message)

    def _publish(self, message: Message) -> None:
        import boto3

        attributes = {"exit_code": {"DataType": "Number", "StringValue": str(message.exit_code)}}
        for name, values in (("areas", message.areas), ("kinds", message.kinds)):
            if values:
                attributes[name] = {"DataType": "String.Array", "StringValue": json.dumps(values)}
        with answering("publish an alert"):
            topic = str(self.topic)
            region = topic.split(":")[3] if topic.count(":") > 3 else None
            boto3.client("sns", region_name=region).publish(
                TopicArn=topic,
                Subject=message.subject,
                Message=message.text.encode()[:_MOST_BYTES].decode(errors="ignore"),
                MessageAttributes=attributes,
            )

    def _post(self, message: Message) -> None:
        body = json.dumps({"text": f"{message.subject}\n{message.text}"}).encode()
        try:
            if not str(self.webhook).startswith(("https://", "http://")):
                raise ValueError
            request = urllib.request.Request(
                str(self.webhook), body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=_SECONDS):
                pass
        except (OSError, http.client.HTTPException, ValueError) as error:
            # the error's own words may hold the address
            raise LandingFailed(f"the webhook did not answer: {type(error).__name__}") from None
