"""What a query may cost at most: one for each field, times the page size of every list above it. Linear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from .conf import limit
from .documents import Document, Refused

# Introspection reads the schema in memory; validation bounds how often its lists nest.
INTROSPECTION_LIST_SIZE = 3


class _Bill:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.known: dict[str, int] = {}
        # A variable had a say in it.
        self.varies = False
        self.list_size = limit("list_size")

    def dearest(self, document: Document) -> int:
        cost = 0
        for node in document.tree.definitions:
            if isinstance(node, OperationDefinitionNode):
                root = self.schema.get_root_type(node.operation)
                cost = max(cost, self.selection(node.selection_set, root))
        return cost

    def selection(self, selection_set: SelectionSetNode | None, parent: Any) -> int:
        total = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                total += self.field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                total += self.selection(node.selection_set, inner)
            elif isinstance(node, FragmentSpreadNode):
                total += self.fragment(node.name.value)
        return total

    def fragment(self, name: str) -> int:
        if name not in self.known:
            definition = self.fragments.get(name)
            if definition is None:
                return 0
            parent = self.schema.get_type(definition.type_condition.name.value)
            self.known[name] = self.selection(definition.selection_set, parent)
        return self.known[name]

    def field(self, node: FieldNode, parent: Any) -> int:
        name = node.name.value
        if name == "__typename":
            return 0
        if name in ("__schema", "__type"):
            inner = self.schema.get_type("__Schema" if name == "__schema" else "__Type")
            return 1 + self.selection(node.selection_set, inner)
        definition = None
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            definition = parent.fields.get(name)
        if definition is None:
            # Validation names what is unknown.
            return 1 + self.selection(node.selection_set, None)
        below = self.selection(node.selection_set, get_named_type(definition.type))
        return self.searching(node) + self.times(node, parent, definition, below)

    def searching(self, node: FieldNode) -> int:
        searches = any(argument.name.value in ("search", "query") for argument in node.arguments or ())
        return limit("search_cost") if searches else 0

    def times(self, node: FieldNode, parent: Any, definition: Any, below: int) -> int:
        """The field itself, and what stands below it for each item of its page."""
        if "first" in definition.args:
            return 1 + below * self.page_size(node)
        if is_list_type(get_nullable_type(definition.type)):
            introspection = parent.name.startswith("__")
            # What these hold is already counted by their connection's page.
            size = (
                1
                if node.name.value in ("edges", "hits")
                else INTROSPECTION_LIST_SIZE
                if introspection
                else self.list_size
            )
            return 1 + below * size
        return 1 + below

    def page_size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value != "first":
                continue
            if isinstance(argument.value, IntValueNode):
                return max(1, int(argument.value.value[:9]))
            if isinstance(argument.value, VariableNode):
                self.varies = True
                asked = self.variables.get(argument.value.name.value)
                if isinstance(asked, int):
                    return max(1, min(asked, 10**9))
        return limit("first_default")


def check(document: Document, schema: GraphQLSchema, variables: Mapping[str, Any] | None) -> int:
    """The cost of the dearest operation of the document; Refused where it is over the limit."""
    cost = document.cost
    if cost is None:
        bill = _Bill(schema, document.fragments, variables or {})
        cost = bill.dearest(document)
        document.cost = None if bill.varies else cost
    if cost > limit("cost"):
        raise Refused(
            "TOO_COSTLY",
            _("The query would cost %(cost)d; the limit is %(limit)d. Ask for fewer fields or smaller pages.")
            % {"cost": min(cost, 10**12), "limit": limit("cost")},
        )
    return cost
