"""What is kept with a document's text: never what a variable or another request decides."""

import pytest

from tests.factories import submit

from .conftest import TRACK

pytestmark = pytest.mark.django_db


def test_the_cost_of_a_page_size_in_a_variable_is_summed_at_each_request(api, settings):
    settings.SAWT_GRAPHQL = {"cost": 50}
    query = "query($n: Int) { myReports(first: $n) { edges { node { reference } } } }"
    refused = api.post(query, {"n": 100}).json()["errors"][0]["extensions"]["code"]
    assert refused == "TOO_COSTLY"
    asked = api(query, {"n": 1})["errors"][0]["extensions"]["code"]
    assert asked == "SIGN_IN_REQUIRED"
    assert api.post(query, {"n": 100}).json()["errors"][0]["extensions"]["code"] == "TOO_COSTLY"


def test_an_invalid_document_is_refused_each_time_in_the_language_of_the_request(api):
    messages = [
        api.post("{ nosuch }", Accept_Language=language).json()["errors"][0]["message"]
        for language in ("en", "ar", "en")
    ]
    assert messages[0] == messages[2] != messages[1]


def test_one_document_answers_each_reference_with_its_own_report(api, people):
    first, second = submit(), submit()
    for one in (first, second, first):
        assert api.track(one.report.reference, one.secret)["reference"] == one.report.reference
    answer = api(TRACK, {"r": first.report.reference, "s": second.secret})
    assert answer == {"data": {"trackReport": None}}
