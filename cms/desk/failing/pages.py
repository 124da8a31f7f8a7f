"""Messages that were given up: why, by which gateway, and trying them again; and which gateways rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from cms.gateways import circuits
from cms.gateways.configured import ENVIRONMENT
from cms.gateways.models import Circuit, SmsGateway
from cms.outbox import failed
from cms.outbox.models import Effect
from permissions import audit
from permissions.policy import Scope

from ..access import client_of, scope_of_request
from ..planning import number, trail
from .wording import kind_title, why

SEES, DOES = ("manage_configuration", "view_audit"), "manage_configuration"
AT_ONCE = 50


def may_see(scope: Scope) -> bool:
    return any(scope.everywhere(codename) for codename in SEES)


@require_http_methods(["GET", "HEAD", "POST"])
def failed_page(request: HttpRequest) -> HttpResponse:
    scope = scope_of_request(request)
    if not may_see(scope):
        raise Http404
    if request.method == "POST":
        if not scope.everywhere(DOES):
            raise PermissionDenied
        do = ACTIONS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        with transaction.atomic():
            do(request, timezone.now())
        return redirect("desk:failed")
    before = number(request.GET.get("before", ""))
    rows = failed.rows().order_by("-done_at", "-pk")
    if before and (last := failed.rows().filter(pk=before).first()) is not None:
        rows = rows.filter(Q(done_at__lt=last.done_at) | Q(done_at=last.done_at, pk__lt=last.pk))
    found = list(rows[: AT_ONCE + 1])
    names = names_of_gateways()
    reasons = failed.reasons()
    context = {
        **trail(gettext("Failed messages"), "warning"),
        "gateways": gateways(names),
        "total": sum(failed.by_gateway().values()),
        "again": any(each.again for each in reasons),
        "reasons": [
            (kind_title(each.kind), names.get(each.via, each.via), why(each.error), each) for each in reasons
        ],
        "rows": [
            (kind_title(row.kind), names.get(row.via, row.via), why(row.last_error), row)
            for row in found[:AT_ONCE]
        ],
        "older": found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None,
        "may_do": scope.everywhere(DOES),
    }
    return render(request, "desk/failing/index.html", context)


@dataclass(frozen=True)
class Gateway:
    """How one is doing, and how many messages were given up over it."""

    name: str
    circuit: Circuit
    failed: int
    why: SafeString | str


def names_of_gateways() -> dict[str, str]:
    names = {row.key: row.name for row in SmsGateway.objects.all()}
    return {**names, ENVIRONMENT: "SAWT_SMS_URL", "mail": gettext("Mail server"), "": gettext("None")}


def gateways(names: dict[str, str]) -> list[Gateway]:
    counts = failed.by_gateway()
    return [
        Gateway(names.get(row.key, row.key), row, counts.get(row.key, 0), why(row.last_error))
        for row in Circuit.objects.order_by("key")
    ]


def _again(request: Any, chosen: Any, at: datetime, data: dict[str, Any]) -> None:
    count = failed.try_again(chosen, at=at)
    if not count:
        messages.error(request, gettext("There was nothing left to try again."))
        return
    audit.record(
        "messages_retried",
        actor=request.user,
        data={"count": count, **data},
        client=client_of(request),
        at=at,
    )
    said = ngettext("%(n)s message is tried again.", "%(n)s messages are tried again.", count)
    messages.success(request, said % {"n": count})


def _one(request: Any, at: datetime) -> None:
    chosen = failed.rows().filter(pk=number(request.POST.get("message", "")))
    _again(request, chosen, at, {"kind": chosen.values_list("kind", flat=True).first() or ""})


def _alike(request: Any, at: datetime) -> None:
    named = {name: request.POST.get(name, "") for name in ("kind", "via", "last_error")}
    _again(request, failed.rows().filter(**named), at, {"kind": named["kind"], "reason": named["last_error"]})


def _all(request: Any, at: datetime) -> None:
    _again(request, failed.rows(), at, {})


def _ask_now(request: Any, at: datetime) -> None:
    """The gateway was mended: nothing that waits for it need wait for its rest to end."""
    key = request.POST.get("gateway", "")[:60]
    if not circuits.close(key, at):
        messages.error(request, gettext("It is not resting any more."))
        return
    waiting = Effect.objects.filter(state=Effect.State.PENDING, held_reason="gateway_rests")
    waiting.update(not_before=at)
    audit.record(
        "gateway_closed", actor=request.user, subject=f"gateway:{key}", client=client_of(request), at=at
    )
    messages.success(request, gettext("It is asked again from now on."))


ACTIONS = {"one": _one, "alike": _alike, "all": _all, "ask_now": _ask_now}
