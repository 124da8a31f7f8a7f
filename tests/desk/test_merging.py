"""Merging at the desk: the form with likely primaries, the notice, the card of the group."""

import pytest
from django.urls import reverse

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests import factories

pytestmark = pytest.mark.django_db


def page(report):
    return reverse("desk:report", args=[report.public_id])


def door(report, action):
    return reverse("desk:act", args=[report.public_id, action])


def merged(report, primary, user):
    return actions.merge(report.pk, actor=StaffActor(user), version=report.version, primary=primary.reference)


def form_of(response, action):
    return next(panel["form"] for panel in response.context["panels"] if panel["spec"].action == action)


def test_likely_primaries_are_offered_and_one_is_chosen(client_of, people, report_in):
    report, twin = report_in("with_entity"), report_in("assigned")
    factories.submitted_report(service="leak", place="town", answers={})
    report_in("answered")
    client = client_of(people.coordinator)
    form = form_of(client.get(page(report)), "merge")
    assert [value for value, _label in form.fields["likely"].choices] == [twin.reference, ""]
    done = client.post(
        door(report, "merge"),
        {"version": report.version, "likely": twin.reference, "primary": "", "text": ""},
    )
    assert done.status_code == 302
    assert Report.objects.get(pk=report.pk).merged_into_id == twin.pk


def test_a_number_that_was_typed_wins_and_a_wrong_one_stays_in_the_form(client_of, people, report_in):
    report, twin, other = report_in("with_entity"), report_in("assigned"), report_in("assigned")
    client = client_of(people.coordinator)
    given = {"version": report.version, "likely": twin.reference, "text": "الواقعة نفسها"}
    wrong = client.post(door(report, "merge"), {**given, "primary": "QS-26-0000000-0"})
    assert wrong.status_code == 422
    assert 'value="QS-26-0000000-0"' in wrong.content.decode()
    assert "الواقعة نفسها" in wrong.content.decode()
    assert Report.objects.get(pk=report.pk).state == "with_entity"
    client.post(door(report, "merge"), {**given, "primary": f" {other.reference.lower()} "})
    assert Report.objects.get(pk=report.pk).merged_into_id == other.pk


def test_the_reason_is_marked_as_the_staffs(client_of, people, report_in):
    report, twin = report_in("with_entity"), report_in("assigned")
    client = client_of(people.coordinator)
    given = {"version": report.version, "primary": twin.reference, "text": "الواقعة نفسها"}
    client.post(door(report, "merge"), given)
    body = client.get(page(report)).content.decode()
    line = body[body.index('<b class="grow">دُمج') :]
    assert "(السبب للموظفين)" in line[: line.index("</li>")]
    assert "«الواقعة نفسها»" in line[: line.index("</li>")]


def test_neither_chosen_nor_typed_is_asked_for(client_of, people, report_in):
    report, _twin = report_in("with_entity"), report_in("assigned")
    response = client_of(people.coordinator).post(
        door(report, "merge"), {"version": report.version, "likely": "", "primary": ""}
    )
    assert response.status_code == 422
    assert "اختر بلاغًا أو اكتب رقمه." in response.content.decode()


def test_the_pages_of_both_lead_to_each_other(client_of, people, report_in):
    member, primary = report_in("with_entity"), report_in("assigned")
    merged(member, primary, people.coordinator)
    actions.add_information(member.pk, actor=factories.as_sender(member), text="وعندنا عمود ثانٍ مطفأ.")
    client = client_of(people.coordinator)
    notice = client.get(page(member)).content.decode()
    assert f'href="{page(primary)}"' in notice
    card = client.get(page(primary)).content.decode()
    assert f'href="{page(member)}"' in card
    assert "بلاغ واحد يتبع هذا البلاغ" in card
    assert "إضافة واحدة من مقدميها" in card
    assert "وعندنا عمود ثانٍ مطفأ." in card


def test_of_a_report_one_does_not_see_nothing_is_shown(client_of, people, report):
    text = "ماء يجري في الشارع من عداد مكسور منذ أمس."
    elsewhere = factories.submitted_report(service="leak", place="town", answers={}, text=text)
    merged(report, elsewhere, people.supervisor)
    own = client_of(people.coordinator).get(page(report)).content.decode()
    assert "مدمج مع بلاغ لا تراه" in own
    assert [words for words in (elsewhere.reference, text) if words in own] == []
    actions.add_information(report.pk, actor=factories.as_sender(report), text="التسرب وصل بيتنا.")
    theirs = client_of(people.coordinator2).get(page(elsewhere)).content.decode()
    assert report.reference not in theirs
    assert report.text not in theirs
    assert "التسرب وصل بيتنا." in theirs


def test_the_merge_is_undone_by_its_form(client_of, people, report_in):
    factories.ReasonFactory(used_for="unmerge", code="merged_by_mistake", label_ar="دُمج بالخطأ")
    member, primary = report_in("with_entity"), report_in("assigned")
    member = merged(member, primary, people.coordinator)
    client = client_of(people.coordinator)
    done = client.post(
        door(member, "unmerge"), {"version": member.version, "reason": "merged_by_mistake", "text": ""}
    )
    assert done.status_code == 302
    back = client.get(page(member)).content.decode()
    assert "دُمج بالخطأ" in back
    assert Report.objects.get(pk=member.pk).state == "with_entity"
