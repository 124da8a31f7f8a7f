"""`/api/uploads`: files for the API's mutations, in parts of 5 MB that may be sent again.

Not GraphQL, whose requests are JSON: begun with POST, each part with PUT, asked after with GET, given up with
DELETE. Errors have the codes of the mutations'.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cms.reports.errors import Code, DomainError
from cms.reports.files import intake, parts
from cms.reports.files.intake import BEARER
from cms.reports.models import Attachment, Upload
from permissions import rates

from . import cors, throttle
from .body import BadRequest, json_object
from .citizen.access import owner_of
from .context import Context
from .ids import global_id

HOUR = 3600
# A begun upload says its name and size, and no more.
MOST_BODY = 8 * 1024
STATUS: dict[Code, int] = {
    Code.NOT_FOUND: 404,
    Code.CONFLICT: 409,
    Code.FILE_TOO_LARGE: 413,
    Code.FILE_TYPE: 415,
    Code.TOO_MANY_ATTEMPTS: 429,
    Code.SIGN_IN_REQUIRED: 401,
    Code.STORAGE_UNAVAILABLE: 507,
}


def _told(upload: Upload) -> dict[str, Any]:
    count = parts.count_of(upload)
    return {
        "id": global_id("Upload", str(upload.public_id)),
        "partSize": parts.PART_BYTES,
        "parts": count,
        "missing": [number for number in range(1, count + 1) if number not in upload.received],
        "complete": False,
        "expiresAt": upload.expires_at.isoformat(),
    }


def _made(row: Attachment) -> dict[str, Any]:
    """`location`: where a photo says that it was taken. It is told here, and never kept with a report."""
    return {
        "id": global_id("Upload", str(row.public_id)),
        "missing": [],
        "complete": True,
        "name": row.name,
        "contentType": row.content_type,
        "size": row.size,
        "scan": row.scan,
        "location": {"latitude": row.latitude, "longitude": row.longitude}
        if row.latitude is not None
        else None,
        "expiresAt": row.expires_at.isoformat() if row.expires_at else None,
    }


def _raw(request: HttpRequest, most: int) -> bytes:
    """The body, read no further than it may be."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise BadRequest(413, "BODY_TOO_LARGE", _("The request is too large."))
    content: bytes = request.read(most + 1)
    if len(content) > most:
        raise BadRequest(413, "BODY_TOO_LARGE", _("The request is too large."))
    return content


def _begin(request: HttpRequest, context: Context) -> HttpResponse:
    owner = owner_of(context)
    if request.content_type != "application/json":
        raise BadRequest(415, "UNSUPPORTED_TYPE", _("Send “Content-Type: application/json” in UTF-8."))
    given = json_object(_raw(request, MOST_BODY))
    name, size = given.get("name", ""), given.get("size")
    if not isinstance(name, str):
        raise DomainError(Code.INVALID, field="name")
    if not isinstance(size, int) or isinstance(size, bool):
        raise DomainError(Code.INVALID, _("Say how many bytes the file has."), field="size")
    client = f"sender:{context.sender.pk}" if context.sender else context.client
    allowance = rates.count("upload", client, limit=settings.SAWT_UPLOADS_PER_HOUR, window=HOUR)
    context.allowances[allowance.name] = allowance
    if allowance.is_used_up:
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=allowance.seconds)
    upload = parts.begin(name.encode("utf-8", "replace").decode(), size, owner=owner)
    response = JsonResponse(_told(upload), status=201)
    response["Location"] = request.build_absolute_uri(f"/api/uploads/{upload.public_id}")
    return response


def _whose(context: Context) -> set[str]:
    return {owner_of(context), BEARER}


def _status(context: Context, public_id: uuid.UUID) -> HttpResponse:
    owners = _whose(context)
    upload = parts.find(public_id, owners)
    if upload is not None:
        return JsonResponse(_told(upload))
    return JsonResponse(_made(_complete(public_id, owners)))


