"""Saving what a dry run showed: all of it in one transaction, or nothing."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from wagtail.log_actions import log

from cms.entities.memberships import refresh_entity_groups
from cms.entities.models import Entity
from cms.entities.snapshot import renew
from permissions import audit

from ..viewsets.guarded import SHORT
from .checking import plan_of
from .columns import ParentColumn, ReferenceColumn, ReferencesColumn
from .plans import Outcome, Plan, Row
from .reading import read
from .refusals import Refusal, Refused
from .stored import Stored
from .workbooks import Workbook

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
            _Saving(rows, stored, name, by, client).run()
            said = {"table": workbook.name, "file": name, "rows": len(rows)}
            audit.record(IMPORTED, actor=by, data=said, client=client)
    except IntegrityError as error:
        # Somebody else stored a row with the same code in this very moment.
        raise Refused(Refusal.CHANGED_SINCE) from error
    return plan


class _Saving:
    def __init__(self, rows: list[Row], stored: Stored, name: str, by: Any, client: str) -> None:
        self.rows = rows
        self.stored = stored
        self.name = name
        self.by = by
        self.client = client
        self.to_make = {id(row.instance): row for row in rows if row.is_new}

    def run(self) -> None:
        for row in self.rows:
            if row.is_new:
                self._make(row)
        for row in self.rows:
            if not row.is_new:
                self._change(row)
        # Also where nothing but a jurisdiction changed, which tells nobody by itself.
        renew()
        for row in self.rows:
            self._record(row)

    def _make(self, row: Row) -> None:
        """Whatever it leads to comes first."""
        if self.to_make.pop(id(row.instance), None) is None:
            return
        for other in self._leads_to(row):
            if id(other) in self.to_make:
                self._make(self.to_make[id(other)])
        self._point(row)
        if row.sheet.is_tree:
            self._add_node(row)
        else:
            row.instance.save(force_insert=True)
        self._link(row)

    def _leads_to(self, row: Row) -> list[Any]:
        found = [
            self.stored.by_code(column.target).get(code)
            for column, code in self._columns_of(row)
            if not isinstance(column, ReferencesColumn)
        ]
        return [other for other in found if other is not None]

    def _columns_of(self, row: Row) -> list[tuple[ReferenceColumn, Any]]:
        columns = [column for column in row.sheet.columns if isinstance(column, ReferenceColumn)]
        return [(column, row.links[column.name]) for column in columns if column.name in row.links]

    def _point(self, row: Row) -> None:
        """What was not saved when it was set has its key now."""
        for column, code in self._columns_of(row):
            if not isinstance(column, (ParentColumn, ReferencesColumn)):
                setattr(row.instance, column.name, self.stored.by_code(column.target).get(code))

    def _add_node(self, row: Row) -> None:
        model = row.sheet.model
        parent = self.stored.by_code(model).get(row.links.get("parent") or "")
        if parent is None:
            model.add_root(instance=row.instance)
        else:
            # treebeard counts children on the row it is given, so that row has to be fresh.
            model._default_manager.get(pk=parent.pk).add_child(instance=row.instance)

    def _change(self, row: Row) -> None:
        self._point(row)
        fields = [change.column.name for change in row.changes]
        own = [name for name in fields if not isinstance(row.sheet.column(name), ReferencesColumn)]
        if own:
            row.instance.save(update_fields=own)
        self._link(row)
        if isinstance(row.instance, Entity):
            # What its specialists may do follows the entity's settings at once.
            refresh_entity_groups(row.instance)

    def _link(self, row: Row) -> None:
        for column, codes in self._columns_of(row):
            if isinstance(column, ReferencesColumn):
                there = self.stored.by_code(column.target)
                getattr(row.instance, column.name).set([there[code] for code in codes])

    def _record(self, row: Row) -> None:
        """As the forms do: in the row's own history, and in the audit trail."""
        log(instance=row.instance, action="wagtail.create" if row.is_new else "wagtail.edit", user=self.by)
        changes = {one.column.name: [str(one.before)[:SHORT], str(one.after)[:SHORT]] for one in row.changes}
        audit.record(
            "configuration_changed",
            actor=self.by,
            subject=f"{row.sheet.name}:{row.instance.pk}",
            data={
                "label": str(row.instance)[:SHORT],
                "what": "added" if row.is_new else "changed",
                "file": self.name,
                "changes": changes,
            },
            client=self.client,
        )
