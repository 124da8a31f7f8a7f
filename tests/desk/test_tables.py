"""Tables in and out: a dry run that names each row and saves nothing, and the saving of what it showed."""

import io

import openpyxl
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from cms.demo.tenant import load_tenant
from cms.desk.sheets import keeping
from cms.desk.sheets.refusals import Refusal, Refused
from cms.desk.sheets.saving import save
from cms.desk.sheets.workbooks import workbooks
from cms.desk.sheets.writing import written
from cms.entities.models import (
    CatalogueVersion,
    Category,
    Entity,
    EntityGroupObjectPermission,
    IntakeQuestion,
    Place,
    Service,
)
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

from .tables import confirm, edited, made, plan, upload

pytestmark = pytest.mark.django_db

BOOKS = ("catalogue", "places", "entities")
ROWS = (Category, Service, IntakeQuestion, Place, Entity)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in ROWS]


@pytest.fixture
def admin(client_of, people):
    return client_of(people.admin)


# --- A round trip -----------------------------------------------------------------------------------------


def test_the_demonstration_comes_back_unchanged_in_both_languages(db):
    load_tenant()
    before = everything()
    for language in ("ar", "en"):
        with translation.override(language):
            for book in BOOKS:
                content, count = written(workbooks()[book])
                found = plan(book, content)
                wrong = [(row.code, row.changes, row.faults) for row in found.rows if row.outcome != "same"]
                assert wrong == []
                assert found.totals == {"bad": 0, "new": 0, "changed": 0, "same": count}
                assert count == sum(sheet.model.objects.count() for sheet in workbooks()[book].sheets)
                assert count > 20
    assert everything() == before


def test_an_export_saved_by_another_program_still_says_that_nothing_changes(catalogue):
    for book in BOOKS:
        assert {row.outcome for row in plan(book, edited(book)).rows} == {"same"}


def test_a_demonstration_is_built_again_from_its_own_export(db, people):
    load_tenant()
    content, _count = written(workbooks()["catalogue"])
    before = [
        list(model.objects.order_by("code", "pk").values_list("code", *fields))
        for model, fields in (
            (Service, ["category__code", "keywords_ar"]),
            (IntakeQuestion, ["service__code"]),
        )
    ]
    IntakeQuestion.objects.all().delete()
    Service.objects.filter(routing_rules=None, report=None).delete()
    gone = Service.objects.count() < len(before[0])
    found = plan("catalogue", content)
    assert gone
    assert found.totals["bad"] == 0, [row.faults for row in found.rows if row.faults][:3]
    saved = save(
        workbooks()["catalogue"],
        content,
        digest=found.digest(content),
        name="c.xlsx",
        by=people.admin,
        client="",
    )
    assert saved.totals["new"] == found.totals["new"] > len(before[1])
    assert [
        list(model.objects.order_by("code", "pk").values_list("code", *fields))
        for model, fields in ((Service, ["category__code", "keywords_ar"]),)
    ] == before[:1]
    assert IntakeQuestion.objects.count() == len(before[1])
    assert plan("catalogue", content).totals["same"] == sum(found.totals.values())


# --- What an export is ------------------------------------------------------------------------------------


def test_an_export_is_bilingual_frozen_and_read_from_the_right_in_arabic(catalogue):
    book = openpyxl.load_workbook(io.BytesIO(written(workbooks()["entities"])[0]))
    page = book.worksheets[0]
    assert page.title == "جهات"
    assert page["A1"].value == "الرمز\nCode"
    assert page.freeze_panes == "B2"
    assert page.sheet_view.rightToLeft
    assert page["A2"].number_format == "@"
    with translation.override("en"):
        page = openpyxl.load_workbook(io.BytesIO(written(workbooks()["entities"])[0])).worksheets[0]
    assert page.title == "Entities"
    assert page["A1"].value == "الرمز\nCode"
    assert not page.sheet_view.rightToLeft


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x.example")', "+966", "-5", "@SUM(1)", "{=1}"])
def test_no_text_becomes_a_formula(catalogue, text):
    Place.objects.filter(pk=catalogue.town.pk).update(name_en=text)
    content, _count = written(workbooks()["places"])
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cell = next(cell for row in page.iter_rows() for cell in row if cell.value == text)
    assert cell.data_type in ("s", "inlineStr")
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@"))
    assert {row.outcome for row in plan("places", content).rows} == {"same"}


def test_a_text_that_no_cell_can_hold_is_refused_and_not_cut(admin, catalogue):
    Entity.objects.filter(pk=catalogue.water.pk).update(about_en="x" * 40_000)
    with pytest.raises(Refused) as refused:
        written(workbooks()["entities"])
    assert refused.value.code is Refusal.TOO_LONG
    answer = admin.get(reverse("desk:table_export", args=["entities"]))
    assert answer.status_code == 302
    assert not AuditEvent.objects.filter(code="table_exported").exists()