def _complete(public_id: uuid.UUID, owners: set[str]) -> Attachment:
    found = Attachment.objects.filter(public_id=public_id, owner__in=owners, report=None, is_stored=True)
    row = found.first()
    if row is None:
        raise DomainError(Code.NOT_FOUND)
    return row


def _put(request: HttpRequest, context: Context, public_id: uuid.UUID, number: int) -> HttpResponse:
    owners = _whose(context)
    upload = parts.find(public_id, owners)
    if upload is None:
        # The last part, sent again by whom its answer did not reach: what it made is told once more.
        made = _complete(public_id, owners)
        _raw(request, parts.PART_BYTES)
        return JsonResponse(_made(made))
    content = _raw(request, parts.length_of(upload, number))
    upload, row = parts.put(upload, number, content)
    return JsonResponse(_made(row) if row is not None else _told(upload))


def _delete(context: Context, public_id: uuid.UUID) -> HttpResponse:
    owners = _whose(context)
    upload = parts.find(public_id, owners)
    if upload is not None:
        parts.give_up(upload)
    intake.drop(Attachment.objects.filter(public_id=public_id, owner__in=owners, report=None))
    return HttpResponse(status=204)


def _refusal(status: int, code: str, message: str, context: Context, **more: Any) -> HttpResponse:
    error = {"code": code, "message": message, "correlationId": context.correlation_id, **more}
    return JsonResponse({"errors": [error]}, status=status, json_dumps_params={"ensure_ascii": False})


def _answered(request: HttpRequest, methods: dict[str, Callable[[Context], HttpResponse]]) -> HttpResponse:
    """What every address here has in common: origins, limits, the reader's language, coded errors."""
    context = Context(request)
    if not cors.is_allowed(request):
        return _refusal(403, "ORIGIN_REFUSED", _("Pages of this origin may not call here."), context)
    if request.method == "OPTIONS":
        return cors.preflight(request, ", ".join(methods))
    allowance = throttle.count(context.client)
    context.allowances[allowance.name] = allowance
    with translation.override(context.language):
        try:
            if allowance.is_used_up:
                raise BadRequest(429, "TOO_MANY_REQUESTS", _("Too many requests. Try again later."))
            if request.method not in methods:
                raise BadRequest(405, "METHOD_NOT_ALLOWED", ", ".join(methods))
            response = methods[request.method](context)
        except BadRequest as refused:
            response = _refusal(refused.status, refused.code, refused.message, context)
        except DomainError as error:
            more: dict[str, Any] = {"field": list(error.field)} if error.field else {}
            if error.retry_after:
                more["retryAfter"] = error.retry_after
            response = _refusal(STATUS.get(error.code, 422), error.code.name, error.message, context, **more)
    rates.add_headers(response, list(context.allowances.values()))
    return response


def _finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    cors.add_headers(request, response)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@csrf_exempt
def uploads(request: HttpRequest) -> HttpResponse:
    """POST begins one. Exempt from CSRF, as no cookie authenticates here (see `Context`)."""
    return _finished(request, _answered(request, {"POST": lambda context: _begin(request, context)}))


@csrf_exempt
def upload(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    methods: dict[str, Callable[[Context], HttpResponse]] = {
        "GET": lambda context: _status(context, public_id),
        "DELETE": lambda context: _delete(context, public_id),
    }
    return _finished(request, _answered(request, methods))


@csrf_exempt
def part(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    methods = {"PUT": lambda context: _put(request, context, public_id, number)}
    return _finished(request, _answered(request, methods))


def _nothing(context: Context) -> HttpResponse:
    raise DomainError(Code.NOT_FOUND)


@csrf_exempt
def unknown(request: HttpRequest, address: str) -> HttpResponse:
    """An id that cannot be one answers as one that does not exist."""
    return _finished(request, _answered(request, dict.fromkeys(("GET", "PUT", "DELETE"), _nothing)))


urlpatterns = [
    path("uploads", uploads, name="uploads"),
    path("uploads/<uuid:public_id>", upload, name="upload"),
    path("uploads/<uuid:public_id>/parts/<int:number>", part, name="upload_part"),
    path("uploads/<path:address>", unknown, name="upload_unknown"),
]
