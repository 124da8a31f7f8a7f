"""Whom a search is for: what `cms.reports.policies` would show them, as an index can be asked.

`scope_for` is asked anew for each search. The rule stays `visible_to`: an index that is behind finds too much
or too little, so what it finds is asked of the rule again (`search.hydrating`), and reports whose access has
changed and whose documents have not (`PENDING_ACCESS`) are left out by id, of hits and of counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cms.outbox.models import Effect
from cms.reports.actors import Actor, EntitySender, StaffActor, SystemActor
from permissions import policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

# An effect for each change of a report: with this kind where it may have changed who sees it.
LINE, CHANGED, PENDING_ACCESS = "search", "search_report", "search_access"
UNDONE = (Effect.State.PENDING, Effect.State.CLAIMED, Effect.State.FAILED)
# With more of them than an index should be told, the database answers.
MOST_LEFT_OUT = 1000


@dataclass(frozen=True)
class Scope:
    """Ids of entities throughout. `held` is what the policy said, for whoever can ask the rule itself.

    As staff: reports of `entities`, or of all (`everywhere`), and what is assigned to `person` at
    `assigned_at`; as a sending entity: what `sent_by` these. Of the confidential ones those of
    `confidential_at`, by whose entity it is or, for senders, who sent it; never what is about one of `kin`.
    """

    actor: Actor | None
    held: policy.Scope = policy.NOBODY
    nobody: bool = False
    everywhere: bool = False
    entities: frozenset[int] = frozenset()
    person: int | None = None
    assigned_at: frozenset[int] = frozenset()
    sent_by: frozenset[int] = frozenset()
    confidential: bool = False
    confidential_at: frozenset[int] = frozenset()
    kin: frozenset[int] = frozenset()
    # Internal notes and directives of the report's present entity; of others those written at `notes_of`.
    reads_notes: bool = False
    reads_all_notes: bool = False
    notes_of: frozenset[int] = frozenset()
    # Strangers: erased and confidential ones, and whatever is about an entity's own people, are not public.
    public: bool = False
    left_out: tuple[int, ...] = ()

    @property
    def is_behind(self) -> bool:
        """More reports changed hands than an index can be told to leave out."""
        return len(self.left_out) > MOST_LEFT_OUT


def pending_access() -> QuerySet[Effect]:
    """The changes of access that the documents do not have yet; given up or not."""
    return Effect.objects.filter(kind=PENDING_ACCESS, line=LINE, state__in=UNDONE)


def _left_out() -> tuple[int, ...]:
    payloads = pending_access().order_by().values_list("payload", flat=True)[: MOST_LEFT_OUT + 1]
    return tuple(sorted({payload["report"] for payload in payloads})) if payloads else ()


def scope_for(actor: Actor, *, at: datetime | None = None) -> Scope:
    """Two statements: what the actor holds, and what has just changed."""
    if isinstance(actor, SystemActor):
        return Scope(
            actor,
            everywhere=True,
            confidential=True,
            reads_notes=True,
            reads_all_notes=True,
            left_out=_left_out(),
        )
    if not isinstance(actor, StaffActor | EntitySender):
        # A person's own reports are found by their number or their account: no index holds who sent one.
        return Scope(actor, nobody=True)
    held = policy.scope_of(actor.user, at=at)
    common = {
        "held": held,
        "person": held.user_id,
        "confidential": held.everywhere("view_confidential"),
        "confidential_at": held.at("view_confidential"),
        "kin": held.kin,
    }
    if isinstance(actor, EntitySender):
        sent_by = held.at("submit_on_behalf")
        if held.user_id is None or not sent_by:
            return Scope(actor, held=held, nobody=True)
        return Scope(actor, sent_by=sent_by, left_out=_left_out(), **common)  # type: ignore[arg-type]
    if held.user_id is None or not (held.anywhere("view_reports") or held.at("view_assigned_reports")):
        return Scope(actor, held=held, nobody=True)
    return Scope(
        actor,
        everywhere=held.everywhere("view_reports"),
        entities=held.at("view_reports"),
        assigned_at=held.at("view_assigned_reports"),
        reads_notes=True,
        reads_all_notes=held.everywhere("view_reports"),
        # Each of them is for the entity (`workflow`), and so for whoever sees any of its reports.
        notes_of=held.at("view_reports") | held.at("view_assigned_reports"),
        left_out=_left_out(),
        **common,  # type: ignore[arg-type]
    )


def public_scope() -> Scope:
    """What a stranger may be told of: reports of normal privacy, about nobody's own people, not erased."""
    return Scope(None, everywhere=True, public=True, left_out=_left_out())
