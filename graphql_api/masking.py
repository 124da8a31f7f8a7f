"""Bugs leave as one sentence and a correlation id; what they were is in the log under that id."""

from __future__ import annotations

import logging

from django.utils.translation import gettext as _
from graphql import GraphQLError

from cms.reports.errors import DomainError

from .errors import ErrorCode
from .wording import is_a_bug, is_of_variables, worded

logger = logging.getLogger("graphql_api")


def _is_expected(error: GraphQLError) -> bool:
    """Errors of the request itself (syntax, validation, values), and our refusals."""
    if is_of_variables(error):
        return True
    return error.original_error is None or isinstance(error.original_error, GraphQLError)


def masked(error: GraphQLError, correlation_id: str) -> GraphQLError:
    """The error as a stranger may read it."""
    if "code" in (error.extensions or {}):
        return error
    if _is_expected(error) and not is_a_bug(error):
        return worded(error)
    original = error.original_error
    if isinstance(original, DomainError):
        return GraphQLError(
            original.message,
            nodes=error.nodes,
            path=error.path,
            extensions={
                "code": ErrorCode(original.code.value).name,
                "field": list(original.field or ()),
                "retryAfter": original.retry_after,
            },
        )
    where = ".".join(str(step) for step in error.path or ())
    logger.error("graphql bug %s at %s", correlation_id, where or "-", exc_info=original or error)
    return GraphQLError(
        _("Something went wrong on our side. It has been recorded."),
        nodes=error.nodes,
        path=error.path,
        extensions={"code": "INTERNAL", "correlationId": correlation_id},
    )
