"""Where a report goes, and the sentence of why. Pure: everything it looks at is passed in.

A rule is (service or category) × place → entity. A service's rule beats its category's, then the deeper place
wins; no rule reads the text. Source: domain.md, 'Routing'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Entity, Place, RoutingRule, Service
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


def triage(reason_ar: str, reason_en: str) -> Routed:
    return Routed(None, None, reason_ar, reason_en)


def route(service: Service, place: Place, catalogue: Catalogue) -> Routed:
    """The entity that a report about this service in this place goes to."""
    if service.goes_to_triage:
        return triage(
            f"خدمة «{service.name_ar}» يقرر مشرف الإمارة وجهتها.",
            f"For “{service.name_en}” a supervisor of the emirate decides where it goes.",
        )
    places = [place, *reversed(catalogue.ancestors(place))]
    subjects = [
        (
            {step.pk: catalogue.service_rule(service, step) for step in places},
            service.name_ar,
            service.name_en,
        )
    ]
    category = catalogue.category(service.category_id)
    while category is not None:
        subjects.append(
            (
                {step.pk: catalogue.category_rule(category, step) for step in places},
                category.name_ar,
                category.name_en,
            )
        )
        category = catalogue.category(category.parent_id)
    for rules, subject_ar, subject_en in subjects:
        for step in places:
            rule = rules[step.pk]
            if rule is None:
                continue
            entity = catalogue.entity_by_id(rule.entity_id)
            if entity is None:
                continue
            return Routed(
                entity,
                rule,
                f"القاعدة {rule.pk}، الإصدار {rule.version}: «{subject_ar}» في {step.name_ar} "
                f"من اختصاص {entity.name_ar}.",
                f"Rule {rule.pk}, version {rule.version}: “{subject_en}” in {step.name_en} "
                f"belongs to {entity.name_en}.",
            )
    return triage(
        f"لا قاعدة توافق «{service.name_ar}» في {place.name_ar}؛ يقرر مشرف الإمارة.",
        f"No rule fits “{service.name_en}” in {place.name_en}; a supervisor decides.",
    )
