"""Similar public reports before one sends; following one of them, and following it no longer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from cms.reports import following
from search.cases import id_of

from .. import access, me_too
from ..drafts import address_of, draft_of
from ..pages import private, shown
from . import stepping


@private
@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """A page of its own for who has no script; with `fragment` the list alone, which the review fetches."""
    draft = draft_of(request)
    is_fragment = "fragment" in request.GET
    if draft is None:
        return HttpResponse(status=204) if is_fragment else stepping.elsewhere(request)
    found = me_too.similar(draft, access.sender_of(request))
    if is_fragment:
        return (
            shown(request, "portal/similar_list.html", {"draft": draft, "similar": found})
            if found
            else HttpResponse(status=204)
        )
    return shown(request, "portal/similar.html", stepping.frame("review", draft, similar=found))


@private
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Who is not signed in confirms their number first, and follows then."""
    key = request.POST.get("case", "")
    public_id = id_of(key)
    if public_id is None:
        raise Http404
    sender = access.sender_of(request)
    if request.POST.get("do") == "leave":
        if sender is not None and following.leave(public_id, sender=sender):
            messages.success(request, _("You follow this report no longer, and are sent no SMS of it."))
        return redirect("portal:my_reports")
    if sender is None:
        me_too.want(request, key)
        return redirect("portal:my_reports")
    me_too.follow(request, sender, key)
    return redirect(after(request))


def after(request: HttpRequest) -> str:
    """Whoever was writing decides what becomes of it; the others see what they follow."""
    return address_of(request, "portal:similar" if draft_of(request) else "portal:my_reports")
