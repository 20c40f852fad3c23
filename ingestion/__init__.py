"""Lands the extracts of operational systems in a lake and runs the warehouse that is built on it."""

__version__ = "0.2.0"
