"""Bad input 1–15: refused before anything that is not linear, with a clear code, fast, and never a 5xx."""

import json
import time

import pytest

from graphql_api.body import _parsed

pytestmark = pytest.mark.django_db


def refused(response, status, code):
    assert response.status_code == status, response.content[:300]
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"]
    assert "data" not in response.json()
    return error


def nested(depth):
    return "{ places " + "{ children " * depth + "{ id }" + " }" * depth + " }"


def test_1_a_query_60_deep_is_refused(api):
    refused(api.post(nested(60)), 400, "TOO_DEEP")


def test_depth_is_counted_through_fragments(api):
    fragments = " ".join(f"fragment f{n} on Place {{ children {{ ...f{n + 1} }} }}" for n in range(20))
    query = "{ places { ...f0 } } " + fragments + " fragment f20 on Place { id }"
    refused(api.post(query), 400, "TOO_DEEP")


def test_2_two_thousand_aliases_are_refused(api):
    query = "{" + " ".join(f"a{n}: services {{ id }}" for n in range(2000)) + "}"
    started = time.process_time()
    refused(api.post(query), 400, "TOO_MANY_TOKENS")
    assert time.process_time() - started < 0.5


def test_aliases_within_the_tokens_are_still_counted(api):
    query = "{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}"
    refused(api.post(query), 400, "TOO_MANY_ALIASES")


def test_3_fifty_aliased_mutations_are_refused(api):
    one = 'a{}: withdrawReport(input: {{reference: "x", secret: "y"}}) {{ errors {{ code }} }}'
    query = "mutation {" + " ".join(one.format(n) for n in range(50)) + "}"
    refused(api.post(query), 400, "TOO_MANY_MUTATIONS")


def test_mutations_are_counted_through_fragments(api):
    one = 'a{}: withdrawReport(input: {{reference: "x", secret: "y"}}) {{ errors {{ code }} }}'
    fields = " ".join(one.format(n) for n in range(3))
    query = f"mutation {{ ...f ... on Mutation {{ {fields} }} }} fragment f on Mutation {{ {fields} }}"
    refused(api.post(query), 400, "TOO_MANY_MUTATIONS")


def test_4_doubling_fragments_are_refused_in_half_a_second(api):
    levels = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(25))
    query = "{ ...f0 } " + levels + " fragment f25 on Query { __typename }"
    started = time.process_time()
    refused(api.post(query), 400, "TOO_MANY_FIELDS")
    assert time.process_time() - started < 0.5


def test_5_a_fragment_cycle_is_refused(api):
    query = "{ places { ...a } } fragment a on Place { ...b } fragment b on Place { ...a }"
    refused(api.post(query), 400, "FRAGMENT_CYCLE")


def test_6_twenty_thousand_directives_are_refused(api):
    started = time.process_time()
    refused(api.post("{ __typename " + "@include(if: true) " * 20_000 + "}"), 400, "QUERY_TOO_LONG")
    refused(api.post("{ __typename " + "@a " * 15_000 + "}"), 400, "TOO_MANY_TOKENS")
    refused(api.post("{ __typename " + "@skip(if: false) " * 31 + "}"), 400, "TOO_MANY_DIRECTIVES")
    assert time.process_time() - started < 1


def test_7_one_field_twenty_thousand_times_is_refused(api):
    started = time.process_time()
    refused(api.post("{" + " id" * 16_000 + "}"), 400, "TOO_MANY_TOKENS")
    refused(api.post("{" + " __typename" * 501 + "}"), 400, "TOO_MANY_FIELDS")
    refused(api.post("{" + " __typename" * 20_000 + "}"), 400, "QUERY_TOO_LONG")
    assert time.process_time() - started < 1


def test_the_most_fields_that_are_let_through_are_validated_in_good_time(api):
    query = "{ places {" + " name" * 490 + "} }"
    started = time.process_time()
    api.post(query)
    assert time.process_time() - started < 2


def test_8_a_batch_is_refused(api):
    refused(api.raw(json.dumps([{"query": "{ __typename }"}] * 10)), 400, "BATCH_REFUSED")


def test_9_a_body_that_is_not_utf8_is_refused(api):
    refused(api.raw(b'{"query": "{ \xff\xfe }"}'), 400, "NOT_UTF8")
    refused(api.client.get("/graphql?query=%ff"), 400, "NOT_UTF8")
    assert api.client.get("/graphql?query=%7B__typename%7D").status_code == 200


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_10_json_nested_100_000_deep_is_refused(api, bracket):
    body = '{"query": "{ __typename }", "variables": ' + bracket * 100_000
    started = time.process_time()
    refused(api.raw(body), 400, "JSON_TOO_DEEP")
    assert time.process_time() - started < 0.5


