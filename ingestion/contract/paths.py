"""Path patterns: which objects of the inbox belong to a table, and the information in their names.

A pattern is literal text with words in braces and optional parts in brackets:

    clinic/{date}/patient.csv
    clinic/dms/unicornDB/patient/[{day}/]{change_time}.csv

| word | matches | says |
|---|---|---|
| {date} | 2026-11-21 | the extract date |
| {compact_date} | 20261121 | the extract date |
| {folder_time} | 2026-11-21T10-30-00Z | the extract time, UTC, as `extract` names its folders |
| {change_time} | 20220725-033312345 | the extract time, as DMS names its files of changes |
| {day} | 2022/07/25, 2022-07-25-03, 202207, … | nothing more: date folders of DMS and AppFlow in all their forms |
| {load} | LOAD0000000A | a part of a DMS full load: all parts of one folder are one extract |
| {export} | any one folder | the export, whose export_info_<export>.json must say COMPLETE |
| {export_id} | any one folder | an export of a DynamoDB table; the path is that of its manifest-summary.json |
| {part} | 1/part-00000-….gz | a part of an export, with its numbered folder if it has one |
| {execution} | any one folder but a number | an execution of an AppFlow flow, by the executions.json beside it |
| {file} | any one name | a file of such an execution: all of them are one extract |

A `.csv` may always be gzipped (`.csv.gz`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


def _spelt(form: str, digits: Mapping[str, str]) -> str:
    """The pattern of a date or time in this form of strftime."""
    return re.sub("%[A-Za-z]", lambda found: digits[found[0]], form)


_DAY_FORMS = (
    "%Y/%m/%d/%H/%M",
    *(
        sequence.replace(" ", delimiter)
        for sequence in ("%Y %m %d %H", "%Y %m %d", "%m %Y %d", "%d %m %Y", "%Y %m")
        for delimiter in ("/", "_", "-", "")
    ),
    "%Y",
)
"""The forms of date folders: those of DMS, by DatePartitionSequence and DatePartitionDelimiter
(https://docs.aws.amazon.com/dms/latest/APIReference/API_S3Settings.html), and of AppFlow, by prefixFormat
(https://docs.aws.amazon.com/appflow/1.0/APIReference/API_PrefixConfig.html). A draft takes the first that it finds."""

_DIGITS = {"%Y": r"\d{4}"} | dict.fromkeys(("%m", "%d", "%H", "%M"), r"\d{2}")
_LIKELY = {
    "%Y": r"(?:19|20)\d{2}", "%m": r"(?:0[1-9]|1[0-2])", "%d": r"(?:0[1-9]|[12]\d|3[01])",
    "%H": r"(?:[01]\d|2[0-3])", "%M": r"[0-5]\d",
}  # fmt: skip
"""The digits of a possible date: a draft takes no other number for one."""

DATE_FOLDERS = "(?:" + "|".join(_spelt(form, _DIGITS) for form in _DAY_FORMS) + ")"
"""The pattern of date folders, which {day} matches."""

_LOAD = "LOAD"
DYNAMODB_FOLDER = "AWSDynamoDB/"
"""DynamoDB itself names the folder of its exports below any prefix."""

_WORDS = {  # word -> (pattern, an example that it matches)
    "date": (r"\d{4}-\d{2}-\d{2}", "2026-11-21"),
    "compact_date": (r"\d{8}", "20261121"),
    "folder_time": (r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z", "2026-11-21T10-30-00Z"),
    "change_time": (r"\d{8}-\d{6,10}", "20220725-033312345"),
    "day": (DATE_FOLDERS, "2022/07/25"),
    "load": (rf"{_LOAD}[0-9A-F]{{8}}", f"{_LOAD}00000001"),
    "export": (r"[^/]+", "export"),
    "export_id": (r"[^/]+", "01693685827463-2d8752fd"),
    "part": (r"(?:\d+/)?part-[^/]+", "1/part-00000-x.gz"),
    "execution": (r"(?!\d+/)[^/]+", "0f7c2a9e-1b1d-4c53-9a57-3f1f0c5a7d10"),
    "file": (r"[^/]+", "part-00000"),
}
"""What the words of a pattern match. A number is a date folder, and no execution."""

PART_WORDS = ("load", "part", "file")
_DATE_WORDS = {"date", "compact_date"}
_MOMENT_WORDS = {"folder_time", "change_time"}
_TIMED_WORDS = _DATE_WORDS | _MOMENT_WORDS | {"load", "export", "export_id", "execution"}
_FOLDER_TIME = "%Y-%m-%dT%H-%M-%SZ"
_PIECE = re.compile(
    r"\{(?P<word>[a-z_]+)\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^\[\]{}]+)|(?P<bad>.)"
)
_LOAD_IN_NAME = re.compile(rf"(?<![A-Za-z0-9]){_WORDS['load'][0]}(?![A-Za-z0-9])")
_WHOLE_LOAD = re.compile(r"(?:^|/\]?)\{load\}(?:\.[^/{]*)?$")

_EXECUTION = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOMENTS = (  # the first that is found tells the time
    (rf"/({DYNAMODB_FOLDER})[^/]+(/manifest-summary\.json)$", r"/\1{export_id}\2"),
    (rf"/{_EXECUTION}/[^/]+$", "/{execution}/{file}"),
    (
        r"/[^/]+(/[^/]+/[^/]+\.[^/]+/)(?:\d+/)?part-[^/]+(\.parquet)$",
        r"/{export}\1{part}\2",
    ),
    (_WORDS["folder_time"][0], "{folder_time}"),
    (_WORDS["change_time"][0], "{change_time}"),
)
_DATES = (  # both, where no moment is told
    (_WORDS["date"][0], "{date}"),
    (rf"(?<!\d){_spelt('%Y%m%d', _LIKELY)}(?!\d)", "{compact_date}"),
)
_DAYS = (
    *((f"/{_spelt(form, _LIKELY)}/", "/[{day}/]") for form in _DAY_FORMS[:-1]),
    (_spelt(r"(?<!/\d\d)/%Y/", _LIKELY), "/[{day}/]"),  # not behind a month or a day
)
_ANY_DATE = re.compile(_spelt(r"(?<!\d)(?:%Y([-_./]?)%m\1%d|%d([-_./])%d\2%Y)(?!\d)|/%Y/", _LIKELY))
"""A date with its year in front or behind, or a folder of a year."""
_TRANSACTIONS = re.compile(r"(?:^|/)CDC_TXN-[^/]*$")

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""The possible years of an extract: calendars and zones cannot compute with others."""


class BadName(ValueError):
    """A name that matches a pattern and is impossible, such as the 30th of February."""


Day = TypeVar("Day", bound=date)


def in_range(day: Day) -> Day:
    """The same day or moment; ValueError when its year is not one of which an extract may be."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"not from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _day_in(text: str) -> date:
    """The day that date folders name; ValueError when the calendar has no such day."""
    for form in _DAY_FORMS:
        # by its digits: strptime would read 202413 as the 3rd of January too
        if re.fullmatch(_spelt(form, _DIGITS), text):
            with suppress(ValueError):
                return in_range(datetime.strptime(text, form))
    raise ValueError("no day of the calendar")


@contextmanager
def _possible(what: str) -> Iterator[None]:
    """Raise BadName for a date or time that the calendar does not have."""
    try:
        yield
    except ValueError as error:
        raise BadName(f"impossible {what} in the name") from error


def pattern_for(path: str) -> str | None:
    """The pattern of which this path below the inbox is an example; None when nothing in it tells a time.

    ValueError for a path of which deliveries would be misread, and for a date that would stay in the pattern.
    """
    if _TRANSACTIONS.search(path):
        raise ValueError("DMS's transaction order (CDC_TXN-…) is not read: a file has many tables")
    text = path.removesuffix(".gz") if path.endswith(".csv.gz") else path
    before = text
    text = _with_first(_MOMENTS, text)
    if text == before:
        for found, word in _DATES:
            text = re.sub(found, word, text, count=1)
    text = _LOAD_IN_NAME.sub("{load}", text)
    if not any("{" + word + "}" in text for word in _TIMED_WORDS):
        return None
    text = _with_first(_DAYS, text)
    if has_date(text):
        raise ValueError("no word of a pattern matches a date in its path")
    pattern = PathPattern.parse(text)
    if (example := pattern.match(path)) is None:
        raise ValueError("a bracket in its name has another meaning in a pattern")
    pattern.check(example)
    return text


def _with_first(table: Iterable[tuple[str, str]], text: str) -> str:
    """The text with the first pattern of the table that it has replaced."""
    return next((new for old, by in table if (new := re.sub(old, by, text, count=1)) != text), text)


def has_date(text: str) -> bool:
    """Whether a date is spelt out in a path or pattern."""
    return bool(_ANY_DATE.search(text))


@dataclass(frozen=True)
class PathPattern:
    """A compiled pattern. `example` is a path that it claims; `group` names the extract that a path is a part of."""

    text: str
    regex: re.Pattern[str]
    example: str
    words: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> "PathPattern":
        """Compile `text`; ValueError says which word or bracket is wrong."""
        regex, example, words, depth = "", "", set(), 0
        for piece in _PIECE.finditer(text):
            word = piece["word"]
            if piece["bad"] or (word and word not in _WORDS):
                raise ValueError(
                    f"path '{text}': '{piece[0]}' is not known; words are {', '.join(_WORDS)}"
                )
            if word in words:
                raise ValueError(f"path '{text}': {{{word}}} is there twice")
            if word:
                regex += f"(?P<{word}>{_WORDS[word][0]})"
                example += "" if depth else _WORDS[word][1]
                words.add(word)
            elif piece["open"] or piece["close"]:
                regex, depth = (
                    (regex + "(?:", depth + 1) if piece["open"] else (regex + ")?", depth - 1)
                )
            else:
                regex += re.escape(piece["text"])
                example += "" if depth else piece["text"]
        if depth or text.startswith("/") or text.count("[") != text.count("]"):
            raise ValueError(f"path '{text}': brackets do not match, or it begins with /")
        if text.endswith(".csv"):
            regex += r"(?:\.gz)?"
        if not words & _TIMED_WORDS:
            raise ValueError(f"path '{text}': no word says of which day an extract is")
        if words & _DATE_WORDS and (moments := words & _MOMENT_WORDS):
            raise ValueError(
                f"path '{text}': {{{moments.pop()}}} tells the time: write {{day}} for the folder of its date"
            )
        if "load" in words and not _WHOLE_LOAD.search(text):
            raise ValueError(
                f"path '{text}': {{load}} must be the whole name of the file: parts with other names, such as the"
                " SEGMENT1_LOAD….csv of DMS's parallel load, would each count as the whole table"
            )
        return cls(text, re.compile(regex), example, frozenset(words))

    def match(self, path: str) -> re.Match[str] | None:
        """The match of the whole path, or None when this pattern does not claim it."""
        return self.regex.fullmatch(path)

    def group(self, path: str) -> str:
        """The path without the words that separate the parts of one extract; equal for all its parts.

        >>> PathPattern.parse("a/{load}.csv").group("a/LOAD00000002.csv")
        'a/{load}.csv'
        """
        found = self.match(path)
        if not found:
            raise ValueError(f"not a path of pattern '{self.text}'")
        for word in PART_WORDS:
            if word in self.words:
                start, end = found.span(word)
                return f"{path[:start]}{{{word}}}{path[end:]}"
        return path

    @staticmethod
    def date_in(found: re.Match[str]) -> date | None:
        """The date that {date} or {compact_date} names; BadName when the calendar has no such day, or they name two."""
        said = found.groupdict()
        texts = [text for word in ("date", "compact_date") if (text := said.get(word))]
        with _possible("date"):
            days = {in_range(date.fromisoformat(text)) for text in texts}
        if len(days) > 1:
            raise BadName("two dates in the name")
        return days.pop() if days else None

    @staticmethod
    def check_day(found: re.Match[str]) -> None:
        """BadName when the calendar lacks the date that {day} names."""
        if text := found.groupdict().get("day"):
            with _possible("date"):
                _day_in(text)

    def check(self, found: re.Match[str]) -> None:
        """BadName when a word of the path names an impossible date or time."""
        for read in (self.date_in, self.check_day, self.folder_time_in, self.change_time_in):
            read(found)

    @staticmethod
    def folder_time_in(found: re.Match[str]) -> datetime | None:
        """The moment that {folder_time} names, UTC; BadName when there is none such."""
        text = found.groupdict().get("folder_time")
        with _possible("time"):
            return in_range(datetime.strptime(text, _FOLDER_TIME)) if text else None

    def filled(self, day: date, moment: datetime) -> str:
        """The path of an extract of this day or moment (UTC); ValueError when it has other words than these two."""
        if self.words - {"date", "folder_time"} or "[" in self.text:
            raise ValueError(f"path '{self.text}': not one that an extract can be written to")
        return self.text.format(date=day.isoformat(), folder_time=f"{moment:{_FOLDER_TIME}}")

    @staticmethod
    def load_number_in(found: re.Match[str]) -> int | None:
        """The number of the part that {load} names."""
        text = found.groupdict().get("load")
        return int(text.removeprefix(_LOAD), 16) if text else None

    @staticmethod
    def load_name(number: int) -> str:
        """The name of this part, as {load} matches it."""
        return f"{_LOAD}{number:08X}"

    @staticmethod
    def change_time_in(found: re.Match[str]) -> datetime | None:
        """The moment that {change_time} names, cut to milliseconds; BadName when there is none such."""
        text = found.groupdict().get("change_time")
        if not text:
            return None
        day, clock = text.split("-")
        # by position: strptime would read month 13 as month 1 and let the rest slip by a digit
        numbers = (day[:4], day[4:6], day[6:], clock[:2], clock[2:4], clock[4:6])
        with _possible("time"):
            moment = in_range(datetime(*map(int, numbers)))  # type: ignore[arg-type]
        return moment.replace(microsecond=int(clock[6:9].ljust(3, "0")) * 1000)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Patterns are written as text, in YAML and in the JSON schema."""
        from_text = core_schema.no_info_after_validator_function(
            cls.parse, core_schema.str_schema()
        )
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.no_info_plain_validator_function(
                lambda value: value if isinstance(value, cls) else cls.parse(str(value))
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )
