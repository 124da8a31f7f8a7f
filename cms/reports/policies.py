"""Who may see and do what with reports. Each rule is written once, as a queryset filter or as arithmetic.

`visible_to` is the only rule of visibility: lists, one report, actions, counts and search derive from it.
Source: domain.md, 'Who may do what' and 'Confidential reports'.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.entities.memberships import absent_at
from cms.entities.models import Entity, Privacy, ReportKind, Service
from permissions.policy import NOBODY, Scope, scope_of

from .actors import Actor, EntitySender, SenderActor, StaffActor
from .workflow import TRANSITIONS, Way, ways

if TYPE_CHECKING:
    from .models import Report

# A number that was not seen for so long may have a new owner: earlier reports then need their secret.
DORMANT_AFTER = timedelta(days=180)


def staff_filter(queryset: QuerySet[Report], scope: Scope, *, few: bool = False) -> QuerySet[Report]:
    """The reports a member of staff may see: bounded by entities and own assignments, never by reports.

    `few`: the queryset names a handful by their ids, which are then what is read.
    """
    from .models import Assignment

    if scope.user_id is None:
        return queryset.none()
    if not scope.everywhere("view_reports"):
        own = scope.at("view_reports")
        assigned_at = scope.at("view_assigned_reports")
        assigned = Assignment.objects.filter(
            person_id=scope.user_id, until=None, entity_id__in=assigned_at
        ).values("report_id")
        if own and assigned_at - own and few:
            queryset = queryset.filter(Q(entity_id__in=own) | Q(pk__in=assigned))
        elif own and assigned_at - own:
            # Two id sets united, not an OR, which would lose both indexes.
            by_entity = queryset.model._default_manager.filter(entity_id__in=own).values("pk")
            queryset = queryset.filter(pk__in=by_entity.union(assigned))
        elif own:
            queryset = queryset.filter(entity_id__in=own)
        elif assigned_at:
            queryset = queryset.filter(pk__in=assigned, entity_id__in=assigned_at)
        else:
            return queryset.none()
    return _less_hidden(queryset, scope, "entity_id__in")


def _less_hidden(queryset: QuerySet[Report], scope: Scope, granted_at: str) -> QuerySet[Report]:
    """Less the confidential ones of other entities than those where one is named (`granted_at`: the look-up
    that says whose it is), and less what is about one's own entity.
    """
    if not scope.everywhere("view_confidential"):
        normal = Q(privacy=Privacy.NORMAL)
        granted = scope.at("view_confidential")
        queryset = queryset.filter(normal | Q(**{granted_at: granted}) if granted else normal)
    if scope.kin:
        queryset = queryset.filter(Q(about_entity=None) | ~Q(about_entity_id__in=scope.kin))
    return queryset


def entity_sender_filter(queryset: QuerySet[Report], scope: Scope) -> QuerySet[Report]:
    """What an entity sent, for whoever holds submit_on_behalf there: 'the sender' is all of them.

    Beside `staff_filter`, never within it: the codename widens nothing that one sees as staff.
    """
    own = scope.at("submit_on_behalf")
    if scope.user_id is None or not own:
        return queryset.none()
    # An erased one is nobody's any more.
    sent = queryset.filter(sender_entity_id__in=own, erased_at=None)
    return _less_hidden(sent, scope, "sender_entity_id__in")


def sender_filter(
    queryset: QuerySet[Report], actor: SenderActor, at: datetime | None = None
) -> QuerySet[Report]:
    """The report whose secret was shown, with its parts; those of a signed-in sender (confidential ones by
    secret alone).
    """
    mine = Q(pk__in=())
    if actor.report_id is not None:
        mine = Q(pk=actor.report_id) | Q(parent_id=actor.report_id)
    if actor.sender_id is not None:
        mine |= Q(sender_id=actor.sender_id, privacy=Privacy.NORMAL)
    # An erased one is nobody's any more.
    return queryset.filter(mine, erased_at=None)


def public_filter(queryset: QuerySet[Report]) -> QuerySet[Report]:
    """What strangers may be told of: of normal privacy, about nobody's own people, not erased."""
    return queryset.filter(privacy=Privacy.NORMAL, about_entity=None, erased_at=None)


def visible_to(
    queryset: QuerySet[Report], actor: Actor, scope: Scope | None = None, *, few: bool = False
) -> QuerySet[Report]:
    if isinstance(actor, StaffActor):
        return staff_filter(queryset, scope if scope is not None else scope_of(actor.user), few=few)
    if isinstance(actor, EntitySender):
        return entity_sender_filter(queryset, scope if scope is not None else scope_of(actor.user))
    if isinstance(actor, SenderActor):
        return sender_filter(queryset, actor)
    return queryset


def may_send_for(scope: Scope, entity: Entity) -> bool:
    """May this person submit in the entity's name? By the rule that then lets them follow it."""
    return entity.pk in scope.at("submit_on_behalf")


def may_send_confidential(scope: Scope, entity: Entity) -> bool:
    """Who sends must be able to follow it."""
    return scope.has("view_confidential", entity.pk)


def _way_open(way: Way, report: Report, scope: Scope, *, assigned: bool) -> bool:
    if way.privacy and way.privacy != report.privacy:
        return False
    if scope.has(way.codename, report.entity_id):
        return True
    if way.assigned and assigned and scope.has(way.assigned, report.entity_id):
        return True
    return bool(
        way.while_absent
        and scope.has(way.while_absent, report.entity_id)
        and responsible_is_absent(report, timezone.now())
    )


def responsible_is_absent(report: Report, at: datetime) -> bool:
    """Whether who is responsible is recorded absent from the report's entity."""
    if report.responsible_id is None or report.entity_id is None:
        return False
    return report.responsible_id in absent_at(report.entity_id, at)


def may(actor: Actor, action: str, report: Report, scope: Scope = NOBODY, *, assigned: bool = False) -> bool:
    """May this actor, who sees the report, do this with it in any state? State is another question."""
    row = TRANSITIONS[action]
    ways_of_actor = [way for way in row.ways if way.who is actor.who]
    if isinstance(actor, StaffActor):
        return any(_way_open(way, report, scope, assigned=assigned) for way in ways_of_actor)
    return bool(ways_of_actor)


def may_now(
    actor: Actor, action: str, report: Report, scope: Scope = NOBODY, *, assigned: bool = False
) -> bool:
    """May this actor do it in the report's present state, as far as the table says?"""
    open_ways = ways(action, actor.who, report.state)
    if isinstance(actor, StaffActor):
        if action == "unmerge" and open_ways and report.merged_into is not None:
            return may_merge(scope, report, report.merged_into)
        return any(_way_open(way, report, scope, assigned=assigned) for way in open_ways)
    return bool(open_ways)


def asks_for_assigned(action: str, report: Report, scope: Scope) -> bool:
    """Whether a way of this action opens to who is assigned alone, and this person could be the one."""
    return any(way.assigned and scope.has(way.assigned, report.entity_id) for way in TRANSITIONS[action].ways)


def is_assigned(user_id: int, report: Report) -> bool:
    return report.assignments.filter(person_id=user_id, until=None).exists()


def available_actions(actor: Actor, report: Report, scope: Scope | None = None) -> list[str]:
    """What this actor may do now: from the table, less what the report's own facts rule out."""
    from .facts import ruled_out

    assigned = False
    if isinstance(actor, StaffActor):
        scope = scope if scope is not None else scope_of(actor.user)
        assigned = is_assigned(actor.user.pk, report)
    now = timezone.now()
    return [
        action
        for action in TRANSITIONS
        if action != "submit"
        and may_now(actor, action, report, scope or NOBODY, assigned=assigned)
        and ruled_out(action, report, actor, now) is None
    ]


def may_view_sender(scope: Scope, report: Report) -> bool:
    return scope.has("view_sender", report.entity_id)


def may_merge(scope: Scope, report: Report, primary: Report) -> bool:
    """Reports of one entity are merged, and parted again, by who assigns there; others by who triages."""
    same = report.entity_id is not None and report.entity_id == primary.entity_id
    if same and scope.has("assign_reports", report.entity_id):
        return True
    return all(scope.has("triage_reports", one.entity_id) for one in (report, primary))


def may_split(scope: Scope, report: Report, entity: Entity) -> bool:
    """Parts stay at the entity where its own people split; who triages gives them to any."""
    if entity.pk == report.entity_id and scope.has("assign_reports", report.entity_id):
        return True
    return scope.has("triage_reports", report.entity_id)


def may_set_service(scope: Scope, report: Report, service: Service) -> bool:
    """A service of another privacy, or to or from kind thanks, is for who triages."""
    thanks = (service.kind == ReportKind.THANKS) != (report.kind == ReportKind.THANKS)
    same_sort = service.privacy == report.privacy and not thanks
    return same_sort or scope.has("triage_reports", report.entity_id)
