"""Invented extracts of Salesforce: accounts, contacts, opportunities and their changes, users, by AppFlow's flows."""

from samples.salesforce.extracts import write

__all__ = ["write"]
