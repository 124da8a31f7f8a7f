"""The examples of docs/api.md do what they say."""

import io
import json
import re
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from graphql import parse, validate

from cms.reports.models import Report
from graphql_api.schema import schema

pytestmark = pytest.mark.django_db
TEXT = (Path(settings.ROOT) / "docs" / "api.md").read_text()


def examples(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_curl_examples_are_answered(api, catalogue):
    bodies = re.findall(r"-d '(\{.*?\})'", examples("sh")[0], re.DOTALL)
    assert len(bodies) == 2
    for body in bodies:
        answer = api.raw(body, Accept_Language="en").json()
        assert "errors" not in answer
        assert any(answer["data"].values())


def test_the_python_example_submits_and_follows_a_report(api, people, monkeypatch, capsys):
    def urlopen(request):
        named = {name.replace("-", "_"): value for name, value in request.header_items()}
        named.pop("Content_type")
        return io.BytesIO(api.raw(request.data, **named).content)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    exec(examples("python")[0], {})  # noqa: S102
    reference = Report.objects.get().reference
    printed = capsys.readouterr().out
    assert reference in printed
    assert "Your report was received" in printed


def test_the_javascript_examples_query_is_answered(api):
    query = re.search(r"ask\(`(.*?)`\)", examples("js")[0], re.DOTALL)[1]
    assert api.data(query) == {"pages": {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}


@pytest.mark.parametrize("example", examples("graphql"))
def test_the_mutations_fit_the_schema(example):
    assert validate(schema._schema, parse(example)) == []


def test_the_error_in_the_docs_looks_like_one(api, people):
    from .conftest import SUBMIT, submission

    example = json.loads(examples("json")[0])
    query = SUBMIT.replace(
        "errors { code message field correlationId }",
        "errors { code message field correlationId retryAfter }",
    )
    answer = api.data(query, {"input": submission(text="short")}, Accept_Language="en")
    [error] = answer["submitReport"]["errors"]
    assert {**error, "correlationId": example["correlationId"]} == example
