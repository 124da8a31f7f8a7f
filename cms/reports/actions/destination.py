"""Where a submission goes, and the sentence of why: by the rules, less what no rule may decide.

One function for what is submitted, for trying the rules, and for what a change of them would move.
"""

from __future__ import annotations

from collections.abc import Callable

from cms.entities.models import Entity, Place, Privacy, Service
from cms.entities.routing import Routed, route, triage
from cms.entities.snapshot import Catalogue

from ..confidential import has_enough_grantees
from .letters import CheckedLetter, routed_for


def destination(
    service: Service,
    place: Place,
    cat: Catalogue,
    *,
    about: Entity | None = None,
    letter: CheckedLetter | None = None,
    may_hold_confidential: Callable[[Entity], bool] = has_enough_grantees,
) -> Routed:
    """The entity or triage. Costs one query where the service is confidential, and none otherwise.

    `about`: whom it complains about; `letter`: an entity sends it. `may_hold_confidential`: for who asks
    about many and has read before where enough people are named.
    """
    routed = route(service, place, cat)
    if letter is not None:
        routed = routed_for(letter, service, routed)
    if about is not None and routed.entity is not None and cat.is_at_or_below(routed.entity, about):
        return triage(
            "البلاغ عن الجهة نفسها؛ يقرر مشرف الإمارة وجهته.",
            "It is about that very entity; a supervisor decides where it goes.",
        )
    if (
        service.privacy == Privacy.CONFIDENTIAL
        and routed.entity is not None
        and not may_hold_confidential(routed.entity)
    ):
        return triage(
            "لا يكفي عدد المخولين بالاطلاع على السري في الجهة؛ يقرر فريق الفرز السري.",
            "Too few people at the entity may see confidential reports; the confidential triage decides.",
        )
    return routed
