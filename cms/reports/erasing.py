"""Before a report is erased: proposals and their second person, legal holds, and whose time is over.

Who erases sees no report: they name one by its number, and learn of it only whether and when it ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Service
from permissions import audit
from permissions.models import User
from permissions.policy import scope_of

from . import actions
from .actors import StaffActor
from .errors import Code, DomainError
from .facts import ruled_out
from .models import Erasure, LegalHold, Report
from .reference import parse
from .texts import clean_text
from .workflow import ENDED

BATCH = 200


def _check(by: User) -> None:
    if not scope_of(by).everywhere("erase_reports"):
        raise DomainError(Code.DENIED)


def _named(reference: str) -> Report:
    if not reference.strip():
        raise DomainError(Code.REQUIRED, field="reference")
    try:
        canonical = parse(reference, settings.SAWT_REFERENCE_PREFIX)
    except DomainError as error:
        raise DomainError(error.code, field="reference") from None
    report = Report.objects.filter(reference=canonical).first()
    if report is None:
        raise DomainError(Code.NOT_FOUND, field="reference")
    return report


def waiting() -> Iterator[Erasure]:
    """The proposals that a second person has to decide on, the oldest first."""
    rows = Erasure.objects.filter(confirmed_at=None, withdrawn_at=None)
    return rows.select_related("report", "report__service", "proposed_by").order_by("pk").iterator()


def propose(
    reference: str, *, by: User, ground: str, client: str = "", at: datetime | None = None
) -> Erasure:
    """Propose to erase a report. Nothing happens to it before another person confirms it."""
    now = at or timezone.now()
    _check(by)
    if ground not in Erasure.Ground.values:
        raise DomainError(Code.REQUIRED, field="ground")
    report = _named(reference)
    refusal = ruled_out("erase", report, StaffActor(by), now)
    if report.state not in ENDED:
        refusal = DomainError(Code.WRONG_STATE, _("It has not ended yet."))
    if refusal is not None:
        raise DomainError(refusal.code, refusal.message, field="reference")
    try:
        with transaction.atomic():
            proposal = Erasure.objects.create(report=report, ground=ground, proposed_by=by, proposed_at=now)
            _audit("erasure_proposed", by, report, {"ground": ground}, client, now)
    except IntegrityError:
        raise DomainError(
            Code.INVALID, _("This waits for a second person already."), field="reference"
        ) from None
    return proposal


def confirm(proposal_id: int, *, by: User, client: str = "", at: datetime | None = None) -> Report:
    """The second person agrees, and the report is erased."""
    now = at or timezone.now()
    proposal = _waiting(proposal_id, by)
    if proposal.proposed_by_id == by.pk:
        raise DomainError(Code.SECOND_PERSON)
    with transaction.atomic():
        report: Report = actions.erase(proposal.report_id, actor=StaffActor(by), at=now)
        _audit("report_erased", by, report, {"ground": proposal.ground}, client, now)
    return report


def withdraw(proposal_id: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    """The report stays: either of the two may say so."""
    now = at or timezone.now()
    proposal = _waiting(proposal_id, by)
    with transaction.atomic():
        Erasure.objects.filter(pk=proposal.pk, confirmed_at=None).update(withdrawn_at=now)
        _audit("erasure_withdrawn", by, proposal.report, {}, client, now)


def _waiting(proposal_id: int, by: User) -> Erasure:
    _check(by)
    rows = Erasure.objects.filter(confirmed_at=None, withdrawn_at=None).select_related("report")
    proposal = rows.filter(pk=proposal_id).first()
    if proposal is None:
        raise DomainError(Code.NOT_FOUND)
    return proposal


def hold(
    reference: str, *, by: User, reason: str, until: date | None, client: str = "", at: datetime | None = None
) -> LegalHold:
    """Nothing of it is erased until this day has passed (None: until somebody lifts it)."""
    now = at or timezone.now()
    _check(by)
    why = clean_text(reason, field="reason", minimum=3, maximum=300, one_line=True)
    report = _named(reference)
    if until is not None and until < timezone.localdate(now):
        raise DomainError(Code.INVALID, _("This day has passed."), field="until")
    if report.erased_at is not None:
        raise DomainError(Code.WRONG_STATE, field="reference")
    with transaction.atomic():
        row = LegalHold.objects.create(report=report, reason=why, until=until, placed_by=by, placed_at=now)
        data = {"until": until.isoformat() if until else None}
        _audit("legal_hold_placed", by, report, data, client, now)
    return row


def lift(hold_id: int, *, by: User, client: str = "", at: datetime | None = None) -> None:
    now = at or timezone.now()
    _check(by)
    row = LegalHold.objects.filter(pk=hold_id, lifted_at=None).select_related("report").first()
    if row is None:
        raise DomainError(Code.NOT_FOUND)
    with transaction.atomic():
        LegalHold.objects.filter(pk=row.pk).update(lifted_at=now, lifted_by=by)
        _audit("legal_hold_lifted", by, row.report, {}, client, now)


def _audit(
    code: str, by: User, report: Report, data: Mapping[str, object], client: str, at: datetime
) -> None:
    audit.record(code, actor=by, subject=f"report:{report.pk}", data=dict(data), client=client, at=at)


def months_before(at: datetime, months: int) -> datetime:
    """The same moment so many months ago; of a month that is shorter its last day."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def over(at: datetime) -> Iterator[int]:
    """The ids of the reports that are kept no longer: their service's months after they ended."""
    ended = Coalesce(F("closed_at"), F("merged_at"))
    months = set(Service.objects.values_list("retention_months", flat=True))
    for kept in sorted(months):
        rows = Report.objects.filter(
            state__in=ENDED, erased_at=None, parent=None, service__retention_months=kept
        ).annotate(ended=ended)
        rows = rows.filter(ended__lte=months_before(at, kept)).exclude(
            Q(pk__in=LegalHold.in_force(at).values("report_id"))
        )
        last = 0
        while found := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            last = found[-1]
            yield from found
