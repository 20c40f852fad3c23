"""Every code for bad input, with the outcome of such input. docs/guides/bad_inputs.md explains each."""

from enum import StrEnum


class Fate(StrEnum):
    """The outcome of an input with a code; one code may have several, for a file and for a row."""

    REFUSED = "refused"
    QUARANTINED = "quarantined"
    WARNED = "warned"
    WAITING = "waiting"


REFUSED, QUARANTINED, WARNED, WAITING = Fate


class Code(StrEnum):
    """The codes. A new one gets its fates here and a row in each of their tables in the guide; a test compares."""

    fates: frozenset[Fate]

    def __new__(cls, value: str, *fates: Fate) -> "Code":
        """The code of this text and these fates."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.fates = frozenset(fates)
        return code

    # of a file as a whole
    BAD_NAME = "bad_name", REFUSED
    BAD_RECORD = "bad_record", REFUSED
    CHANGED_WHILE_READ = "changed_while_read", REFUSED
    FUTURE_EXTRACT = "future_extract", REFUSED, WARNED
    EMPTY_OBJECT = "empty_object", REFUSED
    INCOMPLETE_EXPORT = "incomplete_export", REFUSED, WAITING
    MISSING_COLUMN = "missing_column", REFUSED
    MISSING_HEADER = "missing_header", REFUSED
    NO_ROWS = "no_rows", REFUSED, WARNED
    NOT_A_FILE = "not_a_file", REFUSED
    ROW_FLOOR = "row_floor", REFUSED, WARNED
    STILL_ARRIVING = "still_arriving", WAITING
    TOO_LARGE = "too_large", REFUSED
    TOO_MANY_REJECTS = "too_many_rejects", REFUSED
    TRUNCATED = "truncated", REFUSED
    UNDATED_RELOAD = "undated_reload", REFUSED
    UNKNOWN_COLUMN = "unknown_column", REFUSED
    UNKNOWN_TABLE = "unknown_table", REFUSED
    UNREADABLE = "unreadable", REFUSED
    WRONG_DELIMITER = "wrong_delimiter", REFUSED
    WRONG_FORMAT = "wrong_format", REFUSED
    WRONG_TYPE = "wrong_type", REFUSED

    # of a row as a whole
    OPEN_QUOTE = "open_quote", REFUSED, QUARANTINED
    COLUMN_COUNT = "column_count", REFUSED, QUARANTINED
    NUL_BYTE = "nul_byte", QUARANTINED
    ENCODING = "encoding", REFUSED, QUARANTINED, WARNED

    # of a value
    BAD_BOOLEAN = "bad_boolean", QUARANTINED
    BAD_DATE = "bad_date", QUARANTINED
    BAD_JSON = "bad_json", QUARANTINED
    BAD_NUMBER = "bad_number", QUARANTINED
    BAD_OPERATION = "bad_operation", QUARANTINED
    BAD_TIME = "bad_time", QUARANTINED, WARNED
    DUPLICATE_COLUMN = "duplicate_column", REFUSED, QUARANTINED
    KEY_CONFLICT = "key_conflict", QUARANTINED
    LOSSY_NUMBER = "lossy_number", QUARANTINED
    NULL_KEY = "null_key", QUARANTINED
    BELOW_MINIMUM = "below_minimum", QUARANTINED, WARNED
    UNKNOWN_VALUE = "unknown_value", QUARANTINED, WARNED
    VALUE_TOO_LONG = "value_too_long", QUARANTINED

    # of input that lands
    CONTROL_CHARACTERS = "control_characters", WARNED
    DELIVERED_TWICE = "delivered_twice", WARNED
    DUPLICATE_ROW = "duplicate_row", WARNED
    EMPTY_ROW = "empty_row", WARNED
    HEADER_SPELLING = "header_spelling", WARNED
    KEY_CASE = "key_case", WARNED
    KEY_SPACES = "key_spaces", WARNED
    LATE_EXTRACT = "late_extract", WARNED
    REDELIVERED = "redelivered", WARNED
    REPEATED_OPERATION = "repeated_operation", WARNED
    TRAILING_DELIMITER = "trailing_delimiter", WARNED
    TWO_FOR_A_DATE = "two_for_a_date", WARNED
    VALUE_SPELLING = "value_spelling", WARNED
    UNKNOWN_FIELD = "unknown_field", WARNED
    ZIP_SHORT = "zip_short", WARNED


STRUCTURAL = frozenset({Code.OPEN_QUOTE, Code.COLUMN_COUNT, Code.NUL_BYTE, Code.ENCODING})
"""Codes of a whole row: they come before the codes of its values."""

QUARANTINING = tuple(code for code in Code if QUARANTINED in code.fates)
"""The codes of rows, in a fixed order."""
