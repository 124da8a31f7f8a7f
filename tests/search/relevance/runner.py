"""How well the search answers the judged queries, over the texts of the demonstration alone: no lives."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import log
from pathlib import Path
from typing import Any

from cms.demo.source import read
from cms.demo.tenant import load_tenant
from cms.entities.snapshot import catalogue
from cms.reports.actors import SystemActor
from cms.reports.models import Report
from search import synonyms, wordlist
from search.analysis import stems, words
from search.asking import Asked
from search.backends import Finder, Store
from search.documents import Document, documents
from search.masking import masked
from search.models import Synonym
from search.queries import parse
from search.scope import scope_for
from search.wanted import wanted

HERE = Path(__file__).parent
AT = 10
# Query → keys of reports, the best first.
Answers = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Figures:
    """Means over the queries that ask for something. `nonsense`: how many of the others found anything."""

    recall: float
    precision: float
    nonsense: int
    queries: int
    by_category: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def queries(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))["queries"]
    return found


def measured(name: str, answers: Answers) -> Figures:
    """Precision at ten, or at the number of relevant ones where there are fewer."""
    recalls, precisions, nonsense = [], [], 0
    by_category: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for query in queries(name):
        given = list(answers(query["query"]))
        relevant = set(query["relevant"])
        if not relevant:
            nonsense += bool(given)
            continue
        few = min(AT, len(relevant))
        recall = len(relevant.intersection(given[:AT])) / few
        precision = len(relevant.intersection(given[:few])) / few
        recalls.append(recall)
        precisions.append(precision)
        by_category[query["category"]].append((recall, precision))
    count = len(recalls)
    return Figures(
        sum(recalls) / count,
        sum(precisions) / count,
        nonsense,
        count,
        {
            name: (sum(one for one, _ in each) / len(each), sum(one for _, one in each) / len(each))
            for name, each in sorted(by_category.items())
        },
    )


def loaded() -> tuple[list[Document], dict[int, str]]:
    """The reports as rows, with nothing but what a document needs; and the key of each."""
    load_tenant()
    cat = catalogue()
    rows = read("reports")["reports"]
    entities = {entity.code: entity.pk for entity in cat.entities_ever}
    made = []
    for number, row in enumerate(rows):
        service, place = cat.service(row["service"]), cat.place(row["place"])
        assert service is not None
        assert place is not None
        at = datetime.fromisoformat(row["submitted_at"])
        made.append(
            Report(
                reference=f"T-{number}",
                secret_hash="-",
                kind=service.kind,
                service_id=service.pk,
                place_id=place.pk,
                entity_id=entities.get(row["expected_entity"]),
                state="answered" if row["course"] else "in_progress",
                privacy=service.privacy,
                priority="normal",
                channel="web",
                language=row["language"][:2],
                title=row["title"],
                text=row["text"],
                answers=row["answers"],
                entity_since=at,
                submitted_at=at,
                updated_at=at,
            )
        )
    Report.objects.bulk_create(made)
    keys = {report.pk: row["id"] for report, row in zip(made, rows, strict=True)}
    courses = {report.pk: row["course"] or {} for report, row in zip(made, rows, strict=True)}
    return [_with(document, courses[document.id]) for document in documents(list(keys))], keys


def _with(document: Document, course: Mapping[str, Any]) -> Document:
    """What was asked, said and answered in its life, which is not lived here."""
    names = ("question_to_sender", "sender_reply", "reopened_reason", "satisfaction_comment")
    said = [masked(course[name]) for name in names if course.get(name)]
    answers = [masked(course[name]) for name in ("official_reply",) if course.get(name)]
    return replace(document, conversation=(*document.conversation, *said), answers=tuple(answers))


def of_finder(
    store: Store, finder: Finder, made: Sequence[Document], keys: Mapping[int, str], at: datetime
) -> Answers:
    store.put(made)
    store.settle()
    scope, cat = scope_for(SystemActor()), catalogue()
    # As the product comes; tests that commit leave a database without rows behind.
    wordlist.fill(Synonym)
    synonyms.keep_up(cat)

    def answers(query: str) -> list[str]:
        asked = Asked(query=parse(query), size=AT, highlights=False)
        found = finder.find(scope, wanted(asked, cat), at=at)
        return [keys[hit.id] for hit in found.hits]

    return answers


def plain(made: Sequence[Document], keys: Mapping[int, str], said: Callable[[str], list[str]]) -> Answers:
    """The baselines: BM25 over title, text and answers, by words as they are or by stems alone."""
    held: dict[str, dict[int, int]] = defaultdict(dict)
    lengths = {}
    for one in made:
        tokens = said(" ".join((one.title, one.title, one.text, *one.conversation, *one.answers)))
        lengths[one.id] = len(tokens)
        for token in tokens:
            held[token][one.id] = held[token].get(one.id, 0) + 1
    mean = sum(lengths.values()) / len(lengths)

    def answers(query: str) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for token in said(query):
            has = held.get(token, {})
            rare = log(1 + (len(lengths) - len(has) + 0.5) / (len(has) + 0.5))
            for pk, times in has.items():
                scores[pk] += rare * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths[pk] / mean))
        best = sorted(scores, key=lambda pk: (-scores[pk], pk))
        return [keys[pk] for pk in best[:AT]]

    return answers


def as_written(text: str) -> list[str]:
    return text.split()


BASELINES: Mapping[str, Callable[[str], list[str]]] = {
    "exact words": as_written,
    "normalised": words,
    "stemmed": stems,
}
