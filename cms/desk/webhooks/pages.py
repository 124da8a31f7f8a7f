"""One webhook: a new secret, shown once, and what was delivered, to be sent again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.gateways import webhooks
from cms.gateways.models import Webhook, WebhookDelivery
from cms.notifications.titles import event_title
from cms.notifications.webhooks import replay
from cms.reports.models import Report
from permissions import audit

from ..access import client_of, scope_of_request
from ..failing.wording import why
from ..planning import number, trail

AT_ONCE = 50
# More are sent again in several presses: each is a row of the outbox.
MOST_AGAIN = 1000
State = WebhookDelivery.State


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_page(request: HttpRequest, webhook: int) -> HttpResponse:
    if not scope_of_request(request).everywhere("manage_configuration"):
        raise Http404
    row = Webhook.objects.filter(pk=webhook).first()
    if row is None:
        raise Http404
    secret = ""
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "secret":
            secret = webhooks.new_secret(row, at=timezone.now())
            _record(request, row, "webhook_secret_made", {})
        elif do in ("one", "failed"):
            _again(request, row, do)
            return redirect("desk:webhook", row.pk)
        else:
            raise Http404
    state = request.GET.get("state", "")
    found = row.deliveries.order_by("-pk")
    if state in State.values:
        found = found.filter(state=state)
    if before := number(request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    page = list(found[: AT_ONCE + 1])
    _hide_confidential(page)
    title = gettext("Webhook: %(name)s") % {"name": row.name}
    context = {
        **trail(title, "link", (reverse("webhooks:index"), gettext("Webhooks"))),
        "webhook": row,
        "secret": secret,
        "both": row.old_secret_until is not None and row.old_secret_until > timezone.now(),
        "state": state,
        "states": State.choices,
        "rows": [(event_title(one.event), why(one.error), one) for one in page[:AT_ONCE]],
        "older": page[AT_ONCE - 1].pk if len(page) > AT_ONCE else None,
    }
    return render(request, "desk/webhooks/one.html", context)


def _hide_confidential(page: list[WebhookDelivery]) -> None:
    """Of a report that became confidential later nothing is shown, and nothing is sent again."""
    reports = Report.objects.filter(pk__in=[one.report_id for one in page]).only("privacy")
    hidden = {report.pk for report in reports if report.is_confidential}
    for one in page:
        if one.report_id in hidden:
            one.body = ""


def _record(request: Any, row: Webhook, code: str, data: dict[str, Any]) -> None:
    subject = f"webhook:{row.pk}"
    audit.record(
        code, actor=request.user, subject=subject, data={"label": row.name, **data}, client=client_of(request)
    )


def _again(request: Any, row: Webhook, do: str) -> None:
    chosen = row.deliveries.exclude(body="").order_by("pk")
    if do == "one":
        chosen = chosen.filter(pk=number(request.POST.get("delivery", "")))
    else:
        chosen = chosen.filter(state=State.FAILED)
    count = sum(replay(one, at=timezone.now()) for one in chosen[:MOST_AGAIN])
    if not count:
        messages.error(request, gettext("There was nothing left to try again."))
        return
    _record(request, row, "webhook_replayed", {"count": count})
    said = ngettext("%(n)s delivery is sent again.", "%(n)s deliveries are sent again.", count)
    messages.success(request, said % {"n": count})
