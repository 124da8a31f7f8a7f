"""What stands against a handover: coded errors in the reader's language, before anything is changed."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Handover

from ..confidential import has_enough_grantees
from ..errors import Code, DomainError
from ..models import Report

UNDER_WAY = (Handover.State.RUNNING, Handover.State.STOPPED)


def check(handover: Handover) -> None:
    """Raises DomainError at `entity` or `target`. The rows must have been read just now."""
    entity, target = handover.entity, handover.target
    if not entity.is_active:
        raise DomainError(Code.WRONG_STATE, _closed(entity), field="entity")
    if entity.kind == Entity.Kind.EMIRATE:
        message = _("The emirate's own entity stays where it is: what nobody else may have goes there.")
        raise DomainError(Code.NOT_AVAILABLE, message, field="entity")
    # One whose work is still going there is not closed, nor moved, before that has arrived.
    busy = Handover.objects.filter(Q(entity=entity) | Q(target=entity), state__in=UNDER_WAY)
    if busy.exclude(pk=handover.pk).exists():
        message = _("Another handover of this entity, or to it, is still under way.")
        raise DomainError(Code.WRONG_STATE, message, field="entity")
    if target is None:
        if not handover.is_move:
            raise DomainError(Code.REQUIRED, field="target")
    else:
        _check_target(entity, target)
    if handover.is_move:
        _check_move(entity, target)
    elif target is not None:
        _check_closing(handover, entity, target)


def _check_target(entity: Entity, target: Entity) -> None:
    if target.pk == entity.pk:
        message = _("An entity is not handed over to itself.")
        raise DomainError(Code.INVALID, message, field="target")
    if target.path.startswith(entity.path):
        message = _("This entity lies below the one that is handed over.")
        raise DomainError(Code.INVALID, message, field="target")
    if not target.is_active:
        raise DomainError(Code.WRONG_STATE, _closed(target), field="target")


def _closed(entity: Entity) -> str:
    """Which one, and where its work is now: of a plan's two only one may have been closed meanwhile."""
    heir = entity.continued_by
    if heir is None:
        return _("“%(entity)s” is closed.") % {"entity": entity.name}
    said = _("“%(entity)s” is closed: its work is that of “%(heir)s” now.")
    return said % {"entity": entity.name, "heir": heir.name}


def _check_move(entity: Entity, parent: Entity | None) -> None:
    present = entity.get_parent()
    if (present.pk if present else None) == (parent.pk if parent else None):
        raise DomainError(Code.INVALID, _("It lies there already."), field="target")
    if parent is None:
        return
    above = [parent.pk, *parent.get_ancestors().values_list("pk", flat=True)]
    held = Report.objects.open().filter(entity__path__startswith=entity.path, about_entity_id__in=above)
    if held.exists():
        message = _("Open reports there are about the new parent or who is above it: transfer them first.")
        raise DomainError(Code.ABOUT_ENTITY, message, field="target")


def _check_closing(handover: Handover, entity: Entity, target: Entity) -> None:
    if entity.get_descendants().filter(is_active=True).exists():
        message = _("Entities below it are still active: move or close those first.")
        raise DomainError(Code.WRONG_STATE, message, field="entity")
    # Asked of what the entity may receive, so that the answer tells nobody whether it has any.
    if (
        has_enough_grantees(entity)
        and not handover.confidential_to_triage
        and not has_enough_grantees(target)
    ):
        message = _(
            "Confidential reports may go to the one and not to the other, where too few people are named for "
            "them: name two there first, or send those reports to confidential triage."
        )
        raise DomainError(Code.TOO_FEW_GRANTEES, message, field="target")
