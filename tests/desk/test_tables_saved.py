"""What a dry run showed is saved as it was shown: all of it, recorded as the forms do, or nothing."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from cms.desk.sheets.saving import save
from cms.desk.sheets.workbooks import workbooks
from cms.entities.models import (
    CatalogueVersion,
    EntityGroupObjectPermission,
    Place,
    Service,
)
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

from .tables import confirm, edited, everything, made, plan, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of, people):
    return client_of(people.admin)


def test_what_was_shown_is_saved_and_recorded_as_the_forms_do(admin, people, catalogue):
    content = edited(
        "places",
        lambda page: page.change("town", name_en="Big Town"),
        lambda page: page.add(
            code="far.below", parent="far", kind="district", name_ar="تحت", name_en="Below", precision="exact"
        ),
        lambda page: page.add(
            code="far", parent="town", kind="district", name_ar="بعيد", name_en="Far", precision="exact"
        ),
    )
    stamp = CatalogueVersion.objects.values_list("stamp", flat=True).first()
    address = upload(admin, "places", content, name="أماكن.xlsx").url
    done = confirm(admin, address)
    assert done.url == reverse("places:index")
    town = Place.objects.get(code="town")
    far = Place.objects.get(code="far")
    assert town.name_en == "Big Town"
    assert far.get_parent() == town
    assert Place.objects.get(code="far.below").get_parent() == far
    assert Place.find_problems() == ([], [], [], [], [])
    assert CatalogueVersion.objects.values_list("stamp", flat=True).first() != stamp
    event = AuditEvent.objects.get(code="configuration_changed", subject=f"place:{town.pk}")
    assert event.actor == people.admin
    assert event.data == {
        "label": str(town),
        "what": "changed",
        "file": "أماكن.xlsx",
        "changes": {"name_en": [catalogue.town.name_en, "Big Town"]},
    }
    added = AuditEvent.objects.get(code="configuration_changed", subject=f"place:{far.pk}")
    assert added.data["what"] == "added"
    assert AuditEvent.objects.get(code="table_imported").data == {
        "table": "places",
        "file": "أماكن.xlsx",
        "rows": 3,
    }
    assert sorted(ModelLogEntry.objects.values_list("action", "object_id")) == sorted(
        [
            ("wagtail.edit", str(town.pk)),
            ("wagtail.create", str(far.pk)),
            ("wagtail.create", str(Place.objects.get(code="far.below").pk)),
        ]
    )


def test_a_whole_branch_of_the_catalogue_comes_from_one_file(people, catalogue):
    content = made(
        Categories=[
            ["Code", "Parent", "Name in Arabic", "Name in English"],
            ["paths", "roads2", "ممرات", "Paths"],
            ["roads2", None, "طرق", "Roads"],
        ],
        Services=[
            ["code", "category", "kind", "name_ar", "name_en", "allows_anonymous", "retention_months"],
            ["hole", "paths", "Complaint", "حفرة", "A hole", "نعم", "٢٤"],
        ],
        **{
            "Intake questions": [
                ["service", "code", "order", "label_ar", "label_en", "type", "choices", "show_when"],
                ["hole", "deep", 2, "العمق", "How deep?", "number", None, "size = big"],
                [
                    "hole",
                    "size",
                    1,
                    "الحجم",
                    "Size",
                    "choice",
                    "big | كبير | Big\nsmall | صغير | Small",
                    None,
                ],
            ]
        },
    )
    found = plan("catalogue", content)
    assert [row.faults for row in found.rows if row.faults] == []
    save(
        workbooks()["catalogue"],
        content,
        digest=found.digest(content),
        name="",
        by=people.admin,
        client="",
    )
    service = Service.objects.get(code="hole")
    assert service.category.code == "paths"
    assert service.category.parent.code == "roads2"
    assert (service.kind, service.allows_anonymous, service.retention_months) == ("complaint", True, 24)
    # What the file does not have is as the model begins.
    assert (service.reopen_window_days, service.is_active) == (14, True)
    size, deep = service.intake_questions.order_by("order")
    assert size.choices[0] == {"code": "big", "name_ar": "كبير", "name_en": "Big"}
    assert deep.show_when == {"question": "size", "equals": "big"}


def test_an_entitys_setting_and_jurisdiction_take_effect_at_once(people, catalogue):
    assert not scope_of(people.specialist_b).has("view_reports", catalogue.north.pk)
    granted = EntityGroupObjectPermission.objects.count()
    content = edited(
        "entities",
        lambda page: page.change(
            catalogue.north.code, specialists_see_all="yes", jurisdiction="town، region"
        ),
    )
    found = plan("entities", content)
    save(
        workbooks()["entities"],
        content,
        digest=found.digest(content),
        name="",
        by=people.admin,
        client="",
    )
    assert scope_of(people.specialist_b).has("view_reports", catalogue.north.pk)
    assert EntityGroupObjectPermission.objects.count() == granted + 1
    assert set(catalogue.north.jurisdiction.values_list("code", flat=True)) == {"town", "region"}


def test_an_entity_that_works_again_is_continued_by_nobody(people, catalogue):
    gone = factories.EntityFactory(code="gone", is_active=False, continued_by=catalogue.water)
    content = edited("entities", lambda page: page.change("gone", is_active="yes"))
    found = plan("entities", content)
    save(workbooks()["entities"], content, digest=found.digest(content), name="", by=people.admin, client="")
    gone.refresh_from_db()
    assert (gone.is_active, gone.continued_by) == (True, None)


def test_rows_and_columns_that_the_file_does_not_have_are_left_alone(people, catalogue):
    before = everything()
    content = made(Places=[["Code", "Name in English"], ["town", "Big Town"]])
    found = plan("places", content)
    save(workbooks()["places"], content, digest=found.digest(content), name="", by=people.admin, client="")
    after = everything()
    town = next(row for row in before[3] if row["code"] == "town")
    town["name_en"] = "Big Town"
    assert after == before


def test_what_changed_since_the_check_is_not_overwritten(admin, catalogue):
    address = upload(admin, "places", edited("places", lambda page: page.change("town", name_en="Big"))).url
    Place.objects.filter(code="town").update(name_en="Somebody else's")
    refused = confirm(admin, address)
    assert refused.status_code == 409
    assert "تغيّر المخزَّن منذ هذا الفحص" in refused.content.decode()
    assert Place.objects.get(code="town").name_en == "Somebody else's"
    assert not AuditEvent.objects.filter(code__in=["configuration_changed", "table_imported"]).exists()
    # The new check shows what it would do now, and that can be confirmed.
    shown = [one.before for row in refused.context["found"].rows for one in row.changes]
    assert shown == ["Somebody else's"]
    assert confirm(admin, address).status_code == 302
    assert Place.objects.get(code="town").name_en == "Big"


def test_a_page_that_is_older_than_the_last_check_confirms_nothing(admin, catalogue):
    address = upload(admin, "places", edited("places", lambda page: page.change("town", name_en="Big"))).url
    old = admin.get(address).context["kept"].digest
    Place.objects.filter(code="town").update(name_en="Somebody else's")
    assert confirm(admin, address).status_code == 409
    # In another window the first page still stands.
    assert admin.post(address, {"do": "save", "digest": old}).status_code == 409
    assert admin.post(address, {"do": "save"}).status_code == 409
    assert Place.objects.get(code="town").name_en == "Somebody else's"


def test_a_row_that_the_file_leaves_alone_may_change_meanwhile(admin, catalogue):
    content = made(Places=[["Code", "Name in English"], ["town", "Big Town"]])
    address = upload(admin, "places", content).url
    Place.objects.filter(code="region").update(name_en="Somebody else's")
    assert confirm(admin, address).status_code == 302
    assert Place.objects.get(code="region").name_en == "Somebody else's"


def test_nothing_to_save_is_said_and_not_saved(admin, catalogue):
    answer = upload(admin, "places", edited("places"), follow=True)
    assert "لا شيء يتغيّر." in answer.content.decode()
    assert confirm(admin, answer.request["PATH_INFO"]).status_code == 409
    assert not AuditEvent.objects.filter(code="table_imported").exists()


def test_a_failure_in_the_middle_leaves_nothing(people, catalogue, monkeypatch):
    from cms.desk.sheets import saving

    def broken(*_given, **_more):
        raise RuntimeError("in the middle")

    content = edited("places", lambda page: page.change("town", name_en="Big"))
    found = plan("places", content)
    before = everything()
    monkeypatch.setattr(saving.audit, "record", broken)
    with pytest.raises(RuntimeError):
        save(
            workbooks()["places"], content, digest=found.digest(content), name="", by=people.admin, client=""
        )
    assert everything() == before
