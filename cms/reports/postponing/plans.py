"""Planning a postponement, taking it back, confirming it, and carrying it out, report by report.

Whoever keeps calendars plans it; whoever also keeps the configuration confirms it, against what was shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Occasion
from permissions import audit
from permissions.models import User
from permissions.policy import scope_of

from .. import stepwise
from ..actions.postponing import Changed, postpone
from ..errors import Code, Conflict, DomainError
from ..models import Postponement, PostponementStep
from ..texts import clean_text
from .outlook import Moved, days_of, fingerprint, outlook

PLANS, CONFIRMS = "manage_calendars", ("manage_calendars", "manage_configuration")
AT_ONCE = 500
State, Outcome = Postponement.State, PostponementStep.Outcome


def may_confirm(by: User) -> bool:
    scope = scope_of(by)
    return all(scope.everywhere(codename) for codename in CONFIRMS)


def _check_may(by: User, *codenames: str) -> None:
    scope = scope_of(by)
    if not scope.everywhere(PLANS):
        raise DomainError(Code.NOT_FOUND)
    if not all(scope.everywhere(codename) for codename in codenames):
        raise DomainError(Code.DENIED)


def plan(occasion: Occasion, *, by: User, client: str = "", at: datetime | None = None) -> Postponement:
    """Write down what would move. Nothing does, before it is confirmed."""
    now = at or timezone.now()
    _check_may(by)
    if not occasion.is_closure:
        message = _("Only days off are applied to promises that were made.")
        raise DomainError(Code.INVALID, message, field="occasion")
    with transaction.atomic():
        made = Postponement.objects.create(
            occasion=occasion, planned_by=by, planned_at=now, **days_of(occasion)
        )
        _write_down(made)
        record(made, "postponement_planned", by, {"count": made.steps.count()}, client, now)
    return made


def _write_down(made: Postponement) -> None:
    made.steps.all().delete()
    rows = list(outlook(made.occasion))
    PostponementStep.objects.bulk_create(
        [
            PostponementStep(
                postponement=made, report_id=row.report, moves=row.moves, is_confidential=row.is_confidential
            )
            for row in rows
        ],
        batch_size=AT_ONCE,
    )
    made.shown = fingerprint(rows)
    made.save(update_fields=["shown"])


def withdraw(pk: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    now = at or timezone.now()
    _check_may(by)
    with transaction.atomic():
        made = _planned(pk)
        made.state, made.ended_at = State.WITHDRAWN, now
        made.save(update_fields=["state", "ended_at"])
        record(made, "postponement_withdrawn", by, {}, client, now)


def confirm(
    pk: int, *, by: User, reason: str, seen: str, client: str = "", at: datetime | None = None
) -> Postponement:
    """From now on a worker moves what was shown. `seen`: the preview that was read (`shown`); a `conflict`
    where promises would move otherwise than it says: it is written anew then, and read again.

    What has ended since is no obstacle: nothing is done to it.
    """
    now = at or timezone.now()
    _check_may(by, *CONFIRMS)
    why = clean_text(reason, field="reason", minimum=3, maximum=1000)
    stale = _("The promises have changed since you read them. Read them again.")
    try:
        with transaction.atomic():
            made = _planned(pk)
            if seen != made.shown:
                raise Conflict(stale)
            fresh = not _as_shown(made)
            if fresh:
                # Kept although nothing is confirmed: the next reader reads what is true now.
                _rewrite(made)
            else:
                made.reason, made.confirmed_by, made.confirmed_at = why, by, now
                made.state = State.RUNNING
                made.save()
                record(made, "postponement_confirmed", by, {"count": made.steps.count()}, client, now)
    except IntegrityError:
        message = _("These days are being applied to open promises already.")
        raise DomainError(Code.WRONG_STATE, message) from None
    if fresh:
        raise Conflict(stale)
    return made


def _rewrite(made: Postponement) -> None:
    for name, value in days_of(made.occasion).items():
        setattr(made, name, value)
    made.save()
    _write_down(made)


def _as_shown(made: Postponement) -> bool:
    """Whether all that would move now was shown, with these times."""
    if any(getattr(made, name) != value for name, value in days_of(made.occasion).items()):
        return False
    shown = dict(made.steps.values_list("report", "moves"))
    return all(_among(row, shown.get(row.report)) for row in outlook(made.occasion))


def _among(row: Moved, shown: list[dict[str, str]] | None) -> bool:
    return shown is not None and all(move in shown for move in row.moves)


def resume(pk: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    """What failed is tried again, and what waits goes on at once, whoever was at it."""
    now = at or timezone.now()
    _check_may(by, *CONFIRMS)
    with transaction.atomic():
        made = Postponement.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if made is None:
            raise DomainError(Code.NOT_FOUND)
        if not made.is_under_way:
            raise DomainError(Code.WRONG_STATE, _("This is not under way."))
        again = made.steps.filter(outcome=Outcome.FAILED).update(outcome=Outcome.WAITING, code="")
        made.state, made.lease_until, made.worker = State.RUNNING, None, ""
        made.save(update_fields=["state", "lease_until", "worker"])
        record(made, "postponement_resumed", by, {"count": again}, client, now)


def _planned(pk: int) -> Postponement:
    made = Postponement.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if made is None:
        raise DomainError(Code.NOT_FOUND)
    if made.state != State.PLANNED:
        raise DomainError(Code.WRONG_STATE, _("This was confirmed or taken back already."))
    return made


def record(
    made: Postponement, code: str, by: User | None, data: dict[str, Any], client: str, at: datetime
) -> None:
    given = {
        "label": made.occasion.code,
        "first": made.first_day.isoformat(),
        "last": made.last_day.isoformat(),
        "reason": made.reason,
    }
    subject = f"postponement:{made.pk}"
    audit.record(code, actor=by, subject=subject, data={**given, **data}, client=client, at=at)


def waiting() -> list[int]:
    return list(Postponement.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True))


def run(pk: int, *, now: stepwise.Clock = timezone.now, seconds: float = 20) -> int:
    """Go on with one for so long; how many reports were dealt with. Nothing where another worker is at it."""
    rows = Postponement.objects.select_related("occasion__place", "occasion__calendar")
    return stepwise.go_on(rows, pk, deal=_deal, finish=_finish, now=now, seconds=seconds)


def _deal(made: Postponement, step: PostponementStep, at: datetime) -> tuple[str, str]:
    try:
        postpone(step.report_id, postponement=made, moves=step.moves, at=at)
    except Changed:
        return Outcome.CHANGED, ""
    except DomainError as error:
        # It was answered, withdrawn or merged in between: nothing is promised any more.
        return Outcome.GONE, error.code.value
    return Outcome.MOVED, ""


def progress(made: Postponement) -> dict[str, int]:
    """Outcome → how many reports; confidential ones are counted by nobody."""
    rows = made.steps.filter(is_confidential=False).order_by().values_list("outcome")
    return dict(rows.annotate(n=Count("pk")).values_list("outcome", "n"))


def _finish(made: Postponement, at: datetime) -> None:
    with transaction.atomic():
        locked = Postponement.objects.select_for_update(of=("self",)).get(pk=made.pk)
        if locked.state != State.RUNNING:
            return
        failed = locked.steps.filter(outcome=Outcome.FAILED).exists()
        locked.state, locked.ended_at = (State.STOPPED, None) if failed else (State.DONE, at)
        locked.save(update_fields=["state", "ended_at"])
        code = "postponement_stopped" if failed else "postponement_done"
        record(locked, code, None, progress(locked), "", at)
