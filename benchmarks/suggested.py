"""One process that types into the search, sign by sign, as several people, and prints what each answer took.

What is timed is the view, with its HTML, of somebody who is signed in; in turns with one bare statement that
reads the same range of numbers.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any

import django

from benchmarks.measuring import percentile
from benchmarks.searched import ROLES

QUESTIONS = 300
TYPED = ("تسرب مياه", "حفره", "مدارس الرس", "انقطاع الكهرباء عن عنيزه", "خدمة:صيا", "مكان:بري", "road light")
# Whoever sees everything at one entity and, at another, what is assigned to them.
BOTH = "two entities"
INDEX = re.compile(r"reference[^\n]*(?:>=|>\?)")


def _typed(references: list[str]) -> Iterator[str]:
    """Beginnings of numbers that there are, of such that there are not, and of words."""
    from cms.reports.reference import draw

    chance = random.Random(1)  # noqa: S311
    for number in range(QUESTIONS):
        if number % 3 == 2:
            whole = chance.choice(TYPED)
            yield whole[: chance.randrange(2, len(whole) + 1)]
        else:
            whole = chance.choice(references) if number % 3 else draw("QS", 2026)
            yield whole[: chance.randrange(3, len(whole) + 1)]


def _people() -> Iterator[tuple[str, Any]]:
    from django.utils import timezone

    from cms.entities.models import Entity, Membership
    from permissions.models import User

    for login, what in ROLES.items():
        yield what, User.objects.get(username=login)
    leads = Membership.objects.filter(person__username="leader").select_related("entity").first()
    if leads is None:
        raise SystemExit("the demonstration has no leader")
    person = User.objects.get(username="leader")
    other = Entity.objects.exclude(path__startswith=leads.entity.path).order_by("-pk").first()
    Membership.objects.create(
        person=person, entity=other, role="specialist", valid_from=timezone.now() - timezone.timedelta(days=1)
    )
    yield BOTH, person


def questions() -> list[dict[str, Any]]:
    from django.conf import settings
    from django.db import connection
    from django.test import RequestFactory
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse
    from django.utils import translation

    from cms.desk.models import SavedSearch
    from cms.desk.searching.suggesting import suggestions
    from cms.entities.snapshot import catalogue
    from cms.reports.models import Report
    from cms.reports.reference import begun

    chance, told = random.Random(2), []  # noqa: S311
    last = Report.objects.order_by("-pk").values_list("pk", flat=True)[0]
    near = [chance.randrange(1, last) for _ in range(QUESTIONS)]
    references = list(Report.objects.filter(pk__in=near).values_list("reference", flat=True))
    there = reverse("desk:search_suggestions")
    for what, person in _people():
        names = [f"مدارس {what} {number}" for number in range(30)]
        SavedSearch.objects.bulk_create(SavedSearch(person=person, name=name, query="q=a") for name in names)
        ours: list[float] = []
        own: list[float] = []
        bare: list[float] = []
        statements: list[int] = []
        plans: set[str] = set()
        # Once unmeasured: a process reads the catalogue when it is first asked.
        catalogue().find_services(TYPED[0])
        for typed in _typed(references):
            first, most = begun(typed, settings.SAWT_REFERENCE_PREFIX) or (references[0], references[0])
            request = RequestFactory().get(there, {"q": typed})
            request.user = person
            with CaptureQueriesContext(connection) as captured, translation.override("ar"):
                began, used = time.perf_counter(), time.process_time()
                answer = suggestions(request)
                ours.append(time.perf_counter() - began)
                own.append(time.process_time() - used)
            if answer.status_code != 200:
                raise SystemExit(f"{typed} was refused: {answer.status_code}")
            # Without what lets a person into the admin.
            asked = [one["sql"] for one in captured if "entities_membership" not in one["sql"][:400]]
            statements.append(len(asked))
            with connection.cursor() as cursor:
                began = time.perf_counter()
                cursor.execute(
                    "SELECT id, reference, title FROM reports_report WHERE reference BETWEEN %s AND %s "
                    "ORDER BY reference LIMIT 5",
                    [first, most],
                )
                cursor.fetchall()
                bare.append(time.perf_counter() - began)
                plans |= {_plan(cursor, sql) for sql in asked if "BETWEEN" in sql}
        told.append(
            {
                "who": what,
                "ours": [1000 * percentile(ours, share) for share in (0.5, 0.95, 1)],
                "own": [1000 * percentile(own, share) for share in (0.5, 0.95)],
                "bare": [1000 * percentile(bare, share) for share in (0.5, 0.95)],
                "statements": max(statements),
                "by_index": bool(plans) and all(INDEX.search(plan) for plan in plans),
            }
        )
    return told


def _plan(cursor: Any, sql: str) -> str:
    from django.db import connection

    cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
    lines = (" ".join(str(part) for part in row) for row in cursor.fetchall())
    return "\n".join(line for line in lines if "Index Cond" in line or "USING" in line)


class _Undone(Exception):
    """Nothing that this typing needed stays in the database."""


def main() -> None:
    django.setup()
    from django.db import transaction

    from cms.reports.models import Report

    told: dict[str, Any] = {}
    try:
        with transaction.atomic():
            told = {"reports": Report.objects.count(), "suggested": questions()}
            raise _Undone
    except _Undone:
        print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
