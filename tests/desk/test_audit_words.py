"""No code is left to read: what the outbox and the audit trail keep is said in words, in both languages."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone, translation

from cms.desk.failing.wording import HELD_BECAUSE, KINDS, held_because, kind_title
from cms.desk.viewsets.audit_words import FACTORS, KEYS, LABELS, SUBJECTS, label
from cms.desk.viewsets.message_rules import BESIDE
from cms.gateways.sms import BUSY, RESTING
from cms.notifications.crowding import CROWDED
from cms.notifications.hours import HELD, QUIET
from cms.notifications.models import Rule, SmsTemplate
from cms.notifications.spreading import STEPS
from cms.notifications.titles import event_title
from cms.outbox.handlers import kinds
from cms.outbox.models import Effect
from permissions import audit
from permissions.models import AuditEvent
from search.indexing import DOWN
from search.scope import CHANGED, PENDING_ACCESS
from tests import factories

pytestmark = pytest.mark.django_db

KEPT = (
    *("contact_failed", "totp", "webauthn", "recovery_codes", "staff_sms", "at_once", "entity_leader"),
    *("2026-09", "coordinator", "ladder", "kinds", "gateway:", "water"),
)
WRITERS = {"record", "record_many", "_record", "_audit", "_audit_membership"}
ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("cms", "permissions", "graphql_api", "search")


def trees() -> Iterator[ast.Module]:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield ast.parse(path.read_text())


def is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "_" in node.value


def strings(node: ast.AST) -> set[str]:
    found = {one.value for one in ast.walk(node) if is_code(one)}
    return {one for one in found if one.isidentifier()}


def written_codes() -> set[str]:
    """What our code gives to those who write the trail, by hand or by name."""
    found, names, constants = set(), set(), defaultdict(set)
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name == "audit_code" or (name == "codes" and isinstance(node.value, ast.Tuple)):
                    found |= strings(node.value)
                elif is_code(node.value) and name.isupper():
                    constants[name].add(node.value.value)
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in WRITERS:
                    owner = getattr(getattr(node.func, "value", None), "id", "")
                    if owner in ("act", "past", "super"):
                        continue
                    for given in node.args:
                        if isinstance(given, ast.Constant | ast.IfExp):
                            found |= strings(given)
                        elif isinstance(given, ast.Name) and given.id.isupper():
                            names.add(given.id)
    return found.union(*(constants[name] for name in names))


def is_arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


def in_both(words) -> None:
    """What `words()` gives is Arabic in Arabic, and another text in English."""
    with translation.override("ar"):
        arabic = words()
    with translation.override("en"):
        english = words()
    assert is_arabic(arabic), arabic
    assert not is_arabic(english), english
    assert "_" not in english


def test_every_kind_of_the_outbox_has_words():
    assert {*kinds(), CHANGED, PENDING_ACCESS} == set(KINDS)
    for kind in KINDS:
        in_both(lambda kind=kind: kind_title(kind))


def test_every_reason_to_hold_has_words():
    assert {HELD, QUIET, RESTING, BUSY, CROWDED, DOWN} == set(HELD_BECAUSE)
    for reason in HELD_BECAUSE:
        in_both(lambda reason=reason: held_because(reason))


def test_the_outbox_shows_no_kind_as_it_is_kept(client_of, people):
    now = timezone.now()
    for kind in KINDS:
        Effect.objects.create(kind=kind, key=kind, created_at=now, not_before=now)
    body = client_of(people.admin).get(reverse("pending:index")).content.decode()
    assert [kind for kind in KINDS if f">{kind}<" in body or f"{kind}\n" in body] == []
    assert body.count("رسالة إلى الموظفين") >= 1


def test_every_code_of_the_trail_has_words():
    codes = written_codes()
    # that the search finds what is written in each of the ways
    assert {"sign_in", "membership_proposed", "grant_ended", "handover_stopped", "nobody_to_tell"} <= codes
    assert {"person_changed", "table_exported", "search_exported"} <= codes
    assert codes - set(LABELS) == set()
    for code in LABELS:
        in_both(lambda code=code: label(AuditEvent(code=code)))
    for words in (*KEYS.values(), *FACTORS.values(), *SUBJECTS.values()):
        in_both(lambda words=words: str(words))
    assert set(FACTORS) == set(Authenticator.Type.values)


@pytest.mark.parametrize(
    ("code", "subject", "data", "said"),
    [
        ("sender_revealed", "", {"reason": "contact_failed", "text": "لا يرد"}, ["تعذر التواصل", "لا يرد"]),
        ("second_factor_added", "", {"kind": "totp"}, ["تطبيق المصادقة"]),
        ("second_factor_added", "", {"kind": "webauthn"}, ["مفتاح مرور"]),
        ("second_factor_taken", "", {"kinds": ["recovery_codes", "totp"]}, ["رموز الاسترداد"]),
        ("messages_retried", "", {"kind": "staff_sms", "count": 2}, ["رسالة إلى الموظفين"]),
        ("ladder_changed", "ladder:1", {"steps": ["150:coordinator:sms:at_once"]}, ["منسق الجهة", "سلم"]),
        ("nobody_to_tell", "", {"of": "deadline_due", "audience": "entity_leader"}, ["قيادي الجهة"]),
        ("postponement_planned", "", {"first": "2026-09-23", "last": "2026-09-24"}, ["سبتمبر"]),
        (
            "handover_planned",
            "handover:1",
            {"label": "north", "kind": "close", "target": "water"},
            ["المياه"],
        ),
        ("membership_revoked", "membership:1", {"label": "أحمد · coordinator · water"}, ["منسق"]),
        ("search_exported", "", {"rows": 3, "format": "csv", "query": "q=x"}, ["الصيغة"]),
        ("gateway_closed", "gateway:main", {}, ["بوابة"]),
    ],
)
def test_the_trail_is_read_without_codes(client_of, people, catalogue, code, subject, data, said):
    factories.ReasonFactory(used_for="reveal", code="contact_failed", label_ar="تعذر التواصل")
    audit.record(code, actor=people.admin, subject=subject, data=data)
    body = client_of(people.auditor).get(reverse("audit:index"), {"code": code}).content.decode()
    listing = body[re.search(r'<table[^>]*class="listing', body).start() :]
    shown = listing[listing.index("<tbody") : listing.index("</tbody>")]
    for words in said:
        assert words in shown
    kept = ("contact_failed", "totp", "webauthn", "recovery_codes", "staff_sms", "at_once", "entity_leader")
    assert [
        word for word in (*kept, "2026-09", "coordinator", "ladder", "kinds", "gateway:") if word in shown
    ] == []


@pytest.mark.parametrize("event", [*STEPS, *BESIDE])
def test_every_event_of_a_rule_has_words(event):
    in_both(lambda: event_title(event))


def test_the_rules_show_no_code_beside_their_words(client_of, people):
    words = {"text_ar": "قُبل", "text_en": "Accepted"}
    text, _new = SmsTemplate.objects.get_or_create(event="accept", audience="coordinator", defaults=words)
    Rule.objects.get_or_create(
        event="accept", audience="coordinator", channel="inbox", defaults={"template": text}
    )
    body = client_of(people.admin).get(reverse("message-rules:index")).content.decode()
    assert event_title("accept") in body
    assert 'dir="ltr">accept' not in body
