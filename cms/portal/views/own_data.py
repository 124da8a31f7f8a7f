"""Taking one's own data away, as a file."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from permissions import rates

from .. import access, own_data
from ..pages import private, shown
from ..problems import Problems

# It reads all of somebody's reports: enough for who mislaid the file, too few to be a burden.
LIMIT, WINDOW = 5, 3600


@private
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: HttpRequest) -> HttpResponse:
    """The page with the button, and the file that the button gives."""
    sender = access.sender_of(request)
    if sender is None:
        return redirect("portal:my_reports")
    if request.method != "POST":
        return shown(request, "portal/own_data.html", {"sender": sender})
    allowance = rates.count("own-data", f"sender:{sender.pk}", limit=LIMIT, window=WINDOW)
    if allowance.is_used_up:
        problems = Problems()
        problems.add("download", _("You have taken it away several times just now. Try again in an hour."))
        response = shown(request, "portal/own_data.html", {"sender": sender}, problems)
        response.status_code = 429
        response["Retry-After"] = str(allowance.seconds)
        return response
    content = json.dumps(own_data.of(sender, at=timezone.now()), ensure_ascii=False, indent=2)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
