"""Every rule that speaks of a service, and why it wins or loses in a place: for who keeps the rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .routing import fitting, subjects

if TYPE_CHECKING:
    from .models import Category, Place, RoutingRule, Service
    from .snapshot import Catalogue


class Outcome(StrEnum):
    """What became of one rule; all but the first lose."""

    WINS = "wins"
    TRIAGE = "triage"
    CLOSED = "closed"
    SERVICE_FIRST = "service_first"
    LOWER_CATEGORY_FIRST = "lower_category_first"
    DEEPER_PLACE_FIRST = "deeper_place_first"
    ELSEWHERE = "elsewhere"

    @property
    def label(self) -> Promise:
        return OUTCOMES[self]


OUTCOMES: dict[Outcome, Promise] = {
    Outcome.WINS: _("It is the first that fits."),
    Outcome.TRIAGE: _("A supervisor decides on this service, whatever the rules say."),
    Outcome.CLOSED: _("Its entity is closed."),
    Outcome.SERVICE_FIRST: _("A rule for the service itself goes before one for its category."),
    Outcome.LOWER_CATEGORY_FIRST: _("A rule for the narrower category goes before this one."),
    Outcome.DEEPER_PLACE_FIRST: _("A rule for a place further down goes before this one."),
    Outcome.ELSEWHERE: _("The place lies outside of the rule's."),
}


@dataclass(frozen=True)
class Rung:
    """A rule that names the service or its category; `fits`: in a place at or above the one asked for."""

    rule: RoutingRule
    subject: Service | Category
    place: Place
    outcome: Outcome

    @property
    def wins(self) -> bool:
        return self.outcome is Outcome.WINS

    @property
    def fits(self) -> bool:
        return self.outcome is not Outcome.ELSEWHERE


def ladder(service: Service, place: Place, catalogue: Catalogue) -> list[Rung]:
    """The rules that fit in the order in which they are asked, then those that fit elsewhere alone."""
    rungs: list[Rung] = []
    winner = None
    for one in fitting(service, place, catalogue):
        if service.goes_to_triage:
            outcome = Outcome.TRIAGE
        elif one.entity is None:
            outcome = Outcome.CLOSED
        elif winner is None:
            winner, outcome = one, Outcome.WINS
        elif one.subject == winner.subject:
            outcome = Outcome.DEEPER_PLACE_FIRST
        elif winner.subject == service:
            outcome = Outcome.SERVICE_FIRST
        else:
            outcome = Outcome.LOWER_CATEGORY_FIRST
        rungs.append(Rung(one.rule, one.subject, one.place, outcome))
    found = {rung.rule.pk for rung in rungs}
    for subject in subjects(service, catalogue):
        rungs += [
            Rung(rule, subject, where, Outcome.ELSEWHERE)
            for rule, where in catalogue.rules_of(subject)
            if rule.pk not in found
        ]
    return rungs
