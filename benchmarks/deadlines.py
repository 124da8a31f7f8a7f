"""Due and elapsed times: a million of each kind of question, and ten years compared minute by minute."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from cms.reports.deadlines import DAY, Dated, Pause, Spans, WorkingCalendar, due, elapsed

from .measuring import Rows, load_average
from .walking import Walked

MILLION = 1_000_000
COMPARED = 3_000
FIRST, YEARS = date(2023, 1, 1), 3652
OFFICE: tuple[Spans, ...] = (((450, 870),),) * 4 + ((), (), ((450, 870),))
NIGHTS: tuple[Spans, ...] = (((480, 720), (1200, DAY + 120)),) * 4 + ((), ((480, 720),), ())


def _calendars() -> dict[str, WorkingCalendar]:
    """Ten years of Ramadan and the two Eids, eleven days earlier each year, and a few single days."""
    ramadans, dated = [], []
    for year in range(10):
        first = date(2023, 3, 23) + timedelta(days=354 * year)
        ramadans.append((first, first + timedelta(days=28)))
        dated.append(Dated(first + timedelta(days=25), first + timedelta(days=34)))
        dated.append(Dated(first + timedelta(days=96), first + timedelta(days=102)))
        dated.append(Dated(date(2023 + year, 9, 23), date(2023 + year, 9, 23)))
        dated.append(Dated(first + timedelta(days=200), first + timedelta(days=200), ((600, 780),)))
    office = WorkingCalendar(
        code="office",
        version=1,
        mode="weekly",
        week=OFFICE,
        ramadan=((600, 900),),
        ramadans=tuple(ramadans),
        dated=tuple(dated),
    )
    nights = replace(office, code="nights", week=NIGHTS, ramadan=((660, 780), (1260, DAY + 180)))
    always = WorkingCalendar(code="always", version=1, mode="around_the_clock")
    return {"office hours": office, "two spans, one past midnight": nights, "around the clock": always}


def deadlines() -> Rows:
    rows: Rows = []
    calendars = _calendars()
    began = time.process_time()
    for calendar in calendars.values():
        calendar.worked(0)
    rows.append(("the indexes of three calendars, made", f"{time.process_time() - began:.3f} s", "–", True))
    rows += _million(calendars["office hours"])
    rows += [_compared(name, calendar) for name, calendar in calendars.items()]
    return rows


def _million(calendar: WorkingCalendar) -> Rows:
    rng = random.Random(5)  # noqa: S311
    begin = calendar.minute(Walked(replace(calendar, week=OFFICE), FIRST, 1).begins)
    asked = []
    for _each in range(10_000):
        start = calendar.moment(begin + rng.randrange(3000 * DAY))
        asked.append((start, rng.randrange(60, 12_600), start + timedelta(minutes=rng.randrange(40 * DAY))))
    pauses = [[(end, end + timedelta(days=3))] for _start, _minutes, end in asked]

    def spent(what: Callable[[int], object]) -> float:
        began = time.process_time()
        for _round in range(MILLION // len(asked)):
            for place in range(len(asked)):
                what(place)
        return time.process_time() - began

    kinds: dict[str, Callable[[int], object]] = {
        "due": lambda i: due(asked[i][0], asked[i][1], calendar),
        "due over a pause": lambda i: due(asked[i][0], asked[i][1], calendar, pauses[i]),
        "elapsed": lambda i: elapsed(asked[i][0], asked[i][2], calendar),
    }
    rows: Rows = []
    for name, what in kinds.items():
        seconds = spent(what)
        said = f"{seconds:.1f} s of processor time (load {load_average()})"
        rows.append((f"a million times {name}, ten years of dates", said, "≤ 20 s", seconds <= 20))
    return rows


def _compared(name: str, calendar: WorkingCalendar) -> tuple[str, str, str, bool]:
    rng = random.Random(1448)  # noqa: S311
    walked, wrong = Walked(calendar, FIRST, YEARS), 0
    for _each in range(COMPARED):
        start = walked.moment(rng.randrange(3000 * DAY))
        minutes = rng.randrange(1, 30_000)
        begin = due(start, rng.randrange(minutes), calendar)
        pauses: list[Pause] = [(begin, begin + timedelta(minutes=rng.randrange(20 * DAY)))]
        end = due(start, minutes, calendar, pauses)
        used = elapsed(start, end, calendar, pauses)
        there = walked.elapsed(start, end, pauses), walked.elapsed(start, end - timedelta(minutes=1), pauses)
        wrong += (used, *there) != (minutes, minutes, minutes - 1)
    said = f"{wrong} of {COMPARED:,} differ"
    return f"{name}: ten years walked minute by minute, with a pause each", said, "0", wrong == 0
