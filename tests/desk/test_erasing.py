"""The page of erasures: two administrators, no word of a report, and nobody else."""

import pytest
from django.urls import reverse

from cms.reports.models import Erasure, LegalHold, Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(people):
    return factories.person("admin", username="admin2", name_ar="مدير آخر")


@pytest.fixture
def url(db):
    return reverse("desk:erasing")


def proposing(report, **more):
    return {"do": "propose", "propose-reference": report.reference, "propose-ground": "sender", **more}


def test_one_proposes_and_another_one_erases(client_of, people, second, report_in, url):
    report = report_in("closed")
    one, two = client_of(people.admin), client_of(second)
    assert one.post(url, proposing(report)).url == url
    pk = Erasure.objects.get().pk
    page = one.get(url).content.decode()
    assert report.reference in page
    assert 'value="confirm"' not in page
    assert report.text not in page
    refused = one.post(url, {"do": "confirm", "row": pk}, follow=True)
    assert "يقترح ذلك أو يؤكده شخص آخر." in refused.content.decode()
    assert Report.objects.get(pk=report.pk).erased_at is None
    panel = two.get(reverse("wagtailadmin_home")).content.decode()
    assert "اقتراحات محو بانتظار شخص ثان" in panel
    assert 'value="confirm"' in two.get(url).content.decode()
    done = two.post(url, {"do": "confirm", "row": pk}, follow=True)
    assert "مُحي البلاغ" in done.content.decode()
    assert Report.objects.get(pk=report.pk).text == ""
    tomb = client_of(people.coordinator).get(reverse("desk:report", args=[report.public_id]))
    assert "مُحي هذا البلاغ" in tomb.content.decode()
    # It has no title and no words to be called by.
    queue = client_of(people.coordinator).get(reverse("desk:queue") + "?view=all")
    assert "بلاغ ممحو" in queue.content.decode()


def test_a_proposal_is_taken_back(client_of, people, second, report_in, url):
    report = report_in("closed")
    client_of(people.admin).post(url, proposing(report))
    client_of(second).post(url, {"do": "withdraw", "row": Erasure.objects.get().pk})
    assert Erasure.objects.get().withdrawn_at is not None
    assert Report.objects.get(pk=report.pk).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"propose-reference": ""}, "هذا الحقل مطلوب"),
        ({"propose-reference": "QS-26-0000000-0"}, "خطأ كتابي"),
        ({"propose-ground": ""}, "هذا الحقل مطلوب"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client_of, people, report_in, url, given, said):
    response = client_of(people.admin).post(url, proposing(report_in("closed"), **given))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Erasure.objects.exists()


def test_an_open_report_is_refused_at_its_number(client_of, people, report, url):
    response = client_of(people.admin).post(url, proposing(report))
    assert response.status_code == 422
    assert "لم ينته البلاغ بعد." in response.content.decode()
    assert f'value="{report.reference}"' in response.content.decode()


def test_a_hold_is_placed_shown_and_lifted(client_of, people, second, report_in, url):
    report = report_in("closed")
    given = {
        "do": "hold",
        "hold-reference": report.reference,
        "hold-reason": "قضية 1447/88",
        "hold-until": "",
    }
    client = client_of(people.admin)
    client.post(url, given)
    assert "قضية 1447/88" in client.get(url).content.decode()
    refused = client.post(url, proposing(report))
    assert "حفظ نظامي يمنع محو هذا البلاغ." in refused.content.decode()
    client_of(second).post(url, {"do": "lift", "row": LegalHold.objects.get().pk})
    assert "قضية 1447/88" not in client.get(url).content.decode()
    assert client.post(url, proposing(report)).status_code == 302


def test_each_hold_must_be_over(client_of, people, report_in, url):
    report = report_in("closed")
    given = {"do": "hold", "hold-reference": report.reference, "hold-until": ""}
    client = client_of(people.admin)
    first = client.post(url, {**given, "hold-reason": "قضية 1447/88"}, follow=True).content.decode()
    assert "محفوظ نظاميًا" not in first
    second = client.post(url, {**given, "hold-reason": "قضية 1447/99"}, follow=True).content.decode()
    assert "محفوظ نظاميًا مرتين الآن" in second
    client.post(url, {"do": "lift", "row": LegalHold.objects.earliest("pk").pk})
    assert "حفظ نظامي يمنع محو هذا البلاغ." in client.post(url, proposing(report)).content.decode()


@pytest.mark.parametrize("role", ["supervisor", "auditor", "coordinator", "specialist", "emirate", "agent"])
def test_for_everybody_else_there_is_no_such_page(client_of, people, report_in, url, role):
    report = report_in("closed")
    client = client_of(people.by_role[role])
    assert client.get(url).status_code == 404
    assert client.post(url, proposing(report)).status_code == 404
    assert not Erasure.objects.exists()
    assert url not in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("given", [{"do": "nothing"}, {"do": "confirm", "row": "x"}, {"do": "lift"}])
def test_what_names_nothing(client_of, people, url, given):
    assert client_of(people.admin).post(url, given).status_code == 404
