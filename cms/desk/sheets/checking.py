"""The dry run: a read file against what is stored, by the rules of the desk's forms and of the models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from cms.entities.models import Category, Entity, IntakeQuestion, Place, Service

from ..viewsets.rules import (
    Points,
    depends_on,
    faults_of_closing,
    faults_of_opening,
    faults_of_point,
    faults_of_question,
    faults_of_service,
    faults_of_weakening,
    points_of,
    warning_of_opening,
)
from .cells import text_of
from .columns import Column, ParentColumn, ReferenceColumn, ReferencesColumn
from .plans import Change, Outcome, Plan, Row
from .reading import Line, Read, Table
from .stored import Stored

# How many levels a chain of parents may have before it must be a circle.
DEEPEST = 60


def plan_of(read: Read, stored: Stored) -> Plan:
    """What saving this file would do now, in the reader's language where something is wrong."""
    pairs = [(table, _rows_of(table, stored)) for table in read.tables]
    # All keys first: a row may name another one that stands below it, or on the next sheet.
    for _table, rows in pairs:
        for row in rows:
            if row.is_new and not row.faults and len(row.key) == 1:
                stored.by_code(row.sheet.model)[row.key[0]] = row.instance
    for table, rows in pairs:
        lines = {line.number: line for line in table.lines}
        for row in rows:
            if not row.faults:
                _compare(row, table, lines[row.number], stored)
    rows = [row for _table, some in pairs for row in some]
    _check(rows, stored)
    return Plan(rows, {table.sheet.name: table.letters for table, _rows in pairs}, read.ignored)


def _rows_of(table: Table, stored: Stored) -> list[Row]:
    """A row for each line, with the stored row that has its key, or a new one."""
    sheet = table.sheet
    there = {sheet.key_of(row, stored): row for row in stored.rows(sheet.model)}
    seen: dict[tuple[str, ...], int] = {}
    rows = []
    for line in table.lines:
        key, faults = _key_of(table, line)
        instance = there.get(key)
        row = Row(sheet, line.number, key, instance or sheet.model(), instance is None, faults=faults)
        if key in seen and not faults:
            row.blame(
                sheet.keys[-1].name,
                _("Row %(number)s of this sheet has the same code.") % {"number": seen[key]},
            )
        seen.setdefault(key, line.number)
        rows.append(row)
    return rows


def _key_of(table: Table, line: Line) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    key, faults = [], []
    for column in table.sheet.keys:
        try:
            text = text_of(line[column]).strip()
            if not text:
                raise column.missing()
        except ValidationError as error:
            text = ""
            faults.append((column.name, error.messages[0]))
        key.append(text)
    return tuple(key), faults


def _compare(row: Row, table: Table, line: Line, stored: Stored) -> None:
    """What the line changes of the instance; faults where a cell cannot be read."""
    for column in row.sheet.columns:
        cell = line[column]
        if not table.has(column) or (row.is_new and cell.is_empty and _has_default(row, column)):
            # What the file does not speak of stays as it is; a new row begins as the model does.
            if row.is_new and column.required and not _has_default(row, column):
                row.blame(column.name, _("A new row needs this column, and the sheet does not have it."))
            continue
        before = "" if row.is_new else column.written(row.instance, stored)
        if column.is_text and not row.is_new and _says(cell, before):
            continue
        try:
            value = column.value(cell, stored)
        except ValidationError as error:
            for sentence in error.messages:
                row.blame(column.name, sentence)
            continue
        after = column.as_written(value)
        if row.is_new or column.differs(before, after):
            row.changes.append(Change(column, before, after, value))
    for change in row.changes:
        _set(row, change, stored)


def _says(cell: Any, before: Any) -> bool:
    """Whether the cell holds what is stored, to the letter: then nothing has to be understood of it."""
    try:
        return text_of(cell) == before
    except ValidationError:
        return False


def _has_default(row: Row, column: Column) -> bool:
    if isinstance(column, ParentColumn):
        return False
    field = row.sheet.model._meta.get_field(column.name)
    return bool(field.has_default() and (column.required or isinstance(field, models.BooleanField)))


def _set(row: Row, change: Change, stored: Stored) -> None:
    column = change.column
    if isinstance(column, (ParentColumn, ReferencesColumn)):
        row.links[column.name] = change.value
    elif isinstance(column, ReferenceColumn):
        row.links[column.name] = change.value
        setattr(row.instance, column.name, stored.by_code(column.target).get(change.value))
    else:
        setattr(row.instance, column.name, change.value)


def _check(rows: list[Row], stored: Stored) -> None:
    """The rules of each model over what the rows would be like afterwards."""
    of_model: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        of_model[row.sheet.model].append(row)
    for model, some in of_model.items():
        touched = [row for row in some if row.outcome in (Outcome.NEW, Outcome.CHANGED)]
        if any(row.sheet.is_tree for row in some):
            _check_tree(touched, stored)
        if model in RULES:
            RULES[model](touched, stored)
        for row in touched:
            _check_model(row)


