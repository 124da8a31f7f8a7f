"""The first thing a member of staff sees: what waits, what is late, each a link into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from wagtail.admin.ui.components import Component

from cms.content.dates import gregorian, umm_al_qura
from cms.entities.models import Entity
from cms.entities.snapshot import Catalogue, catalogue
from cms.notifications.inbox import unread_count
from cms.reports.lateness import late_by_entity
from cms.reports.models import Report
from permissions.policy import Scope

from . import words
from .access import actor_of_request, sender_of_request, sends_for_an_entity
from .inbox.pages import said
from .queue import paging, rows, tabs
from .queue.filters import entity_choices
from .report.mentions import unread
from .sent import listing as sent

CARDS = ("mine", "triage", "today", "late", "approve", "returned", "waiting")
# Of what one's entity sent: what it has to answer to now.
SENT_CARDS = ("reply", "answered", "late")
TONES = {"late": "alarm", "today": "amber", "reply": "amber"}
FIRST = 6


class QueuePanel(Component):
    name = "queue"
    order = 10
    template_name = "desk/home_panel.html"

    def __init__(self, request: Any, scope: Scope) -> None:
        self.request = request
        self.scope = scope

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        now = timezone.now()
        actor = actor_of_request(self.request)
        shown = tabs.tabs_for(self.scope)
        opened = tabs.opened(self.scope, now)
        default = tabs.default_tab(self.scope)
        tab = next(t for t in shown if t.code == default)
        seen = Report.objects.visible_to(actor, self.scope)
        found = tab.narrow(seen, self.scope, tabs.Times.at(now))
        first, _previous, _following = paging.page(found, size=FIRST, reader=partial(rows.read, now=now))
        known = catalogue(opened.stamp)
        present = rows.Presenter(now, known)
        language = get_language() or "ar"
        news = unread_count(self.request.user, self.scope)
        return {
            "user": self.request.user,
            "today": gregorian(now, language),
            "hijri": umm_al_qura(now, language),
            "asof": words.clock(now),
            "cards": [_card(t, opened.counts[t.code]) for t in shown if t.code in CARDS],
            "sent_cards": self._sent(now),
            "late_at": self._late_by_entity(seen, opened.counts.get("late", 0), known, now),
            "tab": tab,
            # The menu says so too, and needs a script for it.
            "news": said(news) if news else "",
            "mentions": unread(self.request.user, self.scope),
            "rows": [present(report) for report in first],
        }

    def _late_by_entity(
        self, seen: Any, late: int, known: Catalogue, now: datetime
    ) -> list[tuple[Entity, int]]:
        """Where most is late, for who sees more than one entity's reports; nothing is asked where none is."""
        if not late or not entity_choices(known, self.scope):
            return []
        counts = late_by_entity(seen, now).items()
        found = [(known.entity_ever(pk), count) for pk, count in counts]
        return [(entity, count) for entity, count in found if entity is not None][:FIRST]

    def _sent(self, now: datetime) -> list[dict[str, Any]]:
        """What came back on what one's entity sent: nobody gets a text message for an entity."""
        if not sends_for_an_entity(self.scope):
            return []
        shown = [tab for tab in sent.TABS if tab.code in SENT_CARDS]
        counts = tabs.counts(shown, sender_of_request(self.request), self.scope, now)
        return [_card(tab, counts[tab.code]) for tab in shown if counts[tab.code]]


def _card(tab: tabs.Tab, count: int) -> dict[str, Any]:
    return {
        "code": tab.code,
        "label": tab.label,
        "count": tabs.shown_count(count),
        "tone": TONES.get(tab.code, "") if count else "",
    }
