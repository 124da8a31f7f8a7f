"""Whole lives of the demonstration's reports, read once and given again under other numbers.

Every life was played by the real actions (`play.py`), so what is given again is what they wrote: states,
assignments, promises, custody and ratings fit each other. New are the numbers, the moment within the minute
(promises count whole minutes, so no due time moves), the salts, and with them the whole hash chain.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from cms.reports import events, secrets
from cms.reports.models import AccessLink, Attachment, Event, EventText, IdempotencyKey, Report, Sender

from .models import LoadedReport

Model = type[models.Model]
# Not given again: clients' keys, links, and messages (another app's), which belong to one sending; and files,
# which lie in the storage once.
LEFT_OUT: tuple[Model, ...] = (IdempotencyKey, AccessLink, Attachment)


def _of_a_report() -> tuple[Model, ...]:
    """What the core keeps of a report (assignments, promises, custody …), a model added later included."""
    others = [
        relation.related_model
        for relation in Report._meta.related_objects
        if relation.field.name == "report"
        and relation.related_model._meta.app_label == Report._meta.app_label
        and relation.related_model not in (Event, *LEFT_OUT)
    ]
    return Event, EventText, *sorted(others, key=lambda model: str(model._meta.model_name))


# In the order of writing.
OF_A_REPORT = _of_a_report()
MODELS: tuple[Model, ...] = (Sender, Report, *OF_A_REPORT)
# What counts whole minutes, and so stays where it is when the rest moves within its minute.
DUE = ("due_at", "first_reply_due_at", "resolution_due_at", "next_due_at", "next_step_at")
MINUTE = timedelta(minutes=1)


def attnames(model: Model) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


@dataclass
class Row:
    """One row: its values, and which of them are new each time: ids of other rows, and moments."""

    model: Model
    values: list[Any]
    ids: list[tuple[int, Model, int]] = field(default_factory=list)
    moments: list[tuple[int, datetime]] = field(default_factory=list)
    pauses: tuple[int, list[list[str]]] | None = None

    def again(self, first: dict[Model, int], shift: timedelta) -> list[Any]:
        values = self.values.copy()
        for position, model, number in self.ids:
            values[position] = first[model] + number
        for position, moment in self.moments:
            values[position] = moment + shift
        if self.pauses is not None:
            position, spans = self.pauses
            moved = [[(datetime.fromisoformat(end) + shift).isoformat() for end in span] for span in spans]
            values[position] = as_column(moved)
        return values


@dataclass
class Life:
    """One report's rows. `texts` go by the number of their event; `sender` is one among the senders.

    `history`: each event's row, moment and data, and which reports its data names, by key.
    """

    report: Row
    history: list[tuple[Row, datetime, Any, dict[str, int | list[int]]]]
    texts: dict[int, tuple[Row, str]]
    others: list[Row]
    sender: int | None
    room: timedelta

    def again(self, reference: str, first: dict[Model, int]) -> Iterator[tuple[Model, list[Any]]]:
        """The rows of another report that lived the same way."""
        shift = self.room * random.random()  # noqa: S311 (invention, not secrecy)
        public_id = uuid.uuid4()
        report = self.report.again(first, shift)
        previous = ""
        for number, (row, at, data, named) in enumerate(self.history):
            event = row.again(first, shift)
            if named:
                data = {**data, **{key: _after(first[Report], numbers) for key, numbers in named.items()}}
                event[_EVENT_DATA] = as_column(data)
            text_hash = ""
            if number in self.texts:
                beside, text = self.texts[number]
                salt = events.new_salt()
                text_hash = events.text_hash(text, salt)
                written = beside.again(first, shift)
                written[_SALT] = salt
                yield EventText, written
            event[_TEXT_HASH], event[_PREVIOUS] = text_hash, previous
            covered = [event[position] for position in _HASHED]
            covered[_AT], covered[_DATA] = at + shift, data
            previous = event[_HASH] = events.row_hash(public_id, *covered)
            yield Event, event
        version = secrets.current_version()
        report[_PUBLIC_ID], report[_REFERENCE], report[_HEAD] = public_id, reference, previous
        report[_SECRET] = secrets.hashed(secrets.secret_for(public_id, version), version)
        report[_SECRET_VERSION] = version
        yield Report, report
        for row in self.others:
            yield row.model, row.again(first, shift)


_event, _report = attnames(Event), attnames(Report)
_HASHED = [_event.index(name) for name in events.HASHED]
_AT, _DATA = events.HASHED.index("at"), events.HASHED.index("data")
_EVENT_DATA = _event.index("data")
_TEXT_HASH, _PREVIOUS, _HASH = map(_event.index, ("text_hash", "previous_hash", "hash"))
_SALT = attnames(EventText).index("salt")
_PUBLIC_ID, _REFERENCE, _HEAD, _SECRET, _SECRET_VERSION = map(
    _report.index, ("public_id", "reference", "head_hash", "secret_hash", "secret_version")
)
_PHONE, _EMAIL = map(attnames(Sender).index, ("phone", "email"))


def _after(first: int, numbers: int | list[int]) -> int | list[int]:
    return first + numbers if isinstance(numbers, int) else [first + number for number in numbers]


def as_column(value: Any) -> Any:
    """A JSON value as the writer takes it: text for COPY, itself for the ORM."""
    return json.dumps(value, ensure_ascii=False) if connection.vendor == "postgresql" else value


class Lives:
    """The demonstration's lives, in an order in which the first few already stand in every state."""

    def __init__(self) -> None:
        loaded = LoadedReport.objects.values("report_id")
        rows: dict[Model, list[Any]] = {Report: _by_states(Report.objects.filter(pk__in=loaded))}
        known = {row.pk for row in rows[Report]}
        rows[Sender] = list(Sender.objects.filter(reports__in=known).distinct().order_by("pk"))
        for model in OF_A_REPORT:
            way = "event__report" if model is EventText else "report"
            rows[model] = list(model._default_manager.filter(**{f"{way}__in": known}).order_by("pk"))
        # Where each row stands among its kind: an id is the first of this time plus that.
        self._numbers = {
            model: {row.pk: number for number, row in enumerate(given)} for model, given in rows.items()
        }
        self.senders = [self._row(row) for row in rows[Sender]]
        self.counts = {model: len(given) for model, given in rows.items()}
        self.lives = self._lives(rows)

    def __len__(self) -> int:
        return len(self.lives)

    def _row(self, instance: models.Model) -> Row:
        model = type(instance)
        row = Row(model, [])
        for position, column in enumerate(model._meta.concrete_fields):
            value = getattr(instance, column.attname)
            to = model if column.primary_key and not column.is_relation else column.related_model
            if value is not None and to in self._numbers:
                row.ids.append((position, to, self._numbers[to][value]))  # type: ignore[index]
            elif isinstance(value, datetime) and column.name not in DUE:
                row.moments.append((position, value))
            elif isinstance(column, models.JSONField):
                if column.name == "pauses" and value:
                    row.pauses = (position, value)
                value = as_column(value)
            row.values.append(value)
        return row

    def _named(self, data: dict[str, Any]) -> dict[str, int | list[int]]:
        """The reports that an event's data names: those of a merge or of a split."""
        numbers = self._numbers[Report]
        named: dict[str, int | list[int]] = {
            key: numbers[data[key]] for key in ("primary", "member", "parent") if data.get(key) in numbers
        }
        if "parts" in data:
            named["parts"] = [numbers[pk] for pk in data["parts"]]
        return named

    def _lives(self, rows: dict[Model, list[Any]]) -> list[Life]:
        history: dict[int, list[Any]] = defaultdict(list)
        for event in rows[Event]:
            event.data.pop("files", None)
            history[event.report_id].append(event)
        texts = {row.event_id: row for row in rows[EventText]}
        others: dict[int, list[Row]] = defaultdict(list)
        for model in OF_A_REPORT:
            if model not in (Event, EventText):
                for one in rows[model]:
                    others[one.report_id].append(self._row(one))
        lives = []
        for report in rows[Report]:
            chain = sorted(history[report.pk], key=lambda event: event.sequence)
            row = self._row(report)
            life = Life(
                report=row,
                history=[
                    (self._row(event), event.at, event.data, self._named(event.data)) for event in chain
                ],
                texts={
                    number: (self._row(texts[event.pk]), texts[event.pk].text)
                    for number, event in enumerate(chain)
                    if event.pk in texts
                },
                others=others[report.pk],
                sender=self._numbers[Sender].get(report.sender_id),
                room=MINUTE,
            )
            rows_of_it = [row, *(event for event, *_ in life.history), *life.others]
            life.room = min(
                MINUTE - (moment - moment.replace(second=0, microsecond=0))
                for one in rows_of_it
                for _, moment in one.moments
            )
            lives.append(life)
        return lives

    def again(
        self, references: Sequence[str], first: dict[Model, int], phones: Iterator[str]
    ) -> dict[Model, list[list[Any]]]:
        """The rows of so many reports as there are references, by model; the ids begin at `first`."""
        made: dict[Model, list[list[Any]]] = {model: [] for model in MODELS}
        lives = self.lives[: len(references)]
        for number in sorted({life.sender for life in lives if life.sender is not None}):
            sender = self.senders[number].again(first, timedelta())
            sender[_PHONE], sender[_EMAIL] = next(phones), ""
            made[Sender].append(sender)
        for life, reference in zip(lives, references, strict=True):
            for model, values in life.again(reference, first):
                made[model].append(values)
        return made


def _by_states(reports: models.QuerySet[Report]) -> list[Report]:
    """Each state spread evenly over the whole; what points to another report after what it points to."""
    by_state: dict[str, list[Report]] = defaultdict(list)
    for report in reports.order_by("pk"):
        by_state[report.state].append(report)
    placed = {
        report.pk: number / len(given) for given in by_state.values() for number, report in enumerate(given)
    }
    every = [report for given in by_state.values() for report in given]
    pointing = {report.pk: report.merged_into_id or report.parent_id for report in every}
    for pk, other in pointing.items():
        if other is not None:
            placed[other] = min(placed[other], placed[pk])
    return sorted(every, key=lambda report: (placed[report.pk], pointing[report.pk] is not None, report.pk))
