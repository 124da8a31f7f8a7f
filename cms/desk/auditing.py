"""The first thing an auditor sees: what the trail holds of the last days, if the histories are signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.admin.ui.components import Component

from cms.content.dates import gregorian, local_day, umm_al_qura
from cms.reports.models import HeadSignature
from permissions.models import AuditEvent
from permissions.policy import Scope

from . import words
from .report.mentions import unread
from .viewsets.audit import who
from .viewsets.audit_words import label

SINCE = timedelta(days=7)
# Looked at first: failures, then who saw what needs a reason, then who may do more than before.
WATCHED = (
    *("sign_in_failed", "second_factor_failed", "second_factor_taken", "nobody_to_tell"),
    *("sender_revealed", "confidential_view", "confidential_file", "search_exported", "table_exported"),
    *("membership_granted", "grant_given", "grant_confirmed", "privacy_confirmed", "report_erased"),
)
# These mean that something went wrong.
ALARMING = ("sign_in_failed", "second_factor_failed", "nobody_to_tell")
SHOWN = 8
# The night signs the day before; a signature older than that was not made.
SIGNED_WITHIN = 2


class AuditorPanel(Component):
    """Counts and codes alone: who and about what stands in the trail, which decides what is told of it."""

    name = "auditor"
    order = 10
    template_name = "desk/auditor_panel.html"

    def __init__(self, request: Any, scope: Scope) -> None:
        self.request = request
        self.scope = scope

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        now = timezone.now()
        language = get_language() or "ar"
        return {
            "user": self.request.user,
            "today": gregorian(now, language),
            "hijri": umm_al_qura(now, language),
            "asof": words.clock(now),
            "since": local_day(now - SINCE).isoformat(),
            "watched": self._watched(now),
            "signed": self._signed(now),
            "mentions": unread(self.request.user, self.scope),
            "rows": [
                {"what": label(row), "who": who(row), "when": words.moment(row.at, now)}
                for row in AuditEvent.objects.select_related("actor").order_by("-pk")[:SHOWN]
            ],
        }

    @staticmethod
    def _watched(now: datetime) -> list[dict[str, Any]]:
        """From the day that the link asks for, so that the list behind it has as many."""
        first = local_day(now - SINCE)
        found = AuditEvent.objects.filter(code__in=WATCHED, at__date__gte=first).order_by()
        counts = dict(found.values_list("code").annotate(n=Count("pk")))
        return [
            {
                "code": code,
                "label": label(AuditEvent(code=code)),
                "count": counts[code],
                "tone": "alarm" if code in ALARMING else "",
            }
            for code in WATCHED
            if code in counts
        ]

    @staticmethod
    def _signed(now: datetime) -> dict[str, Any]:
        """The last signature over all histories; `late` where the night's is missing."""
        last = HeadSignature.objects.order_by("-day").first()
        if last is None:
            return {"late": True}
        return {
            "day": gregorian(last.day, get_language() or "ar"),
            "reports": last.reports,
            "events": last.events,
            "late": (local_day(now) - last.day).days > SIGNED_WITHIN,
        }
