"""GraphQL over HTTP: media types, statuses, languages, origins."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
GRAPHQL = "application/graphql-response+json"


def test_plain_json_is_answered_in_plain_json(api):
    response = api.post("{ __typename }", Accept="application/json")
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"application/json, {GRAPHQL};q=0.5", "application/json"),
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_the_better_media_type_of_accept_is_taken(api, accept, expected):
    assert api.post("{ __typename }", Accept=accept)["Content-Type"].split(";")[0] == expected


def test_what_accepts_neither_is_refused(api):
    assert api.post("{ __typename }", Accept="text/html").status_code == 406


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query($a: Int!) { __typename }"])
def test_a_document_that_is_wrong_is_400_in_the_new_type_and_200_in_the_old(api, query):
    new, old = api.post(query, Accept=GRAPHQL), api.post(query, Accept="application/json")
    assert (new.status_code, old.status_code) == (400, 200)
    for response in (new, old):
        assert response.json()["errors"]
        assert "data" not in response.json()


def test_an_operation_that_is_not_there_is_a_400(api):
    body = json.dumps({"query": "query a { __typename }", "operationName": "b"})
    assert api.raw(body).status_code == 400


def test_one_of_several_operations_is_run_by_its_name(api):
    body = {"query": "query a { __typename } query b { services { id } }", "operationName": "a"}
    assert api.raw(json.dumps(body)).json() == {"data": {"__typename": "Query"}}


def test_the_language_is_that_of_accept_language(api, catalogue):
    query = "{ services(kind: THANKS) { name } }"
    assert api.data(query)["services"] == [{"name": "شكر وتقدير"}]
    assert api.data(query, Accept_Language="en-GB,en;q=0.9")["services"] == [{"name": "Thanks"}]
    assert api.data(query, Accept_Language="fr")["services"] == [{"name": "شكر وتقدير"}]


def test_a_foreign_origin_is_refused_and_one_of_the_list_is_not(api, settings):
    settings.SAWT_CORS_ORIGINS = ["https://app.example"]
    foreign = api.post("{ __typename }", Origin="https://evil.example")
    assert foreign.status_code == 403
    assert "Access-Control-Allow-Origin" not in foreign
    assert api.post("{ __typename }", Origin="null").status_code == 403
    listed = api.post("{ __typename }", Origin="https://app.example")
    assert listed["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in listed
    assert "Origin" in listed["Vary"]


def test_our_own_pages_may_call(api):
    assert api.post("{ __typename }", Origin="http://testserver").status_code == 200


def test_the_preflight_answers_the_list_alone(api, settings):
    settings.SAWT_CORS_ORIGINS = ["https://app.example"]
    named = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    response = api.client.options("/graphql", headers=named)
    assert response.status_code == 204
    assert "Authorization" in response["Access-Control-Allow-Headers"]
    assert api.client.options("/graphql", headers={"Origin": "https://evil.example"}).status_code == 403


def test_every_answer_names_its_correlation_id_and_is_not_kept(api):
    response = api.post("{ __typename }")
    assert len(response["X-Correlation-Id"]) == 32
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_signed_in_session_is_no_authentication_here(api, people):
    api.client.force_login(people.supervisor)
    assert api.data("{ me { phone } }") == {"me": None}


def test_the_schema_cannot_be_read_by_suggestions(api):
    answer = api("{ servicez { id } }")
    assert "Did you mean" not in answer["errors"][0]["message"]


def test_a_cache_that_is_down_stops_nobody(api, monkeypatch):
    from permissions import rates

    class Down:
        def add(self, *args, **kwargs):
            raise ConnectionError

    monkeypatch.setattr(rates, "cache", Down())
    assert api.data("{ __typename }") == {"__typename": "Query"}


@pytest.mark.parametrize("path", ["/graphql", "/api/uploads"])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ar", "لا يُعرف هذا الموقع بالاسم الوارد في «Host»."),
        ("en", "This site does not go by the name in “Host”."),
    ],
)
def test_a_foreign_host_gets_a_code_and_not_the_sites_page(settings, path, language, sentence):
    settings.ALLOWED_HOSTS = ["sawt.example.org"]
    headers = {"Host": "foreign.example", "Accept-Language": language}

    response = Client(headers=headers).post(path, "{}", content_type="application/json")

    [error] = response.json()["errors"]
    assert (response.status_code, error["message"]) == (400, sentence)
    assert error.get("extensions", error)["code"] == "HOST_REFUSED"


def test_a_foreign_host_on_the_site_gets_its_page(settings):
    settings.ALLOWED_HOSTS = ["sawt.example.org"]

    response = Client(headers={"Host": "foreign.example"}).get("/en/report/")

    assert response.status_code == 400
    page = response.content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert 'href="/en/">Home page</a>' in page
