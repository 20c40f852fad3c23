"""How every command is run: its settings and log, Ctrl-C and SIGTERM, its exit code, and its alerts."""

import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from ingestion import alerts, report
from ingestion.errors import BadExtract, Interrupted, LandfallError
from ingestion.interruption import Interruption
from ingestion.logs import configure_logging, doing, labelled, new_run_id
from ingestion.machine import within_limits
from ingestion.outcome import Outcome
from ingestion.settings import Settings
from ingestion.store import open_store

logger = logging.getLogger(__name__)

WATCHED = ("land", "run", "extract", "pull", "verify")
"""The commands that run by themselves: alerts and metrics report how they ended."""


@dataclass(frozen=True)
class Finished:
    """The end of a command: its exit code, its conditions for alerts, and its figures for metrics."""

    exit_code: int = 0
    seen: Callable[[], Sequence[alerts.Seen]] = tuple
    figures: Mapping[str, float] = field(default_factory=dict)

    def and_more(self, seen: Sequence[alerts.Seen], figures: Mapping[str, float]) -> "Finished":
        """The same with more conditions and more figures."""
        return Finished(self.exit_code, lambda: [*self.seen(), *seen], {**self.figures, **figures})


def command(function: Callable[..., Finished | int | None]) -> Callable[..., None]:
    """Run a command's body with the settings, and end with its exit code; each error is one line."""

    @wraps(function)
    def wrapped(**words: Any) -> None:
        """The command as click calls it; `wraps` gives it the help of the wrapped function."""
        name, run_id, begun, settings = function.__name__, new_run_id(), time.monotonic(), None
        with Interruption() as interruption, labelled(name, run_id=run_id):
            try:
                settings = Settings.from_environment()
                configure_logging(settings.log_format)
                with doing(name), within_limits():
                    finished = _finished(name, function(settings, **words))
                if finished.exit_code and interruption.happened:
                    raise KeyboardInterrupt  # what dbt took for failed nodes
            except (LandfallError, KeyboardInterrupt, RuntimeError) as error:
                finished = _stopped(name, _as_ours(error, interruption), settings)
            if name in WATCHED and not words.get("dry_run"):
                seconds = time.monotonic() - begun
                ended = alerts.Ended(name, run_id, finished.exit_code, seconds)
                with suppress(KeyboardInterrupt):  # the work is done
                    _tell(settings, ended, finished)
        sys.exit(finished.exit_code)

    return wrapped


def _finished(command: str, result: Finished | int | None) -> Finished:
    if isinstance(result, Finished):
        return result
    code = result or 0
    return Finished(code, lambda: [alerts.of_command(command, code)])


def _as_ours(error: BaseException, interruption: Interruption) -> LandfallError:
    """The error that stopped the command, as the user sees it; an error that is not ours is raised unchanged."""
    if interruption.happened or isinstance(error, KeyboardInterrupt):
        return Interrupted("what is committed stays, nothing is published; run it again")
    if isinstance(error, LandfallError):
        return error
    raise error


def _stopped(command: str, error: LandfallError, settings: Settings | None) -> Finished:
    """Print the error that stopped the command, or log it if a program reads the log."""
    told, code = f"{type(error).__name__}: {error}", error.exit_code
    say(settings, told, code)
    return Finished(code, lambda: [alerts.of_command(command, code, told)])


def say(settings: Settings | None, told: str, exit_code: int) -> None:
    """Tell on standard error, in one line, why the command ends with this code."""
    if settings and settings.log_format == "json":
        logger.error("%s", told, extra={"exit_code": exit_code})
    else:
        report.show(told, is_error=True)


def _tell(settings: Settings | None, ended: alerts.Ended, finished: Finished) -> None:
    """Alerts and metrics; neither changes how the command ends."""
    if settings and settings.metrics == "emf":
        about: dict[str, str | int] = {
            "command": ended.command,
            "run_id": ended.run_id,
            "exit_code": ended.exit_code,
        }
        well = float(ended.exit_code in (0, BadExtract.exit_code))
        figures = {"EndedWell": well, "Seconds": round(ended.seconds, 3), **finished.figures}
        report.show(alerts.metrics_line(about, figures))
    channels = alerts.Channels.from_environment()
    if not channels.names:
        return
    try:
        store = open_store(settings.lake, settings.kms_key) if settings else None
        alerts.tell(channels, store, ended, finished.seen())
    except LandfallError as error:
        logger.warning("alerts: %s", error)


def landing(settings: Settings, name: str, outcomes: Sequence[Outcome], exit_code: int) -> Finished:
    """The end of a command that has landed these; refusals are one line."""
    if refused := report.refused_line(outcomes):
        say(settings, refused, exit_code)

    def seen() -> list[alerts.Seen]:
        """Refused files, quarantined rows, and the end of the command."""
        store = open_store(settings.lake, settings.kms_key)
        return [alerts.of_command(name, 0), *alerts.of_landing(settings, store, outcomes)]

    figures = {
        "RowsLanded": sum(outcome.landed for outcome in outcomes),
        "RowsQuarantined": sum(outcome.quarantined for outcome in outcomes),
        "ObjectsRefused": sum(outcome.outcome == "refused" for outcome in outcomes),
    }
    return Finished(exit_code, seen, figures)
