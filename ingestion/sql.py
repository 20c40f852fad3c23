"""Quoting for the SQL that the lander gives to DuckDB.

Texts are written into a statement. Beside one, DuckDB's driver asks for each value whether it is one of pandas', and
looks for that package anew, which takes as long as a small statement where it is not installed.
"""


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def row(*texts: str) -> str:
    """Texts as a row of string literals."""
    return f"({', '.join(map(literal, texts))})"
