"""A simulated year: 20,000 reports over twelve months of the Saudi calendar, with behaviour that is made up.

What the sweep's own look (`escalating.look`, `scheduling.schedule`) does with their promises, minute by
minute and with hours or days in which nothing runs, is compared with a reference that shares no code with
it: it counts open minutes in one long list, and knows nothing of clocks or rows. Every step that should have
been told must have been, once, in its minute, and nothing else. The rows are not saved: that a step is
written down and told once, whatever runs beside it, is what the tests of the sweep say.
"""

from __future__ import annotations

import os
import random
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

Rows = list[tuple[str, str, str, bool]]
RIYADH = ZoneInfo("Asia/Riyadh")
BEGIN = datetime(2026, 1, 1, tzinfo=RIYADH)
DAYS_KNOWN, DAY = 560, 1440
# (from which minute of the year, for how many): the servers stand.
OUTAGES = ((60_000, 180), (181_000, 3 * DAY + 7), (352_345, 610))
# Name: (sent at once or for the digest | overtaken) at this minute since BEGIN.
Steps = dict[tuple[int, str, int, str, str], tuple[int, str]]


@dataclass
class Story:
    """What happens to one report: minutes since BEGIN at which it is sent, asked about, and ended."""

    number: int
    service: Any
    entity: Any
    start: int
    pauses: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0


def at(minute: int) -> datetime:
    return (BEGIN + timedelta(minutes=minute)).astimezone(UTC)


def up(minute: int) -> int:
    """The first minute from then on at which the servers run."""
    return next((begin + long for begin, long in OUTAGES if begin <= minute < begin + long), minute)


# --- the reference ----------------------------------------------------------------------------------------


