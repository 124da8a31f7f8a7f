"""Querysets whose statement is compiled once: for the most frequent reads that costs more than the database.

Only the statement's text is kept, never a row: each call asks the database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import query

Row = TypeVar("Row", bound=models.Model)


class Parameter(models.Value):
    """A value that each call brings, in the place of a value that stands in the queryset."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(name, output_field=field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.value], connection=connection)


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


class _Statement:
    """What `django.db.models.query.ModelIterable` finds out again at every call."""

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.converters = list(compiler.get_converters([each[0] for each in compiler.select]).items())
        of = compiler.klass_info
        self.model = of["model"]
        self.columns = slice(of["select_fields"][0], of["select_fields"][-1] + 1)
        self.names = [each[0].target.attname for each in compiler.select[self.columns]]
        populators: Any = query.get_related_populators
        self.related = populators(of, compiler.select, connection.alias)
        self.annotations = list(compiler.annotation_col_map.items())

    def rows(self, values: dict[str, Any]) -> list[Any]:
        params = [one.prepared(values) if isinstance(one, Parameter) else one for one in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
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
