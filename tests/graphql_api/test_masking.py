"""Bad input 17: a bug leaves as one sentence and an id; the log has the rest under that id."""

from unittest import mock

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

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


@pytest.fixture
def _away():
    with mock.patch.object(BaseDatabaseWrapper, "cursor", side_effect=OperationalError("host=10.0.0.7 gone")):
        yield


@pytest.mark.usefixtures("_away")
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("ar", "الخدمة لا تجيب الآن. أعد إرسال الطلب نفسه بعد دقيقة بالمفتاح نفسه."),
        ("en", "The service is not available just now. Send the same again in a minute, with the same key."),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize(
    "query",
    [
        '{ page(path: "/") { title } }',
        'mutation { withdrawReport(input: {reference: "QS-26-7K4MQ2P-0", secret: "y"}) { errors { code } } }',
    ],
)
def test_without_its_database_it_says_that_waiting_helps(api, query, accept, language, message):
    answer = api.post(query, Accept_Language=language, Accept=accept)

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer["Content-Type"].startswith(accept)
    [error] = answer.json()["errors"]
    assert error["message"] == message
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert error["extensions"]["retryAfter"] == 60
    assert "10.0.0.7" not in answer.content.decode()


@pytest.mark.usefixtures("_away")
def test_a_part_of_a_file_is_told_the_same(api):
    answer = api.client.put(
        "/api/uploads/6b1f3a52-5c1c-4c5a-9d5e-0c6d1f3a7b11/parts/1",
        b"x",
        content_type="application/octet-stream",
        headers={"Accept-Language": "en"},
    )

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    [error] = answer.json()["errors"]
    assert (error["code"], error["retryAfter"]) == ("UNAVAILABLE", 60)
