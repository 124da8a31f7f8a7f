"""One process that asks the search in the database itself, and prints what each question cost.

Processor time, of this process and of the database's session: on a shared machine the clock says little.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import django

from .measuring import processor
from .searched import FACETS, ROLES, _words

TIMES = 10
HOSTILE = {
    "10,000 words": " ".join(f"كلمة{number}" for number in range(10_000)),
    "wildcards and operators": "* ? ~ ^ NEAR( AND OR NOT title: \" ' ; -- \\ % _ '| ! & <-> :*A'::tsquery",
    "brackets a thousand deep": "(((" * 1000 + "عمود" + ")" * 999,
    "control characters": "\x00\x01\x1b[31m\u202e\ud800 عمود",
    "regular expressions": "(a+)+$ /(x+x+)+y/ .*.*.* [[:alpha:]]{9999} عمود",
    "a word without an end": "ا" * 50_000,
    "a thousand quotes and minuses": '"عمود "' * 500 + " -طريق" * 500,
}


def _common(most: int) -> list[str]:
    """The words that most of the newest reports have."""
    from search.analysis import STOP_WORDS
    from search.backends.embedded.tokens import split
    from search.models import Entry

    counts: Counter[str] = Counter()
    for texts in Entry.objects.order_by("-pk").values_list("texts", flat=True)[:3000]:
        counts.update({word for text in texts.get("text", ()) for word in split(text) if len(word) > 2})
    return [word for word, _ in counts.most_common(most + 60) if word not in STOP_WORDS][:most]


class _Session:
    """Processor seconds of this process, and of the database's where it is another one."""

    def __init__(self) -> None:
        from django.db import connection

        self.pid = 0
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]

    def spent(self) -> tuple[float, float]:
        return time.process_time(), processor(self.pid) if self.pid else 0.0


def _asked(login: str, who: str, texts: list[str], facets: tuple[str, ...]) -> dict[str, Any]:
    """On average over these questions, each asked once before; milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from cms.reports.actors import StaffActor
    from permissions.models import User
    from search import searching
    from search.asking import Asked
    from search.queries import parse

    actor = StaffActor(User.objects.get(username=login))

    def ask(text: str) -> Any:
        return searching.search(actor, Asked(parse(text), facets=facets), at=timezone.now())

    statements = 0
    for text in dict.fromkeys(texts):
        with CaptureQueriesContext(connection) as captured:
            found = ask(text)
        statements = max(statements, len(captured))
    session = _Session()
    own, database = session.spent()
    for text in texts:
        ask(text)
    own_after, database_after = session.spent()
    return {
        "who": who,
        "own": 1000 * (own_after - own) / len(texts),
        "database": 1000 * (database_after - database) / len(texts),
        "statements": statements,
        "total": found.total,
        "exact": found.exact,
    }


def _questions() -> dict[str, str]:
    from cms.entities.snapshot import catalogue
    from cms.reports.models import Report

    common = _common(8)
    service = catalogue().service_ever(
        Counter(Report.objects.values_list("service", flat=True)).most_common(1)[0][0]
    )
    code = service.code if service is not None else ""
    wrong = max(common, key=len)
    return {
        "the most common word": common[0],
        "the two most common words": " ".join(common[:2]),
        "the eight most common words": " ".join(common),
        "a phrase": '"عمود إنارة"',
        "a common word without another": f"{common[0]} -{common[1]}",
        "a word in one service": f"service:{code} {common[0]}",
        "one service, no words": f"service:{code}",
        "no words": "",
        # A letter too many.
        "a mistyped word beside a common one": f"{common[0]} {wrong[:2]}ث{wrong[2:]}",
    }


def main() -> None:
    django.setup()
    from django.utils import timezone

    from cms.reports.actors import StaffActor, SystemActor
    from cms.reports.models import Report
    from permissions.models import User
    from search import searching
    from search.asking import Asked
    from search.models import Entry
    from search.queries import parse
    from search.wanted import FACETS as ALL

    told: list[dict[str, Any]] = []
    last = Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 1
    step = max(1, last // TIMES)
    # A process reads the catalogue and the synonyms once, whoever asks first.
    searching.search(SystemActor(), Asked(parse("")), at=timezone.now())
    asked = []
    for login, who in ROLES.items():
        actor = StaffActor(User.objects.get(username=login))
        asked.append(_asked(login, who, [_words(actor, place) for place in range(1, last, step)], FACETS))
    told.append({"what": "two words of some report", "hostile": False, "asked": asked})
    for what, text in _questions().items():
        asked = [_asked(login, who, [text] * TIMES, FACETS) for login, who in ROLES.items()]
        told.append({"what": what, "hostile": False, "asked": asked})
    for what, text in HOSTILE.items():
        asked = [_asked("supervisor", ROLES["supervisor"], [text] * TIMES, FACETS)]
        told.append({"what": f"hostile: {what}", "hostile": True, "asked": asked})
    asked = [_asked("supervisor", ROLES["supervisor"], ["عمود"] * TIMES, ALL * 25)]
    told.append({"what": "hostile: 200 facets", "hostile": True, "asked": asked})
    counts = {"reports": Report.objects.count(), "documents": Entry.objects.count()}
    print(json.dumps({**counts, "questions": told}))  # noqa: T201


if __name__ == "__main__":
    main()
