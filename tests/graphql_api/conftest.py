"""The API as a third-party app meets it: over HTTP, with Django's client."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from graphql_api import documents
from graphql_api.ids import global_id

REPORT = """
  reference heading state stateLabel merged submittedAt dueAt trackUrl availableActions
  service { code name } place { code name } entity { code name }
  timeline { at code label state text by entityName }
  conversation { author text } answer { text at entityName }
"""
SUBMIT = (
    "mutation($input: SubmitReportInput!) { submitReport(input: $input) {"
    " secret errors { code message field correlationId } report {" + REPORT + "} } }"
)
TRACK = "query($r: String!, $s: String!) { trackReport(reference: $r, secret: $s) {" + REPORT + "} }"


class Api:
    """`api(query, variables)` posts an operation and gives the parsed answer; `api.post` the raw response."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def post(self, query: Any, variables: Any = None, *, token: str = "", **headers: Any) -> Any:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": query, **({"variables": variables} if variables is not None else {})}
        return self.raw(json.dumps(body), **headers)

    def raw(self, body: Any, content_type: str = "application/json", **headers: Any) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/graphql", body, content_type=content_type, headers=named)

    def get(self, query: str, **headers: Any) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get("/graphql", {"query": query}, headers=named)

    def __call__(self, query: str, variables: Any = None, **headers: Any) -> Any:
        response = self.post(query, variables, **headers)
        assert response.status_code == 200, response.content
        return response.json()

    def data(self, query: str, variables: Any = None, **headers: Any) -> Any:
        answer = self(query, variables, **headers)
        assert "errors" not in answer, answer
        return answer["data"]

    def mutate(self, name: str, fields: dict[str, Any], **headers: Any) -> Any:
        """One of the sender's mutations on a report, by its name."""
        kind = name[0].upper() + name[1:] + "Input!"
        query = (
            f"mutation($input: {kind}) {{ {name}(input: $input)"
            f" {{ errors {{ code message field }} report {{ {REPORT} }} }} }}"
        )
        return self.data(query, {"input": fields}, **headers)[name]

    def submit(self, headers: dict[str, Any] | None = None, **fields: Any) -> Any:
        return self.data(SUBMIT, {"input": submission(**fields)}, **(headers or {}))["submitReport"]

    def track(self, reference: str, secret: str, **headers: Any) -> Any:
        return self.data(TRACK, {"r": reference, "s": secret}, **headers)["trackReport"]


def submission(**fields: Any) -> dict[str, Any]:
    """A valid SubmitReportInput for `lamp` in the small catalogue; None leaves a field out."""
    given = {
        "idempotencyKey": uuid.uuid4().hex,
        "service": global_id("Service", "lamp"),
        "place": global_id("Place", "town.safra"),
        "text": "عمود الإنارة أمام المسجد مطفأ منذ أسبوع والشارع مظلم ليلًا.",
        "answers": [{"question": "since", "value": "week"}],
        "sender": {"phone": "0500012345", "name": "نورة"},
        **fields,
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def api() -> Iterator[Api]:
    documents.forget()
    yield Api()
    documents.forget()
