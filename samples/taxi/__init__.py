"""Invented extracts of a taxi company: bookings from DynamoDB, billing from Aurora snapshots, a history from Oracle."""

from samples.taxi.extracts import write

__all__ = ["write"]
