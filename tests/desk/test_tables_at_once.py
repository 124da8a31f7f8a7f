"""Two people confirm at once: one of them saves, the other is told; and a form in between loses nothing."""

import threading

import pytest
from django.db import connection

from cms.desk.sheets.refusals import Refusal, Refused
from cms.desk.sheets.saving import save
from cms.desk.sheets.workbooks import workbooks
from cms.entities.models import Place
from permissions.models import AuditEvent

from .tables import edited, plan

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NEW = {"parent": "town", "kind": "district", "name_ar": "حي", "name_en": "Quarter", "precision": "exact"}


def test_two_who_confirm_at_once_never_both_save(people, catalogue):
    ways = []
    for person, name in ((people.admin, "Admin's"), (people.supervisor, "Supervisor's")):
        content = edited(
            "places",
            lambda page, name=name: page.change("town", name_en=name),
            lambda page: page.add(**NEW, code="town.east"),
        )
        ways.append((person, content, plan("places", content).digest(content)))
    results: list[str] = []
    together = threading.Barrier(2)

    def confirm(person, content, digest):
        together.wait()
        try:
            save(workbooks()["places"], content, digest=digest, name="", by=person, client="")
            results.append("saved")
        except Refused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == sorted(["saved", Refusal.CHANGED_SINCE])
    assert Place.objects.filter(code="town.east").count() == 1
    assert Place.find_problems() == ([], [], [], [], [])
    imported = AuditEvent.objects.get(code="table_imported")
    assert Place.objects.get(code="town").name_en == f"{imported.actor.username.title()}'s"
