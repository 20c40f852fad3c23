"""Invented extracts of totesys, the database of a wholesaler: what `extract totesys` would have written."""

from samples.totesys.extracts import write

__all__ = ["write"]
