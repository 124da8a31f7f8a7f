"""Bad input 17: a bug leaves as one sentence and an id; the log has the rest under that id."""

import pytest

from graphql_api.citizen import access, queries
from graphql_api.public import queries as public

pytestmark = pytest.mark.django_db


@pytest.fixture
def _broken(monkeypatch):
    def boom(*args, **kwargs):
        raise RuntimeError("password=hunter2 in table reports_report")

    monkeypatch.setattr(queries.tracking, "find", boom)
    monkeypatch.setattr(access.tracking, "find", boom)
    monkeypatch.setattr(public, "page_at", boom)


@pytest.mark.usefixtures("_broken")
@pytest.mark.parametrize(
    "query",
    [
        '{ page(path: "/") { title } }',
        'mutation { withdrawReport(input: {reference: "x", secret: "y"}) { errors { code } } }',
    ],
)
def test_17_an_exception_in_a_resolver_is_masked_and_logged(api, caplog, query):
    response = api.post(query)
    assert response.status_code == 200
    [error] = response.json()["errors"]
    assert "hunter2" not in response.content.decode()
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["correlationId"] == response["X-Correlation-Id"]
    assert error["extensions"]["correlationId"] in caplog.text
    assert "hunter2" in caplog.text


@pytest.mark.usefixtures("_broken")
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("ar", "حدث خلل لدينا، وقد سُجّل."),
        ("en", "Something went wrong on our side. It has been recorded."),
    ],
)
def test_the_sentence_is_in_the_readers_language(api, language, message):
    answer = api('{ page(path: "/") { title } }', Accept_Language=language)
    assert answer["errors"][0]["message"] == message
