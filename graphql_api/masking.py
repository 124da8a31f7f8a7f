"""Bugs leave as one sentence and a correlation id; what they were is in the log under that id.

A database that is away is no bug of the request: that is told as such, since sending again helps.
"""

from __future__ import annotations

import logging
from typing import Any

from django.utils.translation import gettext as _
from graphql import GraphQLError

from cms.content.views import DATABASE_AWAY, TRY_AGAIN_SECONDS
from cms.reports.errors import DomainError

from .errors import ErrorCode
from .wording import is_a_bug, is_of_variables, worded

logger = logging.getLogger("graphql_api")

UNAVAILABLE = "UNAVAILABLE"


def bug() -> str:
    return _("Something went wrong on our side. It has been recorded.")


def unavailable() -> str:
    return _("The service is not available just now. Send the same again in a minute, with the same key.")


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
    told = bug()
    extensions: dict[str, Any] = {"code": "INTERNAL", "correlationId": correlation_id}
    if isinstance(original, DATABASE_AWAY):
        told, extensions["code"] = unavailable(), UNAVAILABLE
        extensions["retryAfter"] = TRY_AGAIN_SECONDS
    return GraphQLError(told, nodes=error.nodes, path=error.path, extensions=extensions)
