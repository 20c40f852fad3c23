"""The stockroom's materialized views as they are exported each evening, in Oracle's formats.

Items and balances come by complete refresh, whole; movements by fast refresh: those of the day, and the last ones of
the evening before once more. Dates and numbers are as Oracle writes them by default: `24-JUL-22 03.33.12.345000 AM`,
`.5`, and nothing for null.
"""

from datetime import date, datetime, time
from pathlib import Path

from samples.days import Days
from samples.files import Evening
from samples.inventory.stockroom import Movement, Stockroom
from samples.written import Dirt, Written

ITEM = "item_id description category unit_cost".split()
BALANCE = "item_id location quantity refreshed_at".split()
MOVEMENT = "movement_id item_id location quantity moved_at".split()
REFRESHED_AT = time(21, 30)
OVERLAP = 3
LEAST_DAYS = 5
BAD_DATE = 0.6  # when a date that never was is planted, as a share of the days
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def number(units: int, digits: int) -> str:
    """A number of units of 10^-digits without a needless zero: 500 of thousandths is `.5`."""
    whole, part = divmod(abs(units), 10**digits)
    text = f"{whole or ''}.{part:0{digits}d}".rstrip("0").rstrip(".")
    return ("-" if units < 0 else "") + (text or "0")


def timestamp(at: datetime) -> str:
    """A time by Oracle's default NLS_TIMESTAMP_FORMAT, DD-MON-RR HH.MI.SSXFF AM."""
    hour, half = (at.hour - 1) % 12 + 1, "AM" if at.hour < 12 else "PM"
    day = f"{at.day:02d}-{_MONTHS[at.month - 1]}-{at.year % 100:02d}"
    return f"{day} {hour:02d}.{at.minute:02d}.{at.second:02d}.{at.microsecond:06d} {half}"


def write(outdir: Path, days: Days, moves_a_day: int = 60) -> Written:
    """Write the stockroom's extracts below `outdir/inventory`; a day has `moves_a_day` movements."""
    written = Written()
    room = Stockroom(days.stream("inventory items"), days.stream("inventory moves"), moves_a_day)
    is_clean = days.clean or days.days < LEAST_DAYS
    bad_day = None if is_clean else int(days.days * BAD_DATE)
    before: list[Movement] = []
    for index in range(days.days):
        today = days.day(index)
        room.live(today)
        sent, before = [*before, *room.movements], room.movements[-OVERLAP:]
        if index < days.first_written:
            continue
        rows = [_moved(movement) for movement in sent]
        if index == bad_day:
            place = len(rows) // 2
            rows[place][-1] = f"31-JUN-{today:%y} 03.33.12.345000 AM"
            _note(written, today, place + 2)
        evening = Evening(outdir, "inventory", today, written)
        evening.table("mv_item", ITEM, [
            [item.number, item.description, item.category, number(item.cost, 4)]
            for item in room.items.values()
        ])  # fmt: skip
        refreshed = timestamp(datetime.combine(today, REFRESHED_AT))
        evening.table("mv_stock_balance", BALANCE, [
            [item, place, number(held, 3), refreshed]
            for (item, place), held in room.balances.items()
        ])  # fmt: skip
        evening.table("mv_stock_movement", MOVEMENT, rows)
        written.dates.append(today)
    return written


def _moved(movement: Movement) -> list[str | int | None]:
    held = number(movement.thousandths, 3)
    return [movement.number, movement.item, movement.location, held, timestamp(movement.moved_at)]


def _note(written: Written, day: date, line: int) -> None:
    effect = "the movement is quarantined, so a balance is not the sum of what is known"
    path = f"inventory/{day}/mv_stock_movement.csv"
    dirt = Dirt("bad_date", effect, "inventory", "mv_stock_movement", day, path, line, "moved_at")
    written.dirt.append(dirt)
