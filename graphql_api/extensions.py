"""What every operation passes through before it is validated, whatever it came in by."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from graphql import validate
from graphql.language import OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from . import costs, documents


class CheckedDocument(SchemaExtension):
    """Parses within the limits, and keeps what it parsed and found out about it.

    In the place of Strawberry's ParserCache and ValidationCache, which hashes the whole tree at each request.
    """

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        document = self.document = documents.read(context.query or "")
        operations = sum(isinstance(node, OperationDefinitionNode) for node in document.tree.definitions)
        # Strawberry would run the first one. (No document is set yet, so this is the name that was sent.)
        if operations > 1 and context.operation_name is None:
            raise documents.Refused(
                "OPERATION_NAME_REQUIRED",
                _("The query holds several operations; say in “operationName” which one to run."),
            )
        costs.check(document, context.schema._schema, context.variables)
        context.graphql_document = document.tree
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if self.document.errors is None:
            self.document.errors = validate(
                context.schema._schema, self.document.tree, context.validation_rules
            )
        context.pre_execution_errors = self.document.errors
        yield
