"""The committed SDL is the schema; it has the names of the contract, and staff's in types of their own."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_named_type, print_schema

from graphql_api import schema as module
from graphql_api.conf import DEFAULTS
from graphql_api.errors import ErrorCode

SDL = Path(module.__file__).with_name("schema.graphql")
DOCS = Path(module.__file__).parent.parent / "docs" / "api.md"


def test_the_committed_sdl_is_the_schema():
    expected = module.schema.as_str().strip()
    assert SDL.read_text().strip() == expected, (
        "run: manage.py export_schema graphql_api.schema --path graphql_api/schema.graphql"
    )


@pytest.mark.parametrize(
    ("type_name", "fields"),
    [
        (
            "Query",
            "services places entities page pages trackReport me myReports searchReports similarReports",
        ),
        (
            "Mutation",
            "requestCode verifyCode signOut submitReport replyToEntity addInformation acceptReply rateReport"
            " reopenReport appealRejection withdrawReport",
        ),
    ],
)
def test_the_operations_are_those_of_the_contract_that_are_built(type_name, fields):
    graphql_type = module.schema._schema.type_map[type_name]
    assert isinstance(graphql_type, GraphQLObjectType)
    assert set(graphql_type.fields) == set(fields.split())


def test_the_schema_says_what_a_number_without_a_code_gets():
    said = module.schema._schema.type_map["SenderInput"].fields["phone"].description
    assert "verifyCode" in said
    assert "one neutral text" in said


@pytest.mark.parametrize(
    "line",
    [
        "type Error {",
        "  code: ErrorCode!",
        "  field: [String!]",
        "  correlationId: String",
        "  availableActions: [SenderAction!]!",
        "  intakeQuestions: [IntakeQuestion!]!",
        "  dueAt: DateTime",
        "  merged: Boolean!",
        "  service: ID!",
        "  idempotencyKey: String!",
    ],
)
def test_the_types_are_spelt_as_in_the_contract(line):
    assert line in print_schema(module.schema._schema)


@pytest.mark.parametrize(
    "word", ["draft", "assignee", "routing", "expectedversion", "responsible", "note(", "audit"]
)
def test_no_word_of_staffs_is_in_the_schema(word):
    # The names of the states are staff's own, in the types of theirs alone (`StaffReport`, `ReportFilter`).
    text = re.sub(r"enum ReportState \{.*?\}", "", SDL.read_text(), flags=re.S)
    assert word not in text.lower().replace("noteblock", "")


def test_no_type_of_the_public_or_of_senders_leads_to_a_report_as_staff_read_it():
    types = module.schema._schema.type_map
    reached, left = set(), ["PageConnection", "TrackedReport", "MyReportConnection", "Sender", "Mutation"]
    while left:
        name = left.pop()
        if name in reached or not hasattr(types[name], "fields"):
            continue
        reached.add(name)
        left += [str(get_named_type(field.type)) for field in types[name].fields.values()]
    assert "TimelineEntry" in reached
    assert (
        reached & {"StaffReport", "ReportHit", "SimilarReport", "ReportSearchResult", "ReportFilter"} == set()
    )


def test_the_docs_name_every_error_and_every_limit():
    text = DOCS.read_text()
    assert [code.name for code in ErrorCode if f"`{code.name}`" not in text] == []
    assert [name for name, value in DEFAULTS.items() if f"| `{name}` | {value:,} |" not in text] == []
