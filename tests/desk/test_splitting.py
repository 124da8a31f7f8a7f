"""Splitting at the desk: the rows of parts, what a wrong one says, and pages that lead to each other."""

import pytest
from django.urls import reverse

from cms.reports.models import Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reason(db):
    factories.ReasonFactory(used_for="split", code="several_subjects", label_ar="أكثر من موضوع")


def page(report):
    return reverse("desk:report", args=[report.public_id])


def door(report):
    return reverse("desk:act", args=[report.public_id, "split"])


def typed(report, *rows, **more):
    given = {"version": report.version, "reason": "several_subjects", "text": "", **more}
    for number, (title, service, entity) in enumerate(rows):
        given |= {f"part-{number}-title": title, f"part-{number}-service": service}
        if entity is not None:
            given[f"part-{number}-entity"] = entity
    return given


def form_of(response):
    return next(p["form"] for p in response.context["panels"] if p["spec"].action == "split")


def parts_of(report):
    return [(part.title, part.service.code, part.entity.code) for part in report.children.order_by("pk")]


def test_a_coordinator_writes_parts_that_stay_there(client_of, people, report):
    client = client_of(people.coordinator)
    form = form_of(client.get(page(report)))
    assert form.part_rows.entities is None
    assert form["part-0-service"].value() == "عمود إنارة مطفأ"
    # The third row is the second part: a row without words is none.
    rows = (("العمود", "عمود إنارة مطفأ", None), ("", "عمود إنارة مطفأ", None), ("التسرب", "تسرب مياه", None))
    done = client.post(door(report), typed(report, *rows))
    assert (done.status_code, done.url) == (302, page(report))
    assert parts_of(report) == [
        ("العمود", "lamp", "municipality.north"),
        ("التسرب", "leak", "municipality.north"),
    ]


def test_a_supervisor_chooses_entities_by_name(client_of, people, report):
    client = client_of(people.supervisor)
    html = client.get(page(report)).content.decode()
    assert '<datalist id="split-entities">' in html
    rows = (("العمود", "lamp", "البلدية الشمالية"), ("التسرب", "تسرب مياه", "شركة المياه"))
    client.post(door(report), typed(report, *rows))
    assert parts_of(report) == [("العمود", "lamp", "municipality.north"), ("التسرب", "leak", "water")]


def test_what_is_wrong_stands_at_its_row_and_nothing_typed_is_lost(client_of, people, report):
    client = client_of(people.supervisor)
    rows = (("العمود", "عمود إنارة مطفأ", ""), ("", "", ""), ("التسرب", "لا خدمة كهذه", "شركة المياه"))
    response = client.post(door(report), typed(report, *rows))
    assert response.status_code == 422
    form = form_of(response)
    assert list(form.errors) == ["part-2-service"]
    assert form["part-2-title"].value() == "التسرب"
    # The row lies among those that are folded away, which stand open now.
    assert form.part_rows.more_used
    rows = (("العمود", "lamp", ""), ("", "", ""), ("إساءة", "abuse", ""))
    response = client.post(door(report), typed(report, *rows))
    assert list(form_of(response).errors) == ["part-2-service"]
    assert "اجعل هذا البلاغ سريًا أولًا" in response.content.decode()
    assert report.children.count() == 0


def test_one_part_is_none(client_of, people, report):
    response = client_of(people.coordinator).post(door(report), typed(report, ("العمود", "lamp", None)))
    assert response.status_code == 422
    assert "جزأين على الأقل" in response.content.decode()


def test_a_coordinator_who_names_another_entity_all_the_same_is_not_followed(client_of, people, report):
    rows = (("العمود", "lamp", "water"), ("التسرب", "leak", "water"))
    client_of(people.coordinator).post(door(report), typed(report, *rows))
    assert {entity for _title, _service, entity in parts_of(report)} == {"municipality.north"}


def test_the_pages_lead_to_each_other(client_of, people, report):
    here, there = factories.split_report(report, people.supervisor, "municipality.north", "water")
    lead = client_of(people.coordinator)
    whole = lead.get(page(report)).content.decode()
    assert f'href="{page(here)}"' in whole
    assert "جزءان" in whole
    # Of a part at another entity one sees that it is, and where.
    assert page(there) not in whole
    assert there.title not in whole
    assert "جزء لا تراه" in whole
    assert "شركة المياه" in whole
    assert f'href="{page(report)}"' in lead.get(page(here)).content.decode()
    other = client_of(people.coordinator2).get(page(there)).content.decode()
    assert report.reference not in other
    assert "جزء من بلاغ لا تراه" in other


def test_the_history_says_how_many_and_which(client_of, people, report):
    part = factories.split_report(report, people.coordinator)[1]
    client = client_of(people.coordinator)
    whole = client.get(page(report)).content.decode()
    line = whole[whole.index('<b class="grow">قُسم') :]
    line = line[: line.index("</li>")]
    assert "جزءان" in line
    assert "أكثر من موضوع" in line
    assert "(السبب للموظفين)" in line
    assert "الجزء 2 من 2" in client.get(page(part)).content.decode()


def test_the_reply_is_not_offered_while_a_part_is_open(client_of, people, report):
    factories.split_report(report, people.coordinator)
    client = client_of(people.coordinator)
    offered = {p["spec"].action for p in client.get(page(report)).context["panels"]}
    assert {"answer", "reject"}.isdisjoint(offered)
    answer = reverse("desk:act", args=[report.public_id, "answer"])
    version = Report.objects.get(pk=report.pk).version
    refused = client.post(answer, {"version": version, "text": "رد مبكر."})
    assert refused.status_code == 422
    assert "ما زال أحد أجزائه مفتوحًا." in refused.content.decode()
    assert "رد مبكر." in refused.content.decode()
