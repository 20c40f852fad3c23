"""Moments as Landfall keeps them: UTC without zone, in whole milliseconds."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def in_millis(moment: datetime) -> datetime:
    """The moment, cut to milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def day_of(moment: datetime, zone: str) -> date:
    """The day of the moment by the clocks of a zone."""
    return local(moment, zone).date()


def local(moment: datetime, zone: str) -> datetime:
    """The moment by the clocks of a zone."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
