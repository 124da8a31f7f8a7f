"""Tables in and out: a dry run that names each row and saves nothing, and the saving of what it showed."""

import io

import openpyxl
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from cms.demo.tenant import load_tenant
from cms.desk.sheets import keeping
from cms.desk.sheets.refusals import Refusal, Refused
from cms.desk.sheets.saving import save
from cms.desk.sheets.workbooks import workbooks
from cms.desk.sheets.writing import written
from cms.entities.models import (
    CatalogueVersion,
    Entity,
    IntakeQuestion,
    Place,
    Service,
)
from permissions.models import AuditEvent

from .tables import confirm, edited, everything, plan, upload

pytestmark = pytest.mark.django_db

BOOKS = ("catalogue", "places", "entities")


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
