"""What every operation passes through before it is validated, whatever it came in by."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension

from . import costs, documents


class CheckedDocument(SchemaExtension):
    """Parses within the limits, and keeps what it parsed (in the place of Strawberry's ParserCache)."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        document = documents.read(context.query or "")
        costs.check(document, context.schema._schema, context.variables)
        context.graphql_document = document.tree
        yield
