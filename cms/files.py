"""The address of one file for five minutes: `/files/<signed>`, whoever follows it, as whom it was given."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from cms.reports.files import links, reading, serving
from permissions.clients import client_address


@require_safe
def signed(request: HttpRequest, token: str) -> HttpResponseBase:
    """A forged, old or withdrawn link answers as one that never was."""
    opened = links.opened(token)
    row = reading.find(opened.public_id, opened.actor) if opened is not None else None
    if opened is None or row is None:
        raise Http404
    try:
        response = serving.response(row, request, small=opened.small)
    except FileNotFoundError:
        raise Http404 from None
    if not opened.small and not response.headers.get("Content-Range", "bytes 0-").startswith("bytes 0-"):
        # A further part of what was noted when it began.
        return response
    reading.note_view(row, opened.actor, client=client_address(request)[:64])
    return response


app_name = "files"
urlpatterns = [path("<str:token>", signed, name="signed")]