class Naive:
    """One calendar as a list: how many minutes were worked before each minute since BEGIN."""

    def __init__(self, hours: dict[str, Any]) -> None:
        self.around = hours["mode"] != "weekly"
        self.days = [self._spans(hours, BEGIN.date() + timedelta(days=n)) for n in range(DAYS_KNOWN)]
        worked = [0] * ((DAYS_KNOWN + 1) * DAY)
        for number, spans in enumerate(self.days):
            for begin, end in spans:
                for minute in range(number * DAY + begin, number * DAY + end):
                    worked[minute] = 1
        self.before = [0, *accumulate(worked)]

    def _spans(self, hours: dict[str, Any], day: date) -> list[list[int]]:
        if self.around:
            return [[0, DAY]]
        spans = hours["week"][day.weekday()]
        ramadan = hours.get("ramadan") or {}
        if spans and ramadan.get("hours"):
            for first, last in ramadan.get("dates") or []:
                if date.fromisoformat(first) <= day <= date.fromisoformat(last):
                    spans = ramadan["hours"]
        for row in hours.get("dated") or []:
            if date.fromisoformat(row["from"]) <= day <= date.fromisoformat(row["to"]):
                spans = row.get("hours") or []
        return spans

    def when(self, start: int, minutes: int, pauses: list[tuple[int, int]]) -> int:
        """When so many minutes have been worked since then, those of pauses left out."""
        target = self.before[start] + minutes
        for begin, end in pauses:
            if bisect_left(self.before, target) <= begin:
                break
            target += self.before[end] - self.before[begin]
        return max(start, bisect_left(self.before, target))

    def close_after(self, day: int, count: int) -> int:
        while count:
            day += 1
            count -= 1 if self.days[day] else 0
        return day * DAY + self.days[day][-1][1]

    def promised(self, start: int, value: int, unit: str) -> int:
        if unit == "hours":
            return value * 60
        if self.around:
            return value * DAY
        opening = bisect_left(self.before, self.before[start] + 1) - 1
        opening = max(opening, start)
        return self.before[self.close_after(opening // DAY, value)] - self.before[opening]


def expected(story: Story, promise: str, naive: Naive, region: Naive, ladder: Any) -> Steps:
    value = getattr(story.service, f"{promise}_value")
    unit = getattr(story.service, f"{promise}_unit")
    pauses = story.pauses if promise == "resolution" else []
    minutes = naive.promised(story.start, value, unit)
    due = naive.when(story.start, minutes, pauses)
    come: dict[tuple[str, str, int], int] = {}
    for step in ladder:
        if step.position < 100:
            share = -(-minutes * step.position // 100)
            moment = naive.when(story.start, share, pauses)
        elif step.position == 100:
            moment = due
        else:
            # The close of a day is its last minute's end.
            moment = region.close_after(due // DAY, step.position - 100)
        # Nobody is told while it stands still, or when the servers stand.
        swept = up(moment)
        if any(begin < swept < end for begin, end in pauses) or swept > story.end:
            moved = next((end for begin, end in pauses if begin < swept < end), None)
            if moved is None or up(moved) > story.end:
                continue
            swept = up(moved)
        come[step.audience, step.channel, step.position] = swept
    found: Steps = {}
    for (audience, channel, position), swept in come.items():
        later = any(
            who == audience and other > position and moment == swept
            for (who, _channel, other), moment in come.items()
        )
        found[story.number, promise, position, audience, channel] = (swept, "skipped" if later else "told")
    return found


# --- the product's own ------------------------------------------------------------------------------------


def climbed(story: Story, cat: Any) -> tuple[Steps, dict[str, Any]]:
    from cms.reports import deadlines, escalating, promises, scheduling
    from cms.reports.models import Report

    report = Report(
        pk=story.number,
        service=story.service,
        entity=story.entity,
        priority=story.service.priority,
        privacy="normal",
        reference=f"Y-{story.number}",
    )
    found: Steps = {}
    rows = {}
    for made in promises.promised(story.service, story.entity, at(story.start), cat):
        row = made.row(report, at(story.start), cat)
        rows[row.promise] = row
        pauses = story.pauses if row.promise == "resolution" else []

        def sweep(until: int, row: Any = row) -> None:
            while row.next_step_at is not None:
                minute = int((row.next_step_at - at(0)).total_seconds()) // 60
                minute = up(max(minute, sweep.last))  # type: ignore[attr-defined]
                if minute > until:
                    return
                for one in escalating.look([row], cat, at(minute)).due:
                    key = (story.number, row.promise, one.step.position, one.step.audience, one.step.channel)
                    if key in found:
                        raise AssertionError(f"{key} twice")
                    found[key] = (minute, "skipped" if one.overtaken else "told")

        sweep.last = story.start  # type: ignore[attr-defined]
        for begin, end in pauses:
            sweep(begin)
            row.paused_since, row.next_step_at = at(begin), None
            row.pauses = [*row.pauses, [at(begin).isoformat(), at(end).isoformat()]]
            row.paused_since = None
            row.due_at = deadlines.due(
                row.starts_at, row.minutes, promises.calendar_of(row), promises.spans_of(row)
            )
            scheduling.schedule(row, report, cat)
            sweep.last = end  # type: ignore[attr-defined]
        sweep(story.end)
    return found, rows


# --- the year ---------------------------------------------------------------------------------------------


def stories(cat: Any, naive: dict[int, Naive], count: int, seed: int) -> list[Story]:
    rng = random.Random(seed)  # noqa: S311 (invention, not secrecy)
    services = [
        service
        for service in cat.services
        if service.first_reply_value and service.resolution_value and service.privacy == "normal"
    ]
    entities = [entity for entity in cat.entities if entity.code != "emirate"]
    made = []
    for number in range(1, count + 1):
        service, entity = rng.choice(services), rng.choice(entities)
        start = rng.randrange(365 * DAY)
        calendar = naive[entity.calendar_id]
        minutes = calendar.promised(start, service.resolution_value, service.resolution_unit)
        story = Story(number, service, entity, start)
        # Most in time, some late, a few never.
        share = rng.choices([rng.uniform(0.05, 1), rng.uniform(1, 2.5), 9], [80, 17, 3])[0]
        if rng.random() < 0.15:
            asked = calendar.when(start, int(minutes * rng.uniform(0.05, 0.7)), [])
            story.pauses = [(asked, asked + rng.randint(60, 6 * DAY))]
        end = calendar.when(start, int(minutes * share), story.pauses) + rng.randint(0, 59)
        story.end = min(max(end, *(last + 1 for _first, last in story.pauses or [(0, 0)])), 440 * DAY)
        made.append(story)
    return made


def compare(count: int, seed: int = 1447) -> dict[str, Any]:
    """The differences, if any, and what the year was like. The catalogue is the demonstration's."""
    from cms.entities.models import CalendarVersion
    from cms.entities.snapshot import catalogue

    cat = catalogue()
    naive = {
        version.calendar_id: Naive(version.hours)
        for version in CalendarVersion.objects.order_by("calendar", "number")
    }
    region = naive[cat.region_calendar_id]  # type: ignore[index]
    began = time.monotonic()
    wrong, outcomes = [], Counter[str]()
    sms: Counter[int] = Counter()
    late: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for story in stories(cat, naive, count, seed):
        found, rows = climbed(story, cat)
        wanted: Steps = {}
        for promise in rows:
            ladder = cat.ladders.steps(
                promise,
                "normal",
                service=story.service.pk,
                priority=story.service.priority,
                entity=story.entity.pk,
            )
            wanted |= expected(story, promise, naive[story.entity.calendar_id], region, ladder)
        if found != wanted:
            wrong.append((story, sorted(set(found.items()) ^ set(wanted.items()))[:4]))
        outcomes.update(outcome for _minute, outcome in found.values())
        for (_number, _promise, position, audience, _channel), (minute, outcome) in found.items():
            if audience == "entity_leader" and position == 100 and outcome == "told":
                late[story.entity.pk].append((minute, story.end))
                sms[story.entity.pk] += story.service.priority in ("high", "urgent")
    for entity in cat.entities:
        calendar = naive[entity.calendar_id]
        for number in range(365):
            spans = calendar.days[number]
            morning = number * DAY + max(spans[0][0], 480) if spans else None
            if morning is not None and any(begin <= morning < end for begin, end in late[entity.pk]):
                sms[entity.pk] += 1
    return {
        "wrong": wrong,
        "told": outcomes["told"],
        "skipped": outcomes["skipped"],
        "late": sum(map(len, late.values())),
        "sms": sorted(sms.values()),
        "seconds": time.monotonic() - began,
    }


def year() -> Rows:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"SAWT_VAR": folder, "DJANGO_SETTINGS_MODULE": "cms.settings.test"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        from cms.demo.tenant import load_tenant

        call_command("migrate", verbosity=0)
        load_tenant()
        seen = compare(20_000)
    sms = seen["sms"]
    for story, differing in seen["wrong"][:5]:
        sys.stderr.write(f"{story}: {differing}\n")
    return [
        ("reports over twelve months, seeded", "20,000", "–", True),
        ("steps told, each in its minute", f"{seen['told']:,}", "–", seen["told"] > 0),
        ("steps overtaken while the servers stood", f"{seen['skipped']:,}", "–", seen["skipped"] > 0),
        ("reports that differ from the reference", f"{len(seen['wrong'])}", "0", not seen["wrong"]),
        ("reports that became late", f"{seen['late']:,}", "–", True),
        (
            "an entity leader's SMS in the year: least, middle, most",
            f"{sms[0]}, {sms[len(sms) // 2]}, {sms[-1]}",
            "–",
            True,
        ),
        ("time", f"{seen['seconds']:.0f} s", "≤ 180 s", seen["seconds"] <= 180),
    ]
