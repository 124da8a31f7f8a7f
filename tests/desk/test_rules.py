"""What the forms of places and services refuse, as the import of tables does."""

import pytest
from django.urls import reverse

from cms.desk.viewsets.rules import faults_of_service
from cms.entities.models import IntakeQuestion, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of, people):
    return client_of(people.admin)


def place(**more):
    given = {
        "code": "town",
        "kind": "governorate",
        "name_ar": "البلدة",
        "name_en": "Town",
        "precision": "exact",
    }
    return {**given, "latitude": "26.3303", "longitude": "43.9744", **more}


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"latitude": "43.97", "longitude": "26.33"}, "latitude", "خارج المنطقة"),
        ({"latitude": "91"}, "latitude", "خارج مداها"),
        ({"longitude": ""}, "longitude", "أو اتركهما"),
    ],
)
def test_a_place_is_not_put_where_it_cannot_be(admin, catalogue, given, field, said):
    answer = admin.post(reverse("places:edit", args=[catalogue.town.pk]), place(**given))
    assert answer.status_code == 200
    assert said in answer.context["form"].errors[field][0]
    assert list(answer.context["form"].errors) == [field]
    stored = Place.objects.get(code="town")
    assert (stored.latitude, stored.longitude) == (26.3303, 43.9744)


def test_a_place_that_lies_wrong_already_can_still_be_renamed(admin, catalogue):
    Place.objects.filter(code="town").update(latitude=1, longitude=1)
    given = place(latitude="1", longitude="1", name_en="Big Town")
    assert admin.post(reverse("places:edit", args=[catalogue.town.pk]), given).status_code == 302
    assert Place.objects.get(code="town").name_en == "Big Town"


def service(question, **more):
    given = {
        "code": "lamp",
        "category": question.service.category_id,
        "kind": "complaint",
        "name_ar": "عمود",
        "name_en": "Lamp",
        "clock_on_transfer": "continue",
        "sender_wait_days": 7,
        "reopen_window_days": 14,
        "retention_months": 60,
        "priority": "normal",
        "privacy": "normal",
        "questions-TOTAL_FORMS": 2,
        "questions-INITIAL_FORMS": 1,
        "questions-0-id": question.pk,
        "questions-0-order": 0,
        "questions-0-code": "since",
        "questions-0-label_ar": "منذ متى؟",
        "questions-0-label_en": "Since when?",
        "questions-0-type": "choice",
        "questions-0-choices": "day | يوم | A day\nweek | أسبوع | A week",
        "questions-1-order": 1,
        "questions-1-code": "how",
        "questions-1-label_ar": "كيف؟",
        "questions-1-label_en": "How?",
        "questions-1-type": "text",
        "questions-1-show_when": "since = week",
    }
    return {**given, **more}


@pytest.mark.parametrize(
    ("given", "at", "field"),
    [
        ({"questions-1-show_when": "since = year"}, 1, "show_when"),
        ({"questions-1-show_when": "when = week"}, 1, "show_when"),
        ({"questions-0-order": 5}, 1, "show_when"),
        ({"questions-0-choices": ""}, 0, "choices"),
        ({"questions-1-choices": "a | ا | A"}, 1, "choices"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(admin, catalogue, given, at, field):
    question = IntakeQuestion.objects.get(code="since")
    address = reverse("services:edit", args=[question.service_id])
    answer = admin.post(address, service(question, **given))
    assert answer.status_code == 200
    assert field in answer.context["form"].questions.forms[at].errors
    assert list(IntakeQuestion.objects.values_list("code", "order")) == [("since", question.order)]
    assert admin.post(address, service(question)).status_code == 302
    assert IntakeQuestion.objects.filter(service=question.service).count() == 2


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        ({"resolution_value": 365, "resolution_unit": "days"}, set()),
        ({"resolution_value": 366, "resolution_unit": "days"}, {"resolution_value"}),
        ({"resolution_value": 8760, "resolution_unit": "hours"}, set()),
        ({"first_reply_value": 99_999_999, "first_reply_unit": "hours"}, {"first_reply_value"}),
        ({"first_reply_value": 0, "first_reply_unit": "days"}, {"first_reply_value"}),
        (
            {"sender_wait_days": 0, "reopen_window_days": 0, "retention_months": 0},
            {"sender_wait_days"},
        ),
        ({"retention_months": 99_999_999_999}, {"retention_months"}),
        ({"resolution_value": None, "resolution_unit": ""}, set()),
    ],
)
def test_a_service_promises_nothing_beyond_what_a_calendar_holds(given, faulty):
    assert {name for name, _sentence in faults_of_service(given)} == faulty