def _check_model(row: Row) -> None:
    """The model's own validation. Rows it leads to are known already, and keys were compared by us."""
    relations = {field.name for field in row.sheet.model._meta.get_fields() if field.is_relation}
    try:
        row.instance.full_clean(
            # A tree's own fields are made when the node gets its place.
            exclude=relations | ({"path", "depth", "numchild"} if row.sheet.is_tree else set()),
            validate_unique=False,
            validate_constraints=False,
        )
    except ValidationError as error:
        blamed = {name for name, _sentence in row.faults}
        for name, sentences in error.message_dict.items():
            for sentence in sentences if name not in blamed else []:
                known = row.sheet.column(name) is not None
                row.blame(name if known and name != NON_FIELD_ERRORS else "", sentence)


def _check_tree(rows: list[Row], stored: Stored) -> None:
    """A new node lies below one that is there or comes with the file; a stored one stays where it is."""
    above = {row.key[0]: row.links.get("parent") or "" for row in rows if row.is_new}
    for row in rows:
        code, parent = row.key[0], row.links.get("parent")
        if parent is None:
            continue
        if _is_below(parent, code, above, row.sheet.model, stored):
            row.blame("parent", _("Nothing can lie below itself."))
        elif not row.is_new:
            kept = stored.parent_of(row.instance)
            row.blame(
                "parent",
                _("It stays below “%(parent)s”: a place in the tree cannot be changed later.")
                % {"parent": kept.code}
                if kept
                else _("It stays at the top: a place in the tree cannot be changed later."),
            )


def _is_below(code: str, other: str, above: dict[str, str], model: Any, stored: Stored) -> bool:
    """Whether `code` is `other`, or lies below it."""
    for _step in range(DEEPEST):
        if not code:
            return False
        if code == other:
            return True
        if code in above:
            code = above[code]
            continue
        node = stored.by_code(model).get(code)
        parent = stored.parent_of(node) if node is not None and node.pk else None
        code = parent.code if parent else ""
    return True


def _check_entities(rows: list[Row], stored: Stored) -> None:
    for row in rows:
        parent = stored.by_code(Entity).get(row.links.get("parent") or "")
        if row.is_new and parent is not None and not parent.is_active:
            row.blame("parent", _("This entity is closed; a new one lies below an open one."))
        if not row.is_new and row.changes_of("is_active"):
            opens = row.instance.is_active
            for name, sentence in (faults_of_opening if opens else faults_of_closing)(row.instance):
                row.blame(name, sentence)
            row.warning = warning_of_opening(row.instance) if opens else ""


def _check_categories(rows: list[Row], stored: Stored) -> None:
    """At most two levels, as all of them will be together."""
    parents = {id(one.parent) for one in stored.by_code(Category).values() if one.parent is not None}
    for row in rows:
        parent = row.instance.parent
        if parent is row.instance:
            row.blame("parent", _("Nothing can lie below itself."))
        elif parent is not None and (parent.parent is not None or id(row.instance) in parents):
            row.blame("parent", _("Categories have at most two levels."))


def _check_services(rows: list[Row], stored: Stored) -> None:
    for row in rows:
        for name, sentence in faults_of_service(vars(row.instance)):
            row.blame(name, sentence)
        before = {change.column.name: change.before for change in row.changes}
        if not row.is_new:
            for name, sentence in faults_of_weakening(before, vars(row.instance)):
                row.blame(name, sentence)


def _check_questions(rows: list[Row], stored: Stored) -> None:
    touched = {row.key[0] for row in rows}
    of_service: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in stored.rows(IntakeQuestion):
        service = stored.code_of(Service, one.service_id)
        if service in touched:
            of_service[service][one.code] = one
    for row in rows:
        of_service[row.key[0]][row.key[1]] = row.instance
    ours = {id(row.instance) for row in rows}
    for row in rows:
        others = [one for one in of_service[row.key[0]].values() if one is not row.instance]
        for name, sentence in faults_of_question(row.instance, others):
            row.blame(name, sentence)
        for other in others:
            if id(other) not in ours and depends_on(other, row.instance):
                _blame_for(row, other, of_service[row.key[0]].values())


def _blame_for(row: Row, other: Any, questions: Iterable[Any]) -> None:
    """A question that the file leaves alone, and that this row would break."""
    for name, sentence in faults_of_question(other, [one for one in questions if one is not other]):
        if name == "show_when":
            row.blame(
                "",
                _("The question “%(code)s” is shown by an answer to this one. %(why)s")
                % {"code": other.code, "why": sentence},
            )


def _check_places(rows: list[Row], stored: Stored) -> None:
    """A point is compared with all that were stored before."""
    moved = [row for row in rows if row.changes_of("latitude", "longitude")]
    points: Points = points_of(Place.objects.only("latitude", "longitude")) if moved else []
    for row in moved:
        given = row.instance.latitude, row.instance.longitude
        for name, sentence in faults_of_point(row.instance.pk, *given, points):
            row.blame(name, sentence)


RULES: dict[Any, Callable[[list[Row], Stored], None]] = {
    Category: _check_categories,
    Entity: _check_entities,
    Service: _check_services,
    IntakeQuestion: _check_questions,
    Place: _check_places,
}
