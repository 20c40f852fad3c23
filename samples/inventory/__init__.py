"""Invented extracts of a stockroom's Oracle database: items, balances and movements, from its materialized views."""

from samples.inventory.extracts import write

__all__ = ["write"]
