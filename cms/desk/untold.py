"""Of what nobody was there to be told: a card for who can see to it that somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.admin.ui.components import Component

from cms.notifications.models import Audience
from cms.notifications.people import NOBODY_TO_TELL
from cms.notifications.titles import event_title
from cms.reports.models import Report
from permissions.models import AuditEvent
from permissions.policy import Scope

from . import words
from .access import actor_of_request

SINCE = timedelta(days=7)
SHOWN = 6


class UntoldPanel(Component):
    """A confidential report is named here to nobody who does not see it."""

    name = "untold"
    order = 15
    template_name = "desk/untold_panel.html"

    def __init__(self, request: Any, scope: Scope) -> None:
        self.request = request
        self.scope = scope

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        now = timezone.now()
        found = AuditEvent.objects.filter(code=NOBODY_TO_TELL, at__gt=now - SINCE)
        first = list(found.order_by("-pk")[:SHOWN])
        numbers = {row.pk: row.subject.removeprefix("report:") for row in first}
        ids = [int(number) for number in numbers.values() if number.isdigit()]
        seen = Report.objects.filter(pk__in=ids).visible_to(actor_of_request(self.request), self.scope)
        reports = {str(report.pk): report for report in seen}
        return {
            "count": found.count() if len(first) == SHOWN else len(first),
            "rows": [self._row(row, reports.get(numbers[row.pk]), now) for row in first],
        }

    @staticmethod
    def _row(row: AuditEvent, report: Report | None, now: Any) -> dict[str, str]:
        audience = str(row.data.get("audience", ""))
        known = dict(Audience.choices)
        return {
            "what": event_title(str(row.data.get("of", ""))),
            "whom": str(known.get(audience, "")),
            "when": words.moment(row.at, now),
            "reference": report.reference if report is not None else "",
            "url": reverse("desk:report", args=[report.public_id]) if report is not None else "",
            "hidden": gettext("A report that you do not see") if row.subject.startswith("report:") else "",
        }
