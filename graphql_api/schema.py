"""The schema: public, citizens' and staff's parts put together. One type for each audience."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from .citizen.mutations import Mutation
from .citizen.queries import CitizenQuery
from .execution import Execution
from .extensions import CheckedDocument
from .masking import masked
from .public.queries import PublicQuery
from .staff.search import StaffQuery


@strawberry.type
class Query(PublicQuery, CitizenQuery, StaffQuery):
    pass


class Schema(strawberry.Schema):
    """Strawberry's, answering nothing but what a stranger may read of an error."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Not Strawberry's way of logging each error in full: `masked` logs the bugs, under their id."""

    def execute_sync(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        result = super().execute_sync(*args, **kwargs)
        if result.errors:
            context = kwargs["context_value"]
            result.errors = [masked(error, context.correlation_id) for error in result.errors]
        return result


schema = Schema(
    query=Query,
    mutation=Mutation,
    extensions=[CheckedDocument],
    execution_context_class=Execution,
    config=StrawberryConfig(relay_max_results=100, disable_field_suggestions=True),
)
