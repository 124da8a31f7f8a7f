"""Querysets whose statement is compiled once: for the most frequent reads that costs more than the database.

Only the statement's text is kept, never a row: each call asks the database. PostgreSQL keeps its plan too,
where SAWT_PREPARED_STATEMENTS allows it: for these statements planning costs five times what finding does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import query, signals
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute

from permissions.statements import prepared_cursor

Row = TypeVar("Row", bound=models.Model)


class Parameter(models.Value):
    """A value that each call brings, in the place of a value that stands in the queryset."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(name, output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.value], connection=connection)


class Numbers(Parameter):
    """A list of numbers that each call brings, as one value: one statement for however many."""

    def __init__(self, name: str) -> None:
        super().__init__(name, models.JSONField())

    def prepared(self, values: dict[str, Any]) -> Any:
        numbers = list(values[self.value])
        return numbers if connection.vendor == "postgresql" else json.dumps(numbers)


class Among(models.Func):
    """Whether a column's number is one of `Numbers`."""

    arity = 2
    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="%(expressions)s))",
            arg_joiner=" IN (SELECT value FROM json_each(",
            **extra,
        )


class Compiled(Generic[Row]):
    """`build` gives a queryset of models, `Parameter`s in it; called with their values, its rows."""

    def __init__(self, build: Callable[[], models.QuerySet[Row]]) -> None:
        self._build = build
        # By the kind of database. Two threads may both make the first one: they make the same.
        self._statements: dict[str, _Statement] = {}

    def __call__(self, **values: Any) -> list[Row]:
        statement = self._statements.get(connection.vendor)
        if statement is None:
            statement = self._statements[connection.vendor] = _Statement(self._build())
        return statement.rows(values)


def _values(params: list[Any], values: dict[str, Any]) -> list[Any]:
    return [one.prepared(values) if isinstance(one, Parameter) else one for one in params]


class CompiledRow:
    """A statement of one row that was put together from compiled querysets; gives that row by `names`."""

    def __init__(self, names: list[str], sql: str, params: list[Any]) -> None:
        self.names, self.sql, self.params = names, sql, params

    def __call__(self, **values: Any) -> dict[str, Any]:
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, _values(self.params, values))
            return dict(zip(self.names, cursor.fetchone(), strict=True))


class _Plain:
    """`Model.from_db` for a model whose making nobody listens to: the values as they came, nothing called."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def from_db(self, using: str, names: list[str], row: Any) -> Any:
        instance = self.model.__new__(self.model)
        state = ModelState()
        state.db, state.adding = using, False
        vars(instance).update(zip(names, row, strict=True))
        instance._state = state
        return instance


def _constructor(model: Any) -> Any:
    """Who makes this model's instances: itself, where anything of its own would be left out."""
    names = [field.attname for field in model._meta.concrete_fields]
    attributes = [vars(parent).get(name) for name in names for parent in model.__mro__]
    plain = (
        model.__init__ is models.Model.__init__
        and model.from_db.__func__ is models.Model.from_db.__func__  # type: ignore[attr-defined]
        and not signals.pre_init.has_listeners(model)
        and not signals.post_init.has_listeners(model)
        and all(type(one) in (DeferredAttribute, ForeignKeyDeferredAttribute) for one in attributes if one)
    )
    return _Plain(model) if plain else model


class _Statement:
    """What `django.db.models.query.ModelIterable` finds out again at every call."""

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.converters = list(compiler.get_converters([each[0] for each in compiler.select]).items())
        of = compiler.klass_info
        self.model = _constructor(of["model"])
        self.columns = slice(of["select_fields"][0], of["select_fields"][-1] + 1)
        self.names = [each[0].target.attname for each in compiler.select[self.columns]]
        populators: Any = query.get_related_populators
        self.related = populators(of, compiler.select, connection.alias)
        for each in self.related:
            each.model_cls = _constructor(each.model_cls)
        self.annotations = list(compiler.annotation_col_map.items())

    def rows(self, values: dict[str, Any]) -> list[Any]:
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, _values(self.params, values))
            found = cursor.fetchall()
        return [self._instance(self._converted(row) if self.converters else row) for row in found]

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        converted = list(row)
        for position, (converters, expression) in self.converters:
            for convert in converters:
                converted[position] = convert(converted[position], expression, connection)
        return converted

    def _instance(self, row: Any) -> Any:
        instance = self.model.from_db(connection.alias, self.names, row[self.columns])
        for each in self.related:
            each.populate(row, instance)
        for name, position in self.annotations:
            setattr(instance, name, row[position])
        return instance
