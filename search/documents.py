"""What an index holds of a report: one explicit document, made from the database alone, by batches.

Nothing of its sender is in it, and what anybody wrote is masked (`search.masking`). Who finds it is said by
`Access`, as ids; `stamp` is what `search_check` compares. Both backends are filled with these documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cms.entities.models import Category, Entity, Place, Privacy
from cms.entities.snapshot import Catalogue, catalogue
from cms.reports.models import Assignment, Custody, Deadline, EventText, Rating, Report
from cms.reports.timeline import OFFICIAL, WRITTEN_BY_SENDER
from cms.reports.workflow import OPEN

from . import analysis
from .masking import masked

SAID = ("ask_sender", "update_sender")
NOTED = ("note", "attach")
DIRECTED = ("direct", "directive_done", "directive_decline")
READ = (*OFFICIAL, *SAID, *WRITTEN_BY_SENDER, *NOTED, *DIRECTED)
# Whose an internal text is that was written while no entity had the report.
TRIAGE = 0


@dataclass(frozen=True, slots=True)
class Access:
    """What `cms.reports.policies` asks of a report. `assigned`: person:entity of those who work on it now."""

    entity: int | None
    about_entity: int | None
    confidential: bool
    assigned: tuple[str, ...]
    sender_entity: int | None
    erased: bool

    @property
    def stamp(self) -> str:
        """All of it in one short text, the same for the same access."""
        return (
            f"e{self.entity or ''} a{self.about_entity or ''} {'c' if self.confidential else 'n'} "
            f"{','.join(self.assigned)} s{self.sender_entity or ''} {'x' if self.erased else ''}"
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One report. Ids of the catalogue, from the top down where they say so; texts are masked.

    `notes` and `directives` are the present entity's, which whoever sees the report as staff may read; those
    that were written at other entities (`elsewhere`) each need the right to read what that one wrote.
    """

    id: int
    revision: int
    access: Access
    reference: str
    title: str
    text: str
    # What was said between sender and entity, what an intake question was answered with.
    conversation: tuple[str, ...]
    answers: tuple[str, ...]
    notes: tuple[str, ...]
    directives: tuple[str, ...]
    elsewhere: tuple[str, ...]
    elsewhere_entities: tuple[int, ...]
    # Words of the catalogue: the service with its keywords; the place with those above it, and the address.
    about: tuple[str, ...]
    where: tuple[str, ...]
    whom: tuple[str, ...]
    service: int
    categories: tuple[int, ...]
    entities: tuple[int, ...]
    earlier_entities: tuple[int, ...]
    place: int
    places: tuple[int, ...]
    point: tuple[float, float] | None
    state: str
    open: bool
    kind: str
    channel: str
    priority: str
    submitted_at: datetime
    updated_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    first_reply_due_at: datetime | None
    resolution_due_at: datetime | None
    # While it runs: what is late is due before now.
    next_due_at: datetime | None
    missed: tuple[str, ...]
    rating: int | None
    reopened: int

    @property
    def stamp(self) -> str:
        """Access, and where the catalogue puts it: a tree may be changed without the report's doing."""
        return _stamp(self.access, (self.categories, self.entities, self.places))


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a document is as its report is."""

    revision: int
    stamp: str


# Ids, as the lookups that say which.
_Which = Mapping[str, int | Collection[int]]

_COLUMNS = (
    "pk",
    "revision",
    "reference",
    "entity_id",
    "about_entity_id",
    "privacy",
    "sender_entity_id",
    "erased_at",
    "title",
    "text",
    "answers",
    "address_text",
    "service_id",
    "place_id",
    "latitude",
    "longitude",
    "state",
    "kind",
    "channel",
    "priority",
    "submitted_at",
    "updated_at",
    "answered_at",
    "closed_at",
    "first_reply_due_at",
    "resolution_due_at",
    "next_due_at",
    "round",
    "reopened_count",
)


def documents(ids: Collection[int]) -> list[Document]:
    """Those that are there, in the order of their ids, in seven statements however many."""
    return _documents({"in": ids})


def documents_between(first: int, last: int) -> list[Document]:
    """Of all reports with ids from `first` to `last`: a list of a thousand ids costs each statement as much
    as what it reads."""
    return _documents({"gte": first, "lte": last})


def _documents(which: _Which) -> list[Document]:
    """Rows first: what hangs on them is then of their revision or of a later one, never of an earlier."""
    rows = Report.objects.filter(**_of("pk", which)).order_by("pk").values_list(*_COLUMNS, named=True)
    found: list[Any] = list(rows)
    if not found:
        return []
    beside = _Beside(which, {row.pk: row.entity_id for row in found})
    words = _words(catalogue())
    return [_document(row, beside, words) for row in found]


def _of(column: str, which: _Which) -> dict[str, Any]:
    return {f"{column}__{lookup}": value for lookup, value in which.items()}


@dataclass
class _Texts:
    conversation: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    entities: set[int] = field(default_factory=set)

    def take(self, code: str, text: str, entity: int | None, present: int | None) -> None:
        if code in OFFICIAL:
            self.answers.append(text)
        elif code in SAID or code in WRITTEN_BY_SENDER:
            self.conversation.append(text)
        elif entity != present:
            self.elsewhere.append(text)
            self.entities.add(entity or TRIAGE)
        elif code in NOTED:
            self.notes.append(text)
        else:
            self.directives.append(text)


class _Beside:
    """What hangs on the reports of a batch."""

    def __init__(self, which: _Which, entity_of: dict[int, int | None]) -> None:
        self.texts: dict[int, _Texts] = defaultdict(_Texts)
        of = _of("report_id", which)
        said = EventText.objects.filter(**_of("event__report_id", which), event__code__in=READ)
        rows = said.order_by("event__report_id", "event__sequence").values_list(
            "event__report_id", "event__code", "event__entity_id", "text"
        )
        for report, code, entity, text in rows.iterator(chunk_size=5000):
            # One that was sent since the rows were read comes with its own effect.
            if report in entity_of:
                self.texts[report].take(code, masked(text), entity, entity_of[report])
        self.assigned: dict[int, list[str]] = defaultdict(list)
        working = Assignment.objects.filter(**of, until=None)
        for report, person, entity in working.values_list("report_id", "person_id", "entity_id"):
            self.assigned[report].append(f"{person}:{entity}")
        self.earlier: dict[int, list[int]] = defaultdict(list)
        passed = Custody.objects.filter(**of).exclude(entity=None).order_by("report_id", "since")
        for report, entity in passed.values_list("report_id", "entity_id"):
            self.earlier[report].append(entity)
        self.missed: dict[int, set[str]] = defaultdict(set)
        late = Deadline.objects.filter(**of, outcome=Deadline.Outcome.MISSED)
        for report, promise in late.values_list("report_id", "promise"):
            self.missed[report].add(promise)
        rated = Rating.objects.filter(**of).order_by("report_id", "round")
        self.rating: dict[int, int] = dict(rated.values_list("report_id", "score"))


class _Words:
    """What the catalogue says of each of its rows, made once for each reading of it."""

    def __init__(self, cat: Catalogue) -> None:
        self.cat = cat
        self.services: dict[int, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.places: dict[int, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.entities: dict[int | None, tuple[tuple[str, ...], tuple[int, ...]]] = {None: ((), ())}
        self._entity_paths = {entity.path: entity for entity in cat.entities_ever}

    def service(self, pk: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Its names and keywords; the ids of its categories from the top down.

        Not their names: 'Roads and lighting' made every hole in a road answer to 'lighting'.
        """
        if pk not in self.services:
            service = self.cat.service_ever(pk)
            if service is None:
                return (), ()
            above: list[Category] = []
            category = self.cat.category(service.category_id)
            while category is not None:
                above.insert(0, category)
                category = self.cat.category(category.parent_id)
            names = [service.name_ar, service.name_en, *service.keywords_ar, *service.keywords_en]
            self.services[pk] = _distinct(names), tuple(one.pk for one in above)
        return self.services[pk]

    def place(self, pk: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Its names with those above it, less the region's, which says nothing; the ids with the region's."""
        if pk not in self.places:
            place = self.cat.place_by_id(pk)
            if place is None:
                return (), ()
            line = [*self.cat.ancestors(place), place]
            named = [one for one in line if one.kind != Place.Kind.REGION]
            names = [name for one in named for name in (one.name_ar, one.name_en)]
            self.places[pk] = _distinct(names), tuple(one.pk for one in line)
        return self.places[pk]

    def entity(self, pk: int | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Its names; the ids of those above it and its own."""
        if pk not in self.entities:
            entity = self.cat.entity_ever(pk)
            if entity is None:
                return (), ()
            step = Entity.steplen
            line = [self._entity_paths[entity.path[:end]] for end in range(step, len(entity.path) + 1, step)]
            names = [entity.name_ar, entity.name_en, entity.short_name_ar, entity.short_name_en]
            self.entities[pk] = _distinct(names), tuple(one.pk for one in line)
        return self.entities[pk]


_kept: _Words | None = None


def _words(cat: Catalogue) -> _Words:
    """Kept as long as its catalogue is; two threads may both make one: they make the same."""
    global _kept
    kept = _kept
    if kept is None or kept.cat is not cat:
        kept = _kept = _Words(cat)
    return kept


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _said_at_intake(answers: Any) -> Iterable[str]:
    """What was written in answer to a question; codes and numbers say nothing to who searches."""
    for value in answers.values() if isinstance(answers, dict) else ():
        if isinstance(value, str) and " " in value.strip():
            yield masked(value)


def _document(row: Any, beside: _Beside, words: _Words) -> Document:
    texts = beside.texts.get(row.pk) or _Texts()
    about, categories = words.service(row.service_id)
    where, places = words.place(row.place_id)
    whom, entities = words.entity(row.entity_id)
    address = masked(row.address_text)
    earlier = dict.fromkeys(one for one in beside.earlier.get(row.pk, ()) if one != row.entity_id)
    return Document(
        id=row.pk,
        revision=row.revision,
        access=_access(row, beside.assigned.get(row.pk, ())),
        reference=row.reference,
        title=masked(row.title),
        text=masked(row.text),
        conversation=(*_said_at_intake(row.answers), *texts.conversation),
        answers=tuple(texts.answers),
        notes=tuple(texts.notes),
        directives=tuple(texts.directives),
        elsewhere=tuple(texts.elsewhere),
        elsewhere_entities=tuple(sorted(texts.entities)),
        about=about,
        where=(*where, address) if address else where,
        whom=whom,
        service=row.service_id,
        categories=categories,
        entities=entities,
        earlier_entities=tuple(earlier),
        place=row.place_id,
        places=places,
        point=(row.latitude, row.longitude)
        if row.latitude is not None and row.longitude is not None
        else None,
        state=row.state,
        open=row.state in OPEN,
        kind=row.kind,
        channel=row.channel,
        priority=row.priority,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        first_reply_due_at=row.first_reply_due_at,
        resolution_due_at=row.resolution_due_at,
        next_due_at=row.next_due_at,
        missed=tuple(sorted(beside.missed.get(row.pk, ()))),
        rating=beside.rating.get(row.pk),
        reopened=row.reopened_count,
    )


def stamps(first: int, last: int) -> dict[int, Stamp]:
    """Of all reports with ids from `first` to `last`, as their documents would have them: two statements."""
    columns = (
        *("pk", "revision", "entity_id", "about_entity_id", "privacy", "sender_entity_id", "erased_at"),
        *("service_id", "place_id"),
    )
    there = Report.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
    rows: list[Any] = list(there.values_list(*columns, named=True))
    assigned: dict[int, list[str]] = defaultdict(list)
    working = Assignment.objects.filter(report_id__gte=first, report_id__lte=last, until=None)
    for report, person, entity in working.values_list("report_id", "person_id", "entity_id"):
        assigned[report].append(f"{person}:{entity}")
    words = _words(catalogue())
    found = {}
    for row in rows:
        trees = (
            words.service(row.service_id)[1],
            words.entity(row.entity_id)[1],
            words.place(row.place_id)[1],
        )
        access = _access(row, assigned.get(row.pk, ()))
        found[row.pk] = Stamp(row.revision, _stamp(access, trees))
    return found


def _access(row: Any, assigned: Iterable[str]) -> Access:
    return Access(
        entity=row.entity_id,
        about_entity=row.about_entity_id,
        confidential=row.privacy == Privacy.CONFIDENTIAL,
        assigned=tuple(sorted(assigned)),
        sender_entity=row.sender_entity_id,
        erased=row.erased_at is not None,
    )


def _stamp(access: Access, trees: Iterable[tuple[int, ...]]) -> str:
    return f"{analysis.VERSION}|{access.stamp}|{'/'.join('.'.join(map(str, tree)) for tree in trees)}"
