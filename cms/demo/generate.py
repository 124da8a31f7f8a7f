"""As many reports as a measurement wants, into a demonstration's database and into no other."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connection, connections, models, transaction
from django.utils import timezone

from cms.reports.models import EventText, Report, Sender
from cms.reports.reference import draw
from permissions.models import User

from .lives import MODELS, Lives, Model, attnames
from .models import LoadedReport


class NotADemonstration(Exception):
    """Invented reports never go where real ones may be."""


def refuse_elsewhere() -> None:
    """Only where demonstrations are allowed, and on an empty database or one with the demonstration in it."""
    if not settings.SAWT_DEMO:
        raise NotADemonstration("Reports are generated where SAWT_DEMO is on, and nowhere else.")
    if not LoadedReport.objects.exists() and (Report.objects.exists() or User.objects.exists()):
        raise NotADemonstration(
            "This database has people or reports and no demonstration: it may be a real one. "
            "Reports are generated into an empty database, or into the demonstration's."
        )


def generate(count: int, *, wrote: Callable[[int], None] = lambda total: None) -> None:
    """Write `count` reports, a batch to a transaction; memory does not grow with their number.

    Nobody else may write reports meanwhile. `wrote` hears the total after each batch.
    """
    refuse_elsewhere()
    lives = Lives()
    if not lives:
        raise NotADemonstration("The demonstration is not loaded: there is nothing to take lives from.")
    # The lives stay: the collector need not walk them again and again.
    gc.freeze()
    try:
        for total in _batches(count, lives):
            wrote(total)
    finally:
        gc.unfreeze()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in MODELS:
                cursor.execute(f"ANALYZE {model._meta.db_table}")


def _batches(count: int, lives: Lives) -> Iterator[int]:
    """Write batch after batch; yields the total so far. PostgreSQL takes one while the next is made."""
    phones = _phones()
    drawn: set[str] = set()
    beside = connection.vendor == "postgresql" and not connection.in_atomic_block
    with ThreadPoolExecutor(1) as thread:
        under_way: Future[None] | None = None
        for start in range(0, count, len(lives)):
            size = min(len(lives), count - start)
            # The batch that is being written cannot be seen yet.
            drawn = _references(size, besides=drawn)
            made = lives.again(list(drawn), _reserve(lives), phones)
            if under_way is not None:
                under_way.result()
            if beside:
                under_way = thread.submit(_write_batch, made)
            else:
                _write_batch(made)
            yield start + size
        if under_way is not None:
            under_way.result()
        if beside:
            thread.submit(connections.close_all).result()


def _write_batch(made: dict[Model, list[list[Any]]]) -> None:
    with transaction.atomic():
        for model in MODELS:
            _write(model, made[model])


def _phones() -> Iterator[str]:
    """Two digits too long for any number of the country: nobody's telephone can ring."""
    there = Sender.objects.filter(phone__startswith="+966500", phone__regex=r"^.{15}$").count()
    return (f"+966500{number:08d}" for number in itertools.count(10_000_000 + there))


def _reserve(lives: Lives) -> dict[Model, int]:
    """The first id of each model for one more time of all lives."""
    first: dict[Model, int] = {}
    for model, count in lives.counts.items():
        if model is EventText:
            continue
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
                sequence = cursor.fetchone()[0]
                cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [sequence, sequence, count])
                first[model] = cursor.fetchone()[0] - count
        else:
            last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
            first[model] = (last or 0) + 1
    return first


def _references(count: int, *, besides: set[str]) -> set[str]:
    """So many that nobody has: 35 bits collide some fifteen times in a million."""
    year = timezone.localtime().year
    drawn: set[str] = set()
    while len(drawn) < count:
        fresh = {draw(settings.SAWT_REFERENCE_PREFIX, year) for _ in range(count - len(drawn))}
        taken = Report.objects.filter(reference__in=fresh).values_list("reference", flat=True)
        drawn |= fresh - besides - set(taken)
    return drawn


def _write(model: Model, rows: list[list[Any]]) -> None:
    if not rows:
        return
    names = attnames(model)
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(
            [model(**dict(zip(names, row, strict=True))) for row in rows], batch_size=500
        )
        return
    columns = ", ".join(str(column.column) for column in model._meta.concrete_fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)