def test_an_export_is_a_file_and_stands_in_the_audit_trail(admin, people):
    answer = admin.get(reverse("desk:table_export", args=["places"]))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer["Content-Disposition"].startswith('attachment; filename="places-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    event = AuditEvent.objects.get(code="table_exported")
    assert (event.actor, event.data) == (people.admin, {"table": "places", "rows": Place.objects.count()})


# --- The dry run ------------------------------------------------------------------------------------------


def test_a_dry_run_lists_every_row_and_saves_nothing(admin, catalogue):
    content = edited(
        "places",
        lambda page: page.change("town", name_en="Big Town", latitude="٢٦٫٣٥"),
        lambda page: page.add(
            code="town.east",
            parent="town",
            kind="district",
            name_ar="الشرق",
            name_en="East",
            precision="exact",
        ),
    )
    before, stamp = everything(), CatalogueVersion.objects.values_list("stamp", flat=True).first()
    answer = upload(admin, "places", content, follow=True)
    assert answer.status_code == 200
    found = answer.context["found"]
    assert found.totals == {"bad": 0, "new": 1, "changed": 1, "same": len(before[3]) - 1}
    assert len(found.rows) == len(before[3]) + 1
    changed = next(row for row in found.rows if row.outcome == "changed")
    assert [(one.label, one.before, one.after) for one in changed.changes] == [
        ("الاسم بالإنجليزية", catalogue.town.name_en, "Big Town"),
        ("خط العرض", "26.3303", "26.35"),
    ]
    assert 'value="save"' in answer.content.decode()
    assert everything() == before
    assert CatalogueVersion.objects.values_list("stamp", flat=True).first() == stamp
    assert not AuditEvent.objects.exclude(code="sign_in").exists()


def test_with_one_bad_row_nothing_can_be_saved(admin, catalogue):
    content = edited(
        "places",
        lambda page: page.change("town", name_en="Big Town"),
        lambda page: page.change("region", name_en=""),
    )
    before = everything()
    answer = upload(admin, "places", content, follow=True)
    page = answer.content.decode()
    assert 'value="save"' not in page
    assert "النص بالإنجليزية ناقص." in page
    refused = confirm(admin, answer.request["PATH_INFO"])
    assert refused.status_code == 409
    assert everything() == before


def test_the_check_is_read_in_the_language_of_who_reads_it(admin, people, catalogue):
    from wagtail.users.models import UserProfile

    answer = upload(
        admin, "places", edited("places", lambda page: page.change("town", kind="x")), follow=True
    )
    address = answer.request["PATH_INFO"]
    assert "ليست واحدة من هذه" in answer.content.decode()
    UserProfile.objects.update_or_create(user=people.admin, defaults={"preferred_language": "en"})
    page = admin.get(address).content.decode()
    assert "“x” is none of these" in page
    assert "ليست واحدة من هذه" not in page


# --- Saving -----------------------------------------------------------------------------------------------


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


# --- The file ---------------------------------------------------------------------------------------------


def test_a_file_is_its_persons_and_goes_when_it_is_saved_or_given_up(admin, client_of, people, catalogue):
    content = edited("places", lambda page: page.change("town", name_en="Big"))
    address = upload(admin, "places", content).url
    other = client_of(people.supervisor)
    for answer in (other.get(address), other.post(address, {"do": "save"})):
        assert answer.url == reverse("desk:table", args=["places"])
    assert Place.objects.get(code="town").name_en != "Big"
    # Nor is it another table's.
    assert admin.get(address.replace("/places/", "/entities/")).status_code == 302
    assert admin.post(address, {"do": "drop"}).status_code == 302
    assert cache.get(f"tables:{people.admin.pk}") is None
    assert admin.post(address, {"do": "save"}).url == reverse("desk:table", args=["places"])
    assert Place.objects.get(code="town").name_en != "Big"
    again = upload(admin, "places", content).url
    assert confirm(admin, again).status_code == 302
    assert cache.get(f"tables:{people.admin.pk}") is None
    assert admin.post(again, {"do": "save"}).url == reverse("desk:table", args=["places"])
    assert AuditEvent.objects.filter(code="table_imported").count() == 1


def test_a_kept_file_goes_by_itself(admin, people, catalogue, monkeypatch):
    monkeypatch.setattr(keeping, "SECONDS", 0)
    address = upload(admin, "places", edited("places")).url
    assert admin.get(address).url == reverse("desk:table", args=["places"])


@pytest.mark.parametrize(
    "login", ["coordinator", "specialist", "leader", "emirate", "agent", "editor", "auditor"]
)
def test_who_does_not_keep_the_catalogue_gets_nowhere(client_of, people, catalogue, login):
    content = edited("places", lambda page: page.change("town", name_en="Big"))
    kept = keeping.Kept("places", "t.xlsx", content, digest=plan("places", content).digest(content))
    person = getattr(people, login)
    keeping.keep(person, kept)
    client, before = client_of(person), everything()
    check = reverse("desk:table_check", args=["places", kept.token])
    for book in ("places", "no-such"):
        answers = [
            client.get(reverse("desk:table", args=[book])),
            client.get(reverse("desk:table_export", args=[book])),
            upload(client, book, content),
        ]
        assert {answer.status_code for answer in answers} == {302}
        assert {answer.url.split("?")[0] for answer in answers} <= {"/admin/", "/admin/login/"}
    assert client.get(check).url.split("?")[0] in ("/admin/", "/admin/login/")
    assert client.post(check, {"do": "save"}).url.split("?")[0] in ("/admin/", "/admin/login/")
    assert everything() == before
    assert not AuditEvent.objects.filter(code__startswith="table_").exists()


def test_lists_lead_to_their_tables(admin, catalogue):
    for listing, book in (("places:index", "places"), ("entities:index", "entities")):
        page = admin.get(reverse(listing)).content.decode()
        assert reverse("desk:table", args=[book]) in page
        assert reverse("desk:table_export", args=[book]) in page


def test_the_audit_trail_tells_of_tables_in_words(client_of, people, catalogue):
    admin = client_of(people.admin)
    admin.get(reverse("desk:table_export", args=["places"]))
    address = upload(admin, "places", edited("places", lambda page: page.change("town", name_en="Big"))).url
    confirm(admin, address)
    page = client_of(people.auditor).get(reverse("audit:index")).content.decode()
    assert "صدّر جدولًا" in page
    assert "استورد جدولًا" in page
    assert "table_" not in page.replace('value="table_exported"', "").replace('value="table_imported"', "")
