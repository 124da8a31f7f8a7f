"""A request's body, read with its limits. What cannot be read is a `BadRequest` with its status."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from django.utils.translation import gettext as _

from .conf import limit

# A whole string, also one that never ends, or one bracket. Linear: nothing is tried twice.
SIGNIFICANT = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
CHARSETS = ("utf-8", "utf8")


class BadRequest(Exception):
    """Refused before GraphQL: an HTTP status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(code)


@dataclass(frozen=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any]
    operation_name: str | None


def _too_large() -> BadRequest:
    return BadRequest(413, "BODY_TOO_LARGE", _("The request is too large."))


def _raw(request: HttpRequest) -> bytes:
    """The body, read no further than the limit; a declared length over it is not read at all."""
    most = limit("body_bytes")
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise _too_large()
    raw = request.read(most + 1)
    if len(raw) > most:
        raise _too_large()
    return raw


def _parsed(text: str) -> Any:
    depth, deepest = 0, limit("json_depth")
    for match in SIGNIFICANT.finditer(text):
        sign = match[0]
        if sign in ("{", "["):
            depth += 1
            if depth > deepest:
                raise BadRequest(400, "JSON_TOO_DEEP", _("The JSON is nested too deeply."))
        elif sign in ("}", "]"):
            depth -= 1
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "BAD_JSON", _("The body is not valid JSON.")) from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def json_object(raw: bytes) -> dict[str, Any]:
    """A small JSON object, with the same refusals as a GraphQL request's."""
    try:
        data = _parsed(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequest(400, "NOT_UTF8", _("The body is not UTF-8.")) from error
    if not isinstance(data, dict):
        raise BadRequest(400, "BAD_REQUEST", _("The request has to be a JSON object."))
    return data


def _request(data: Any) -> GraphQLRequest:
    if isinstance(data, list):
        raise BadRequest(400, "BATCH_REFUSED", _("Send one operation in a request; batches are refused."))
    if not isinstance(data, dict):
        raise BadRequest(400, "BAD_REQUEST", _("The request has to be a JSON object."))
    query = data.get("query")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(400, "QUERY_MISSING", _("“query” has to hold a GraphQL document."))
    variables = data.get("variables")
    if not isinstance(variables, dict | None):
        raise BadRequest(400, "BAD_VARIABLES", _("“variables” has to be an object."))
    name = data.get("operationName")
    if not isinstance(name, str | None):
        raise BadRequest(400, "BAD_REQUEST", _("“operationName” has to be a string."))
    if not isinstance(data.get("extensions"), dict | None):
        raise BadRequest(400, "BAD_REQUEST", _("“extensions” has to be an object."))
    return GraphQLRequest(query, variables or {}, name or None)


def from_post(request: HttpRequest) -> GraphQLRequest:
    """Only application/json: what a form on a foreign page can send (text, urlencoded, multipart) is 415."""
    charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
    if request.content_type != "application/json" or charset not in CHARSETS:
        raise BadRequest(415, "UNSUPPORTED_TYPE", _("Send “Content-Type: application/json” in UTF-8."))
    try:
        text = _raw(request).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(400, "NOT_UTF8", _("The body is not UTF-8.")) from error
    return _request(_parsed(text))


def from_get(request: HttpRequest) -> GraphQLRequest:
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(400, "NOT_UTF8", _("The address is not UTF-8.")) from error
    data: dict[str, Any] = {name: request.GET.get(name) for name in ("query", "operationName")}
    for name in ("variables", "extensions"):
        if text := request.GET.get(name):
            data[name] = _parsed(text)
    return _request(data)
