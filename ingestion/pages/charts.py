"""Charts: Vega-Lite specifications, drawn as SVG by vl-convert. Here they get their data, sizes and colours.

A chart for a desk is too small for a phone: `narrowed` makes the same chart for one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import escape

from ingestion.pages.answers import Hidden, Row, Value
from ingestion.pages.wording import Wording

_WORD = re.compile(r"\w+")
_CLIP = re.compile(r'(?<=id=")clip\d+(?=")|(?<=url\(#)clip\d+(?=\))')
_TAG = re.compile(r"<[^>]*>")
_GEOMETRY = re.compile(r'(?<= )(?:transform|d|x|y|x2|y2|width|height)="[^"]*"')
_LONG = re.compile(r"(\d+\.\d)\d+")
_IDLE = re.compile(
    r' (?:font-family="[^"]*"|opacity="1"|pointer-events="none"|aria-hidden="true"|class="[^"]*"'
    r'|role="graphics-object"|aria-roledescription="[^"]*")'
)
_EMPTY = re.compile(
    r'<path [^>]*(?:d="M0,0h0v0h0Z"|display="none")[^>]*/>|<text [^>]* opacity="0"[^>]*>[^<]*</text>'
)
"""Elements that draw nothing, and attributes without effect here: a page's text has its own font."""

_MONTH = "utcyearmonth"
"""The unit of an axis that has a place for each month."""

_OPENING = re.compile(r"<svg [^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def drawn(
    specification: Mapping[str, Any],
    rows: Sequence[Row],
    theme: Mapping[str, Any],
    wording: Wording,
    name: str,
) -> str | None:
    """One SVG element that scales with its place; a screen reader says `name`.

    Only `drawable` rows are drawn; None when there is none.
    """
    import vl_convert  # 84 MB, and only a page with charts needs it

    values = [_values(row) for row in drawable(specification, rows)]
    if not values:
        return None
    spec = {
        **_with_a_running_month(specification, values, theme, wording),
        "data": {"values": values},
    }
    svg = vl_convert.vegalite_to_svg(
        spec,
        vl_version="6.1",
        config=dict(theme),
        format_locale=wording.of_numbers,
        time_format_locale=wording.of_times,
    )
    found = _OPENING.match(svg)
    assert found, "vl-convert begins with the svg element"
    width, height = found[1], found[2]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(name)}">'
    )
    return head + _with_clips_of_its_own(_shortened(svg[found.end() :]), f"{name} {width}")


def drawable(specification: Mapping[str, Any], rows: Sequence[Row]) -> list[Row]:
    """The columns that the chart names, of the rows in which none of them is hidden."""
    words = {*_WORD.findall(json.dumps(specification))}
    named = ({name: value for name, value in row.items() if name in words} for row in rows)
    return [row for row in named if not any(isinstance(value, Hidden) for value in row.values())]


def narrowed(specification: Mapping[str, Any], narrow: Mapping[str, Any]) -> dict[str, Any]:
    """The specification for a small screen: as wide as `narrow` says, in letters of the same size.

    Charts below each other cannot be fitted as a whole: `part` is the width of each without its axis.
    """
    margins = specification.get("padding", narrow["padding"])
    spec = {**specification, "padding": {**margins, "right": margins["right"] // 2}}
    if "vconcat" in spec:
        return spec | {"vconcat": [part | {"width": narrow["part"]} for part in spec["vconcat"]]}
    if "row" in spec["encoding"]:
        return spec | {"width": narrow["part"]}
    return spec | {
        "width": narrow["width"],
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": narrow["config"],
    }


def _with_a_running_month(
    part: Any, values: Sequence[Mapping[str, Any]], theme: Mapping[str, Any], wording: Wording
) -> Any:
    """The specification whose axes of months say beside a running month how far it goes.

    An axis leaves out labels that have no place, beginning at the second: so it gets its months from the newest on, and
    runs backwards.
    """
    if isinstance(part, list):
        return [_with_a_running_month(one, values, theme, wording) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _with_a_running_month(one, values, theme, wording) for name, one in part.items()}
    if made.get("timeUnit") != _MONTH:
        return made
    newest = max(value.get(made["field"], "") for value in values)
    if newest and wording.is_running(date.fromisoformat(newest)):
        made |= {"sort": "descending", "scale": {**made.get("scale", {}), "reverse": True}}
        if made["axis"]:
            made["axis"] = _told(made["axis"], newest, theme, wording)
    return made


def _told(
    axis: Mapping[str, Any], newest: str, theme: Mapping[str, Any], wording: Wording
) -> dict[str, Any]:
    """An axis whose label of the newest month has a second line."""
    name = f"utcFormat(datum.value, '{axis['format']}')"
    is_newest = f"utcFormat(datum.value, '%Y-%m') === '{newest[:7]}'"
    told = {**axis, "labelExpr": f"{is_newest} ? [{name}, '{wording.to_the_day}'] : {name}"}
    if axis.get("orient") == "top":  # where the second line would lie on the chart
        padding = theme["axis"]["labelPadding"]
        higher = {"test": is_newest, "value": padding + theme["axis"]["labelFontSize"] + 2}
        told["labelPadding"] = {"condition": higher, "value": padding}
    return told


def _shortened(svg: str) -> str:
    """The same drawing in half the bytes: without attributes that have no effect, and without hundredths of a pixel."""
    return _TAG.sub(lambda tag: _shorter(tag[0]), _EMPTY.sub("", svg))


def _shorter(tag: str) -> str:
    return _GEOMETRY.sub(lambda found: _LONG.sub(r"\1", found[0]), _IDLE.sub("", tag))


def _with_clips_of_its_own(svg: str, name: str) -> str:
    """The chart with its clips named after it: vl-convert numbers them over all drawings of a process."""
    of_chart = re.sub(r"\W+", "-", name, flags=re.ASCII)
    seen = {clip: number for number, clip in enumerate(dict.fromkeys(_CLIP.findall(svg)), 1)}
    return _CLIP.sub(lambda found: f"{of_chart}-{seen[found[0]]}", svg)


def _values(row: Row) -> dict[str, Any]:
    """A row as JSON; missing values are left out."""
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
