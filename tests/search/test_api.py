"""searchReports and similarReports: for staff of our own pages, of what they may see."""

import json
from typing import Any

import pytest
from django.test import Client

from graphql_api.ids import global_id

pytestmark = pytest.mark.django_db

SEARCH = """query($q: String!, $f: ReportFilter, $first: Int, $after: String) {
  searchReports(query: $q, filter: $f, first: $first, after: $after) {
    hits { report { reference heading state stateLabel service { code } place { code } entity { code } }
      highlights { field pieces { text marked } } }
    facets { name buckets { key count } other } total totalIsExact degraded
    pageInfo { hasNextPage endCursor } } }"""
SIMILAR = "query($r: ID!) { similarReports(reference: $r) { report { reference } } }"


@pytest.fixture
def lamp(report_in: Any) -> Any:
    return report_in("answered", text="عمود الإنارة أمام المدرسة مطفأ منذ أسبوع.")


@pytest.fixture
def other_lamp(report_in: Any) -> Any:
    return report_in("with_entity", text="عمود إنارة المدرسة لا يعمل والشارع مظلم.")


def answered(person: Any, query: str, variables: Any, *, with_token: bool = True) -> Any:
    """What the person's own page gets, which sends its CSRF token along; or a page that has none."""
    client = Client(enforce_csrf_checks=True)
    headers = {"Accept-Language": "en"}
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    if with_token:
        client.cookies["csrftoken"] = "a" * 32
        headers["X-CSRFToken"] = "a" * 32
    body = json.dumps({"query": query, "variables": variables})
    return client.post("/graphql", body, content_type="application/json", headers=headers).json()


def search(person: Any, q: str, **more: Any) -> Any:
    return answered(person, SEARCH, {"q": q, **more})["data"]["searchReports"]


def code(answer: Any) -> str:
    [error] = answer["errors"]
    return str(error["extensions"]["code"])


def test_staff_find_what_they_may_see_counted_and_marked(
    people: Any, lamp: Any, other_lamp: Any, indexed: Any
) -> None:
    indexed()
    found = search(people.coordinator, "اناره المدرسة")
    assert {hit["report"]["reference"] for hit in found["hits"]} == {lamp.reference, other_lamp.reference}
    states = next(facet for facet in found["facets"] if facet["name"] == "states")
    assert {row["key"]: row["count"] for row in states["buckets"]} == {"answered": 1, "with_entity": 1}
    assert (found["total"], found["totalIsExact"], found["degraded"]) == (2, True, False)
    marked = [
        piece["text"]
        for hit in found["hits"]
        for one in hit["highlights"]
        for piece in one["pieces"]
        if piece["marked"]
    ]
    assert {"الإنارة", "المدرسة"} <= set(marked)

    # Those of another entity find nothing, and count nothing.
    foreign = search(people.coordinator2, "اناره المدارس")
    assert (foreign["hits"], foreign["total"]) == ([], 0)
    assert [row for facet in foreign["facets"] for row in facet["buckets"] if row["count"]] == []


def test_a_filter_and_the_next_page(people: Any, lamp: Any, other_lamp: Any, indexed: Any) -> None:
    indexed()
    chosen = search(people.coordinator, "اناره", f={"state": ["ANSWERED"]})
    assert [hit["report"]["state"] for hit in chosen["hits"]] == ["ANSWERED"]
    first = search(people.coordinator, "اناره", first=1)
    assert first["pageInfo"]["hasNextPage"]
    second = search(people.coordinator, "اناره", first=1, after=first["pageInfo"]["endCursor"])
    both = [first["hits"][0]["report"]["reference"], second["hits"][0]["report"]["reference"]]
    assert sorted(both) == sorted([lamp.reference, other_lamp.reference])
    assert second["facets"] == []


def test_a_cookie_without_its_pages_token_is_nobodys(people: Any, lamp: Any) -> None:
    for query, variables in ((SEARCH, {"q": "x"}), (SIMILAR, {"r": lamp.reference})):
        refused = answered(people.coordinator, query, variables, with_token=False)
        assert (code(refused), refused["data"]) == ("SIGN_IN_REQUIRED", None)
        assert code(answered(None, query, variables)) == "SIGN_IN_REQUIRED"


def test_similar_ones_and_a_hidden_report_is_as_one_that_is_not_there(
    people: Any, lamp: Any, other_lamp: Any, indexed: Any
) -> None:
    indexed()
    found = answered(people.coordinator, SIMILAR, {"r": lamp.reference.lower()})["data"]["similarReports"]
    assert [row["report"]["reference"] for row in found] == [other_lamp.reference]
    hidden = answered(people.coordinator2, SIMILAR, {"r": lamp.reference})
    missing = answered(people.coordinator2, SIMILAR, {"r": "QS-26-0000000-0"})
    assert (code(hidden), hidden["data"]) == ("NOT_FOUND", None)
    assert code(missing) in ("NOT_FOUND", "REFERENCE_TYPO")
    assert code(answered(people.coordinator, SIMILAR, {"r": "?"})) == "REFERENCE_MALFORMED"


def test_what_cannot_be_asked_is_refused_by_its_argument(people: Any) -> None:
    def refused(**variables: Any) -> tuple[str, Any]:
        [error] = answered(people.coordinator, SEARCH, {"q": "x", **variables})["errors"]
        return error["extensions"]["code"], error["extensions"].get("field")

    assert refused(q="و" * 2_001)[0] == "TOO_LONG"
    assert refused(first=0)[0] == "INVALID"
    assert refused(f={"service": [global_id("Place", "x")]})[0] == "INVALID"
