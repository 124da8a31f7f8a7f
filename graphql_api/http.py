"""GraphQL over HTTP: POST of JSON, GET for queries, both media types of the specification.

With `application/graphql-response+json` the status tells what happened; with plain `application/json` a
well-formed request is answered with 200, errors of the document included. A limit refuses with 400 in both,
and 503 is a database that is away.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from cms.content.views import TRY_AGAIN_SECONDS
from permissions import rates

from . import body, cors, throttle
from .body import BadRequest, GraphQLRequest
from .context import Context
from .documents import Refused
from .masking import UNAVAILABLE

logger = logging.getLogger("graphql_api")

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _sign, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def media_type(accept: str) -> str | None:
    """The answer's media type: the better of the two that `Accept` names; JSON for `*/*` and for nothing."""
    if not accept.strip():
        return JSON
    best: tuple[float, str] | None = None
    for part in accept[:1000].split(","):
        name, *parameters = part.split(";")
        asked = name.strip().lower()
        offered = asked if asked in (JSON, GRAPHQL) else JSON if asked in ("*/*", "application/*") else None
        quality = _quality(parameters)
        if offered and quality > 0 and (best is None or quality > best[0]):
            best = (quality, offered)
    return best[1] if best else None


def _answer(data: dict[str, Any], *, status: int = 200, content_type: str = JSON) -> HttpResponse:
    try:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # A lone surrogate that somebody sent, in the words of a validation error.
        text = json.dumps(data, separators=(",", ":")).encode()
    return HttpResponse(text, status=status, content_type=f"{content_type}; charset=utf-8")


def _refusal(refused: BadRequest, content_type: str) -> HttpResponse:
    error = {"message": refused.message, "extensions": {"code": refused.code}}
    return _answer({"errors": [error]}, status=refused.status, content_type=content_type)


def _read(request: HttpRequest) -> GraphQLRequest:
    if request.method == "GET":
        return body.from_get(request)
    if request.method == "POST":
        return body.from_post(request)
    raise BadRequest(405, "METHOD_NOT_ALLOWED", _("Send POST, or GET for queries."))


def _execute(request: HttpRequest, asked: GraphQLRequest, context: Context) -> ExecutionResult:
    from .schema import schema

    allowed = {OperationType.QUERY}
    if request.method == "POST":
        allowed.add(OperationType.MUTATION)
    try:
        return schema.execute_sync(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            allowed_operation_types=allowed,
        )
    except InvalidOperationTypeError as error:
        if error.operation_type is OperationType.SUBSCRIPTION:
            raise BadRequest(400, "BAD_REQUEST", _("There are no subscriptions here.")) from error
        raise BadRequest(405, "MUTATION_BY_GET", _("Mutations are sent by POST.")) from error
    except CannotGetOperationTypeError as error:
        raise BadRequest(400, "UNKNOWN_OPERATION", _("“operationName” names no operation here.")) from error


def _status(result: ExecutionResult, content_type: str) -> int:
    if any(isinstance(error, Refused) for error in result.errors or ()):
        return 400
    codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
    if UNAVAILABLE in codes and not any((result.data or {}).values()):
        return 503
    # No data at all: the document was not executed, or its root could not be.
    failed = result.data is None and bool(result.errors)
    if failed and content_type == GRAPHQL:
        return 500 if "INTERNAL" in codes and _never_ran(result) else 400
    return 200


def _respond(request: HttpRequest, context: Context) -> HttpResponse:
    if not cors.is_allowed(request):
        return _refusal(BadRequest(403, "ORIGIN_REFUSED", _("Pages of this origin may not call here.")), JSON)
    if request.method == "OPTIONS":
        return cors.preflight(request)
    content_type = media_type(request.META.get("HTTP_ACCEPT", ""))
    if content_type is None:
        refused = BadRequest(406, "NOT_ACCEPTABLE", _("Accept “application/json”."))
        return _refusal(refused, JSON)
    allowance = throttle.count(context.client)
    try:
        if allowance.is_used_up:
            raise BadRequest(429, "TOO_MANY_REQUESTS", _("Too many requests. Try again later."))
        result = _execute(request, _read(request), context)
        payload: dict[str, Any] = {}
        if result.errors:
            payload["errors"] = [error.formatted for error in result.errors]
        if result.data is not None or not _never_ran(result):
            payload["data"] = result.data
        response = _answer(payload, status=_status(result, content_type), content_type=content_type)
    except BadRequest as refused:
        response = _refusal(refused, content_type)
        if refused.status == 405:
            response["Allow"] = "POST" if request.method == "GET" else "GET, POST, OPTIONS"
    rates.add_headers(response, [allowance, *context.allowances.values()])
    if allowance.is_used_up:
        response["Retry-After"] = str(allowance.seconds)
    return response


def _never_ran(result: ExecutionResult) -> bool:
    """Refused before execution: the specification then wants no `data` at all."""
    return all(error.path is None for error in result.errors or ())


@csrf_exempt
def endpoint(request: HttpRequest) -> HttpResponse:
    """The one address of the API. Exempt from CSRF: no cookie authenticates here (see `Context`)."""
    context = Context(request)
    # Resolvers may answer in an input's own locale; the next request starts from its own language.
    with translation.override(translation.get_language()):
        response = _respond(request, context)
    cors.add_headers(request, response)
    if response.status_code == 503:
        response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    response["X-Correlation-Id"] = context.correlation_id
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
