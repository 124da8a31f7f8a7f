"""Where a report goes, and the sentence of why. Pure: everything it looks at is passed in.

A rule is (service or category) × place → entity. A service's rule beats its category's, then the deeper place
wins; no rule reads the text. Source: domain.md, 'Routing'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Category, Entity, Place, RoutingRule, Service
    from .snapshot import Catalogue


# The service for what fits no other.
OTHER = "other"


@dataclass(frozen=True)
class Routed:
    """`entity` is None where a supervisor decides. The sentences are stored with the report."""

    entity: Entity | None
    rule: RoutingRule | None
    reason_ar: str
    reason_en: str


@dataclass(frozen=True)
class Fitting:
    """A rule that fits: what it names, a place at or above the report's; `entity` None where it is closed."""

    rule: RoutingRule
    subject: Service | Category
    place: Place
    entity: Entity | None


def triage(reason_ar: str, reason_en: str) -> Routed:
    return Routed(None, None, reason_ar, reason_en)


def subjects(service: Service, catalogue: Catalogue) -> list[Service | Category]:
    """What a rule for this service may name, in the order in which they win."""
    found: list[Service | Category] = [service]
    category = catalogue.category(service.category_id)
    while category is not None:
        found.append(category)
        category = catalogue.category(category.parent_id)
    return found


def fitting(service: Service, place: Place, catalogue: Catalogue) -> Iterator[Fitting]:
    """All rules that fit, the one that wins first."""
    places = [place, *reversed(catalogue.ancestors(place))]
    for subject in subjects(service, catalogue):
        for step in places:
            rule = catalogue.rule_for(subject, step)
            if rule is not None:
                yield Fitting(rule, subject, step, catalogue.entity_by_id(rule.entity_id))


def route(service: Service, place: Place, catalogue: Catalogue) -> Routed:
    """The entity that a report about this service in this place goes to."""
    if service.goes_to_triage:
        return triage(
            f"خدمة «{service.name_ar}» يقرر مشرف الإمارة وجهتها.",
            f"For “{service.name_en}” a supervisor of the emirate decides where it goes.",
        )
    for one in fitting(service, place, catalogue):
        if one.entity is not None:
            return Routed(
                one.entity,
                one.rule,
                f"القاعدة {one.rule.pk}، الإصدار {one.rule.version}: «{one.subject.name_ar}» "
                f"في {one.place.name_ar} من اختصاص {one.entity.name_ar}.",
                f"Rule {one.rule.pk}, version {one.rule.version}: “{one.subject.name_en}” "
                f"in {one.place.name_en} belongs to {one.entity.name_en}.",
            )
    return triage(
        f"لا قاعدة توافق «{service.name_ar}» في {place.name_ar}؛ يقرر مشرف الإمارة.",
        f"No rule fits “{service.name_en}” in {place.name_en}; a supervisor decides.",
    )
