"""Requests that do not fit the schema: a code, the reader's language, and no value of theirs repeated."""

import json

import pytest
from django.test import RequestFactory

from cms.portal.access import client_of
from graphql_api.context import Context

from .conftest import SUBMIT, TRACK, submission

pytestmark = pytest.mark.django_db
PRIVATE = "hunter2"
KIND = "query($k: ReportKind) { services(kind: $k) { id } }"
LITERAL = "mutation {{ submitReport(input: {{{}}}) {{ secret }} }}"


def given(without="", **fields):
    values = {**submission(text=PRIVATE, sender={"name": PRIVATE}), **fields}
    values.pop(without, None)
    return {"input": values}


def refused(api, query, variables=None, language="ar"):
    response = api.post(query, variables, Accept_Language=language)
    assert response.status_code == 200
    assert PRIVATE not in response.content.decode()
    answer = response.json()
    assert "data" not in answer
    return answer["errors"][0]


@pytest.mark.parametrize(
    ("query", "variables", "code", "field"),
    [
        (SUBMIT, given(without="service"), "BAD_VARIABLES", ["input", "service"]),
        (SUBMIT, given(surname="x"), "BAD_VARIABLES", ["input", "surname"]),
        (SUBMIT, given(text=[PRIVATE]), "BAD_VARIABLES", ["input", "text"]),
        (SUBMIT, given(sender=PRIVATE), "BAD_VARIABLES", ["input", "sender"]),
        (SUBMIT, given(sender={"category": PRIVATE}), "BAD_VARIABLES", ["input", "sender", "category"]),
        (SUBMIT, given(answers=[{"value": PRIVATE}]), "BAD_VARIABLES", ["input", "answers", "0", "question"]),
        (SUBMIT, given(location={"latitude": PRIVATE, "longitude": 1}), "BAD_VARIABLES", None),
        (SUBMIT, {}, "BAD_VARIABLES", ["input"]),
        (TRACK, {"r": None, "s": PRIVATE}, "BAD_VARIABLES", ["r"]),
        (KIND, {"k": PRIVATE}, "BAD_VARIABLES", ["k"]),
        ("{ nothing }", None, "VALIDATION", ["nothing"]),
        ('{ services(nothing: "hunter2") { id } }', None, "VALIDATION", ["nothing"]),
        ('{ trackReport(reference: "hunter2") { state } }', None, "VALIDATION", ["secret"]),
        ("{ services(kind: hunter2) { id } }", None, "VALIDATION", None),
        ('{ pages(first: "hunter2") { edges { cursor } } }', None, "VALIDATION", None),
        (LITERAL.format('text: "hunter2"'), None, "VALIDATION", ["idempotencyKey"]),
        (LITERAL.format('nothing: "hunter2"'), None, "VALIDATION", None),
        ("{ services }", None, "VALIDATION", []),
        ('{ services(search "hunter2") { id } }', None, "SYNTAX", []),
    ],
)
def test_what_does_not_fit_has_a_code_and_no_value(api, query, variables, code, field):
    arabic = refused(api, query, variables)
    english = refused(api, query, variables, "en")
    assert arabic["extensions"]["code"] == english["extensions"]["code"] == code
    if field is not None:
        assert arabic["extensions"]["field"] == field
    assert any("؀" <= letter <= "ۿ" for letter in arabic["message"])
    assert not any("؀" <= letter <= "ۿ" for letter in english["message"])


def test_the_sentence_names_what_is_missing(api):
    error = refused(api, SUBMIT, given(without="service"), "en")
    assert error["message"] == "“SubmitReportInput” needs “service”."
    assert "detail" not in error["extensions"]


def test_the_validators_own_sentence_stays_where_it_holds_names_only(api):
    error = refused(api, "{ nothing }", language="en")
    assert error["message"] == "“Query” has no “nothing”."
    assert error["extensions"]["detail"] == "Cannot query field 'nothing' on type 'Query'."
    assert error["locations"] == [{"line": 1, "column": 3}]


def test_several_operations_need_a_name(api):
    query = "query A { __typename } query B { b: __typename }"
    response = api.post(query, Accept_Language="ar")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "OPERATION_NAME_REQUIRED"}
    assert "أكثر من عملية" in error["message"]
    named = api.raw(json.dumps({"query": query, "operationName": "B"}))
    assert named.json() == {"data": {"b": "Query"}}


def test_guesses_here_and_on_the_site_are_counted_together():
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    assert Context(request).client == client_of(request) == "192.0.2.7"
