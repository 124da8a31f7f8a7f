"""Who sent the reports: invented people with invented numbers, most of them verified."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from cms.reports.models import Sender

from .source import Shift, read

# One in so many gave a number and never typed the code.
UNVERIFIED_ONE_IN = 11
MOST_REPORTS_OF_ONE = 4


@dataclass
class Person:
    """Someone who sends reports. `row` is None for a number without a code: the contact of one report."""

    phone: str
    name: str
    category: str
    national_id: str
    row: Sender | None = None
    reports: int = 0


def _names(seed: int) -> Iterator[tuple[str, str]]:
    """First names and family names of the staff, crossed so that nobody bears a member of staff's name."""
    staff = read("staff")["staff"]
    taken = {row["name_ar"] for row in staff}
    parts = [(row["name_ar"].split(), row["name_en"].split()) for row in staff]
    random.Random(seed).shuffle(parts)  # noqa: S311 (invention, not secrecy)
    seen: set[str] = set()
    for step in range(1, len(parts)):
        for number, (arabic, english) in enumerate(parts):
            family_ar, family_en = parts[(number + step) % len(parts)]
            name = f"{arabic[0]} {family_ar[-1]}"
            if name not in taken and name not in seen:
                seen.add(name)
                yield name, f"{english[0]} {family_en[-1]}"


def national_id(category: str, number: int) -> str:
    """An invented number that passes the check: 1… for citizens, 2… for residents."""
    body = f"{2 if category == 'resident' else 1}00000{number:03d}"
    total = 0
    for place, digit in enumerate(body):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{body}{-total % 10}"


def people_of_reports(rows: list[dict[str, Any]], shift: Shift) -> dict[str, Person]:
    """A person for each report that is not anonymous, by the report's id; the same at every load."""
    arabs = _names(seed=3)
    residents = cycle((row["ar"], row["en"]) for row in read("loader")["residents"])
    known: dict[tuple[str, str], list[Person]] = defaultdict(list)
    people: dict[str, Person] = {}
    incidents: dict[int, set[str]] = defaultdict(set)
    count = 0
    for row in sorted(rows, key=lambda row: row["submitted_at"]):
        if row["anonymous"]:
            continue
        rng = random.Random(f"sender {row['id']}")  # noqa: S311 (invention, not secrecy)
        kind, language = row["sender_kind"], "en" if row["language"] == "en" else "ar"
        candidates = [
            person
            for person in known[kind, language]
            if person.reports < MOST_REPORTS_OF_ONE and row["incident"] not in incidents[id(person)]
        ]
        person = rng.choice(candidates) if candidates and rng.random() < 0.35 else None
        if person is None:
            count += 1
            foreign = kind != "citizen" and (language == "en" or rng.random() < 0.7)
            name_ar, name_en = next(residents if foreign else arabs)
            person = Person(
                phone=f"+96650000{count:04d}",
                name=name_en if language == "en" else name_ar,
                category=kind,
                national_id=national_id(kind, count),
            )
            asked = row["course"] and row["course"]["question_to_sender"]
            if rng.randrange(UNVERIFIED_ONE_IN) or asked or row["sensitive"] or not row["course"]:
                person.row = Sender(
                    phone=person.phone,
                    phone_verified_at=shift(row["submitted_at"]),
                    name=person.name,
                    category=kind,
                    language=language,
                    created_at=shift(row["submitted_at"]),
                    last_seen_at=shift(row["submitted_at"]),
                )
                known[kind, language].append(person)
        person.reports += 1
        if row["incident"]:
            incidents[id(person)].add(row["incident"])
        people[row["id"]] = person
    return people


def save_senders(people: dict[str, Person]) -> None:
    """Give every verified person their row: the one that is there, by number, or a new one."""
    there = {sender.phone: sender for sender in Sender.objects.exclude(phone_verified_at=None)}
    new = []
    for person in {id(person): person for person in people.values()}.values():
        if person.row is None:
            continue
        if person.phone in there:
            person.row = there[person.phone]
        else:
            new.append(person.row)
    Sender.objects.bulk_create(new)
