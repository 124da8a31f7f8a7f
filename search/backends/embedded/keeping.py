"""Documents in the database: written, dropped, and told what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from ...documents import Document, Stamp
from ...models import Entry, Word
from . import tables
from .tokens import tokens, vocabulary

SHOWN = ("title", "text", "conversation", "answers", "notes", "directives")
AT_ONCE = 500


class EmbeddedStore:
    name = "embedded"

    def put(self, documents: Sequence[Document]) -> Mapping[int, str]:
        if not documents:
            return {}
        with transaction.atomic():
            ids = [document.id for document in documents]
            there = dict(
                Entry.objects.select_for_update()
                .filter(report_id__in=ids)
                .values_list("report_id", "revision")
            )
            newer = [one for one in documents if one.revision >= there.get(one.id, 0)]
            Entry.objects.bulk_create(
                [_entry(document) for document in newer],
                update_conflicts=True,
                unique_fields=["report_id"],
                update_fields=["revision", "stamp", "texts", "elsewhere_entities"],
            )
            tables.write([tokens(document) for document in newer])
            said = sorted({word for document in newer for word in vocabulary(document)})
            Word.objects.bulk_create(
                [Word(word=word, turned=word[::-1]) for word in said],
                ignore_conflicts=True,
                batch_size=AT_ONCE,
            )
        return {}

    def drop(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        with transaction.atomic():
            tables.forget(ids)
            Entry.objects.filter(report_id__in=ids).delete()

    def settle(self) -> None:
        """What is committed is seen."""

    def forget_dropped(self) -> None:
        """What was dropped has left nothing behind."""

    def stamps(self, first: int, last: int) -> dict[int, Stamp]:
        rows = Entry.objects.filter(report_id__gte=first, report_id__lte=last)
        return {
            pk: Stamp(revision, stamp)
            for pk, revision, stamp in rows.values_list("report_id", "revision", "stamp")
        }


def _entry(document: Document) -> Entry:
    texts = {name: getattr(document, name) for name in SHOWN}
    return Entry(
        report_id=document.id,
        revision=document.revision,
        stamp=document.stamp,
        texts={
            name: [value] if isinstance(value, str) else list(value) for name, value in texts.items() if value
        },
        elsewhere_entities=list(document.elsewhere_entities),
    )
