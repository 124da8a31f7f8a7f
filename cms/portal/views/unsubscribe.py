"""The page behind the link with which one leaves a kind of mail to staff: no account is asked for."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cms.notifications import unsubscribing

from ..pages import private, shown


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing. A mail program posts by itself (RFC 8058), without a cookie: what is signed in
    the address is all that is needed, and no redirect may answer it.
    """
    offer = unsubscribing.offered(token)
    if offer is None:
        raise Http404
    if request.method == "POST":
        unsubscribing.turn_off(offer)
    response = shown(
        request,
        "portal/unsubscribe.html",
        {"about": offer.title, "may": bool(offer.kinds), "is_off": offer.is_off},
    )
    if request.method == "POST" and not offer.kinds:
        response.status_code = 409
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