def test_brackets_in_strings_are_no_nesting():
    assert _parsed(json.dumps({"a": "[[[[" * 100 + '\\"{{{{' * 100})) == {"a": "[[[[" * 100 + '\\"{{{{' * 100}


@pytest.mark.parametrize("tail", ['\\"' * 500_000, '"' * 999_999, "\\" * 999_999])
def test_strings_that_never_end_take_linear_time(api, tail):
    started = time.process_time()
    refused(api.raw('{"query": "' + tail), 400, "BAD_JSON")
    assert time.process_time() - started < 2


def test_11_a_body_of_3_mb_is_refused(api):
    refused(api.raw("x" * 3_000_000), 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("variables", [[], "x", 1, True])
def test_12_variables_that_are_no_object_are_refused(api, variables):
    refused(api.post("{ __typename }", variables), 400, "BAD_VARIABLES")


def test_13_a_mutation_by_get_is_refused(api):
    response = api.get(
        'mutation { withdrawReport(input: {reference: "x", secret: "y"}) { errors { code } } }'
    )
    refused(response, 405, "MUTATION_BY_GET")
    assert response["Allow"] == "POST"


def test_a_query_by_get_is_answered(api):
    assert api.get("{ __typename }").json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"],
)
def test_14_other_types_of_body_are_refused(api, content_type):
    refused(api.raw('{"query": "mutation { x }"}', content_type=content_type), 415, "UNSUPPORTED_TYPE")


def test_15_multipart_is_refused_from_a_foreign_origin_and_from_none(api):
    multipart = "multipart/form-data; boundary=b"
    body = '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--b--'
    refused(api.raw(body, multipart, Origin="https://evil.example"), 403, "ORIGIN_REFUSED")
    refused(api.raw(body, multipart), 415, "UNSUPPORTED_TYPE")


@pytest.mark.parametrize(
    "body", [" ", "{", "null", '"x"', "3", "{}", '{"query": ""}', '{"query": 5}', '{"query": NaN}']
)
def test_what_is_no_request_is_a_400(api, body):
    assert api.raw(body).status_code == 400


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head"])
def test_other_methods_are_refused(api, method):
    response = getattr(api.client, method)("/graphql")
    assert response.status_code == 405
    assert response["Allow"] == "GET, POST, OPTIONS"


def test_a_query_that_costs_too_much_is_refused_and_names_its_cost(api):
    query = "{ places { children { children { children { children { id name code } } } } } }"
    error = refused(api.post(query), 400, "TOO_COSTLY")
    assert "20000" in error["message"]


def test_many_searches_at_once_cost_too_much(api):
    query = "{" + " ".join(f'a{n}: services(search: "lamp") {{ id }}' for n in range(11)) + "}"
    refused(api.post(query), 400, "TOO_COSTLY")


def test_the_page_size_in_a_variable_counts(api):
    query = "query($n: Int) { pages(first: $n) { edges { node { alternates { title url } } } } }"
    refused(api.post(query, {"n": 100_000}), 400, "TOO_COSTLY")


def test_introspection_as_tools_send_it_is_answered(api):
    from graphql import get_introspection_query

    answer = api(get_introspection_query(input_value_deprecation=True))
    assert answer["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"} or answer["data"]


def test_more_requests_than_allowed_are_told_when_to_come_back(api, settings):
    settings.SAWT_GRAPHQL = {"requests": 2, "window_seconds": 60}
    first = api.post("{ __typename }")
    assert first["RateLimit-Policy"] == '"client";q=2;w=60'
    assert first["RateLimit"].startswith('"client";r=1;t=')
    api.post("{ __typename }")
    last = api.post("{ __typename }")
    refused(last, 429, "TOO_MANY_REQUESTS")
    assert 1 <= int(last["Retry-After"]) <= 60


def test_a_limit_is_a_setting(api, settings):
    settings.SAWT_GRAPHQL = {"depth": 2}
    refused(api.post(nested(3)), 400, "TOO_DEEP")


def test_a_lone_surrogate_in_the_document_is_no_server_error(api):
    for query in (
        '{ services(search: "\ud800") { id } }',
        "{ \ud800 }",
        '{ services(kind: "\ud800") { id } }',
    ):
        assert api.post(query).status_code == 200
