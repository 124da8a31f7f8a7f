"""Executing an operation whose fields all answer at once, as ours do.

Most fields of an answer are leaves that read one attribute. For each the general executor builds a path and a
`GraphQLResolveInfo` and asks seven times whether something is awaited. Here a leaf that takes its object
alone is read and coerced, and nothing else; whatever is not that simple, or goes wrong, goes the general way.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, Undefined, get_nullable_type, is_leaf_type
from graphql.pyutils import Path
from graphql.type import is_non_null_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from .reading import ReadField

KEPT = "sawt-leaf"
Leaf = Callable[[Any], Any]


class NotPlain(Exception):
    """The value is not one that the type has; the general way finds the words for it."""


def _reader(field: GraphQLField) -> Leaf | None:
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(definition, ReadField):
        return definition.method
    if type(definition) is StrawberryField and definition.is_basic_field:
        return attrgetter(definition.python_name)
    return None


def _leaf(field: GraphQLField) -> Leaf | None:
    named: Any = get_nullable_type(field.type)
    read = None if field.args or not is_leaf_type(named) else _reader(field)
    if read is None:
        return None
    needed, coerce = is_non_null_type(field.type), named.coerce_output_value

    def value(source: Any) -> Any:
        given = read(source)
        if given is None and not needed:
            return None
        coerced = None if given is None or isinstance(given, Exception) else coerce(given)
        if coerced is None or coerced is Undefined:
            raise NotPlain
        return coerced

    return value


class Execution(StrawberryGraphQLCoreExecutionContext):
    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        # Strawberry always gives a manager; it has something to manage where an extension resolves fields.
        if self.middleware_manager and self.middleware_manager.middlewares:
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        results: dict[str, Any] = {}
        for name, details in grouped_field_set.items():
            field = parent_type.fields.get(details[0].node.name.value)
            if field is not None:
                try:
                    leaf = field.extensions[KEPT]
                except KeyError:
                    leaf = field.extensions[KEPT] = _leaf(field)
                if leaf is not None:
                    try:
                        results[name] = leaf(source_value)
                        continue
                    except Exception:  # noqa: S110 (the general way raises it again, and says where)
                        pass
            given = self.execute_field(
                parent_type, source_value, details, Path(path, name, parent_type.name), position_context
            )
            if given is not Undefined:
                results[name] = given
        return results
