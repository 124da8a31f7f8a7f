"""The judged queries are well-formed: their numbers, keys, categories and the split of README.md."""

import json
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPORTS = Path(__file__).parents[3] / "cms" / "demo" / "data" / "reports.json"
CATEGORIES = {
    "spelling",
    "article",
    "plural",
    "colloquial",
    "digits",
    "mixed",
    "phrase",
    "place",
    "typo",
    "untold",
    "nonsense",
}


def read(name):
    file = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    assert file["version"] == 1
    return file["queries"]


@pytest.fixture(scope="module")
def judged():
    return read("judged")


@pytest.fixture(scope="module")
def unseen():
    return read("unseen")


@pytest.fixture(scope="module")
def reports():
    return {report["id"]: report for report in json.loads(REPORTS.read_text(encoding="utf-8"))["reports"]}


def test_queries_are_numbered_without_a_gap_and_asked_once(judged, unseen):
    # given both files together
    queries = sorted(judged + unseen, key=lambda query: query["id"])

    # then the numbers run from one, and no query is there twice
    assert [query["id"] for query in queries] == [f"q{number:03}" for number in range(1, len(queries) + 1)]
    assert len({query["query"] for query in queries}) == len(queries) >= 96


def test_every_third_number_is_unseen(judged, unseen):
    # given the numbers of each file, then every third one is in the file that tuning does not read
    assert {int(query["id"][1:]) % 3 for query in unseen} == {0}
    assert {int(query["id"][1:]) % 3 for query in judged} == {1, 2}


def test_each_query_says_what_it_asks_and_why_it_was_judged_so(judged, unseen):
    # given each query, then it has these keys and no other, and none is empty
    for query in judged + unseen:
        assert set(query) == {"id", "query", "category", "relevant", "note"}
        assert query["query"].strip() == query["query"] != ""
        assert query["note"].strip() != ""


def test_relevant_reports_exist_and_stand_in_order(judged, unseen, reports):
    # given each query, then what it calls relevant is in the data, once, in the order of the keys
    for query in judged + unseen:
        assert set(query["relevant"]) <= set(reports), query["id"]
        assert query["relevant"] == sorted(set(query["relevant"])), query["id"]


def test_one_to_fifteen_are_relevant_and_one_at_least_is_not_confidential(judged, unseen, reports):
    # given the queries that ask for something
    asking = [query for query in judged + unseen if query["category"] != "nonsense"]

    # then each has relevant reports, not too many, and some for who holds no grant
    for query in asking:
        assert 1 <= len(query["relevant"]) <= 15, query["id"]
        assert any(not reports[key]["sensitive"] for key in query["relevant"]), query["id"]


def test_nothing_is_relevant_for_nonsense(judged, unseen):
    # given the queries without a meaning
    nonsense = [query for query in judged + unseen if query["category"] == "nonsense"]

    # then there are six of them or more, in both files, and they find nothing
    assert len(nonsense) >= 6
    assert {query["category"] for query in judged} == {query["category"] for query in unseen} == CATEGORIES
    assert all(query["relevant"] == [] for query in nonsense)


def test_each_category_has_eight_queries(judged, unseen):
    # given the queries by category
    counts = Counter(query["category"] for query in judged + unseen)

    # then there are enough of each, and no category but these
    assert set(counts) == CATEGORIES
    assert all(count >= 8 for category, count in counts.items() if category != "nonsense")
