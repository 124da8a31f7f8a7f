"""Saving what a dry run showed: all of it in one transaction, or nothing.

Rows are written in bulk: ten thousand of them one by one would outlast a request. So nobody is told by a
signal, and the catalogue is renewed at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.entities.memberships import refresh_entity_groups
from cms.entities.models import Entity
from cms.entities.snapshot import renew
from permissions import audit

from ..viewsets.guarded import SHORT
from .checking import plan_of
from .columns import ParentColumn, ReferenceColumn, ReferencesColumn
from .growing import BATCH, grow
from .plans import Outcome, Plan, Row
from .reading import read
from .refusals import Refusal, Refused
from .stored import Stored
from .workbooks import Sheet, Workbook

IMPORTED = "table_imported"


def save(workbook: Workbook, content: bytes, *, digest: str, name: str, by: Any, client: str) -> Plan:
    """Saves the plan of this digest. Raises Refused, with nothing saved, where the plan is another now."""
    found = read(content, workbook)
    try:
        with transaction.atomic():
            stored = Stored(locked=True)
            plan = plan_of(found, stored)
            if plan.digest(content) != digest:
                raise Refused(Refusal.CHANGED_SINCE)
            if plan.of(Outcome.BAD):
                raise Refused(Refusal.BAD_ROWS)
            rows = plan.of(Outcome.NEW, Outcome.CHANGED)
            if not rows:
                raise Refused(Refusal.NOTHING)
            for sheet in workbook.sheets:
                _write(sheet, [row for row in rows if row.sheet is sheet], stored)
            renew()
            _record(rows, name, by, client)
            said = {"table": workbook.name, "file": name, "rows": len(rows)}
            audit.record(IMPORTED, actor=by, data=said, client=client)
    except (IntegrityError, OperationalError) as error:
        # Somebody else stored a row with the same code in this very moment, or the two waited for each other.
        raise Refused(Refusal.CHANGED_SINCE) from error
    return plan


def _write(sheet: Sheet, rows: list[Row], stored: Stored) -> None:
    """One sheet's rows; what they lead to on the sheets before it is saved by now."""
    new = [row for row in rows if row.is_new]
    for wave in _waves(new, stored):
        for row in wave:
            _point(row, stored)
        if sheet.is_tree:
            parents = stored.by_code(sheet.model)
            grow(sheet.model, [(row.instance, parents.get(row.links.get("parent") or "")) for row in wave])
        else:
            sheet.model._default_manager.bulk_create([row.instance for row in wave], batch_size=BATCH)
    for row in rows:
        if not row.is_new:
            _point(row, stored)
            _update(row)
        for column, codes in _links(row):
            if isinstance(column, ReferencesColumn):
                there = stored.by_code(column.target)
                getattr(row.instance, column.name).set([there[code] for code in codes])
        if row.changes_of("specialists_see_all", "specialists_reply"):
            # What its specialists may do follows the entity's settings at once.
            refresh_entity_groups(row.instance)


def _waves(rows: list[Row], stored: Stored) -> Iterator[list[Row]]:
    """New rows in an order in which a parent has its key before its children do; a tree's all at once."""
    if not rows:
        return
    left = {id(row.instance): row for row in rows}
    ordered: list[list[Row]] = []
    while left:
        wave = [row for row in left.values() if not any(id(other) in left for other in _above(row, stored))]
        for row in wave:
            del left[id(row.instance)]
        ordered.append(wave)
    if rows[0].sheet.is_tree:
        yield [row for wave in ordered for row in wave]
    else:
        yield from ordered


def _above(row: Row, stored: Stored) -> list[Any]:
    """What this row leads to in its own model."""
    return [
        stored.by_code(column.target).get(code)
        for column, code in _links(row)
        if column.target is row.sheet.model and not isinstance(column, ReferencesColumn)
    ]


def _links(row: Row) -> list[tuple[ReferenceColumn, Any]]:
    columns = [column for column in row.sheet.columns if isinstance(column, ReferenceColumn)]
    return [(column, row.links[column.name]) for column in columns if column.name in row.links]


def _point(row: Row, stored: Stored) -> None:
    """What had no key when it was set has one now."""
    for column, code in _links(row):
        if not isinstance(column, (ParentColumn, ReferencesColumn)):
            setattr(row.instance, column.name, stored.by_code(column.target).get(code))


def _update(row: Row) -> None:
    names = [change.column.name for change in row.changes]
    own = [name for name in names if not isinstance(row.sheet.column(name), ReferencesColumn)]
    values = {name: getattr(row.instance, name) for name in own}
    if isinstance(row.instance, Entity) and values.get("is_active"):
        # One that works again goes on with its work itself.
        values["continued_by"] = None
    if values:
        row.sheet.model._default_manager.filter(pk=row.instance.pk).update(**values)


def _record(rows: list[Row], name: str, by: Any, client: str) -> None:
    """As the forms do: in each row's own history, and in the audit trail."""
    at = timezone.now()
    ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=ContentType.objects.get_for_model(row.instance),
                object_id=str(row.instance.pk),
                label=str(row.instance),
                action="wagtail.create" if row.is_new else "wagtail.edit",
                timestamp=at,
                user=by,
            )
            for row in rows
        ],
        batch_size=BATCH,
    )
    audit.record_many(
        "configuration_changed",
        ((f"{row.sheet.name}:{row.instance.pk}", _told(row, name)) for row in rows),
        actor=by,
        client=client,
    )


def _told(row: Row, name: str) -> dict[str, Any]:
    return {
        "label": str(row.instance)[:SHORT],
        "what": "added" if row.is_new else "changed",
        "file": name,
        "changes": {
            one.column.name: [str(one.before)[:SHORT], str(one.after)[:SHORT]] for one in row.changes
        },
    }
