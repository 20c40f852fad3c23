"""Reports news: compares the conditions of a command with those that each channel was told before."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field, ValidationError

from ingestion.alerts.channels import Channel, Channels, Message
from ingestion.alerts.conditions import Condition, Seen
from ingestion.errors import LandfallError
from ingestion.store import Record, Store

logger = logging.getLogger(__name__)

STATE = "manifests/alerts.json"
_SUBJECT = 100


@dataclass(frozen=True)
class Ended:
    """How a command ended. `seconds` is wall time."""

    command: str
    run_id: str
    exit_code: int
    seconds: float


class Reported(Record):
    """The conditions that each channel was told and that have not ended since."""

    channels: dict[str, tuple[Condition, ...]] = Field(default_factory=dict)


def tell(channels: Channels, store: Store | None, ended: Ended, seen: Sequence[Seen]) -> None:
    """Send each channel one message, if anything is new for it or back to normal, and record it.

    Errors of the channels or the lake are logged, never raised. A message that was not sent is news the next time.
    Without a `store` (the settings were wrong) everything is news.
    """
    if not channels.names:
        return
    told = _read(store)
    known = dict(told.channels)
    for channel in channels.names:
        before = known.get(channel, ())
        new, gone, now = compared(before, seen)
        if (not new and not gone) or not _send(channels, channel, message(ended, new, gone)):
            continue
        known[channel] = now
    if store and known != told.channels:
        try:
            store.put(STATE, Reported(channels=known).to_bytes())
        except LandfallError as error:
            logger.warning(
                "the record of sent alerts cannot be written, so they will be sent again: %s", error
            )


def compared(
    before: Iterable[Condition], seen: Sequence[Seen]
) -> tuple[list[Condition], list[Condition], tuple[Condition, ...]]:
    """The new conditions, the ended ones, and all that are known from now on."""
    known = {condition.identity: condition for condition in before}
    found = {condition.identity: condition for one in seen for condition in one.conditions}
    new = [
        condition
        for identity, condition in found.items()
        if identity not in known or condition.count > known[identity].count
    ]
    gone = [
        condition
        for identity, condition in known.items()
        if identity not in found and any(one.covers(condition) for one in seen)
    ]
    ended = {condition.identity for condition in gone}
    now = {i: c for i, c in known.items() if i not in ended} | found
    return new, gone, tuple(now.values())


def message(ended: Ended, new: Sequence[Condition], gone: Sequence[Condition]) -> Message:
    """The message about these: new conditions with the command that helps, then the ended ones."""
    counts = [f"{len(new)} new"] if new else []
    counts += [f"{len(gone)} back to normal"] if gone else []
    lines = [
        f"{ended.command} {ended.run_id}: exit code {ended.exit_code}, {ended.seconds:.0f} s",
        *(["", "New:"] if new else []),
        *(f"- {_told(condition)}\n    {condition.help}" for condition in new),
        *(["", "Back to normal:"] if gone else []),
        *(f"- {_told(condition)}" for condition in gone),
    ]
    about = [*new, *gone]
    return Message(
        subject=f"Landfall: {', '.join(counts)}"[:_SUBJECT],
        text="\n".join(lines),
        exit_code=ended.exit_code,
        areas=tuple(sorted({area for condition in about for area in condition.areas})),
        kinds=tuple(sorted({condition.kind for condition in about})),
    )


def _told(condition: Condition) -> str:
    return condition.what + (f" [{', '.join(condition.areas)}]" if condition.areas else "")


def _send(channels: Channels, channel: Channel, what: Message) -> bool:
    """Send one message; returns whether the channel took it."""
    try:
        channels.send(channel, what)
    except LandfallError as error:
        logger.warning("an alert could not be sent to the %s: %s", channel, error)
        return False
    return True


def _read(store: Store | None) -> Reported:
    try:
        data = store.read(STATE) if store else None
        return Reported.model_validate_json(data) if data else Reported()
    except (LandfallError, ValidationError) as error:
        logger.warning(
            "the record of sent alerts cannot be read, so all are news: %s", type(error).__name__
        )
        return Reported()
