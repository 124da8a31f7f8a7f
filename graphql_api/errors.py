"""Expected failures as data: the codes are `cms.reports.errors.Code`, in GraphQL's spelling."""

from __future__ import annotations

import enum
import logging
from typing import TYPE_CHECKING

import strawberry

from cms.reports.errors import Code, DomainError, Invalid

if TYPE_CHECKING:
    from .context import Context

logger = logging.getLogger("graphql_api")

ErrorCode = enum.Enum("ErrorCode", {code.name: code.value for code in Code})  # type: ignore[misc]
strawberry.enum(ErrorCode, description="Every expected failure. New ones may be added.")


@strawberry.type(description="One expected failure of a mutation.")
class Error:
    code: ErrorCode
    message: str = strawberry.field(description="A sentence in the request's language.")
    field: list[str] | None = strawberry.field(
        default=None, description='The path of the input it concerns, such as ["answers", "since"].'
    )
    correlation_id: str | None = strawberry.field(
        default=None, description="Names this request in our log and in the X-Correlation-Id header."
    )
    retry_after: int | None = strawberry.field(
        default=None, description="Seconds to wait, where waiting helps."
    )


def told(error: DomainError, context: Context) -> list[Error]:
    """The failure as the payload's `errors`, each with its field; the log has the codes and no content."""
    singles = error.errors if isinstance(error, Invalid) else [error]
    logger.info(
        "graphql refused %s: %s",
        context.correlation_id,
        ", ".join(single.code.value for single in singles),
    )
    return [
        Error(
            code=ErrorCode(single.code.value),
            message=single.message,
            field=list(single.field) if single.field else None,
            correlation_id=context.correlation_id,
            retry_after=single.retry_after,
        )
        for single in singles
    ]
