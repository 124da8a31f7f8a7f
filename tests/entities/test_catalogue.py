"""The catalogue forgives spelling, and finds nothing for nonsense."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from cms.entities.catalogue import search_services

DATA = Path(__file__).parents[2] / "cms" / "demo" / "data" / "services.json"
SERVICES = [SimpleNamespace(**row) for row in json.loads(DATA.read_text())["services"]]


def found(query):
    return [service.code for service in search_services(query, SERVICES)]


@pytest.mark.parametrize(
    "query",
    [
        "زباله",
        "الزبالة",
        "زبالة",
        "للزباله",
        "الزَّبَالة",
        "زبـــاله",
        "النفايات",
        "نفايات",
        "قمامة",
        "rubbish",
        "Garbage",
        "trash",
    ],
)
def test_spelling_article_and_keywords_are_forgiven(query):
    assert "waste-collection" in found(query)[:3]


def test_hamza_is_forgiven():
    assert found("إنارة") == found("انارة")
    assert found("انارة")


@pytest.mark.parametrize("query", ["rubish", "garbege", "نفيات"])
def test_a_slip_of_the_finger_is_forgiven(query):
    assert "waste-collection" in found(query)


def test_a_begun_word_finds():
    assert "waste-collection" in found("garb")


@pytest.mark.parametrize("query", ["", "  ", "؟", "قصعنطرب", "xqzvwk", "blorptang", "\x00", "٪٪", "a" * 5000])
def test_nonsense_finds_nothing(query):
    assert found(query) == []


def test_every_service_is_found_first_by_its_own_name():
    missed = [
        (service.code, language)
        for service in SERVICES
        for language in ("ar", "en")
        if service.code not in found(getattr(service, f"name_{language}"))[:2]
    ]
    assert missed == []


def test_every_keyword_finds_its_service():
    missed = [
        (service.code, keyword)
        for service in SERVICES
        for keyword in (*service.keywords_ar, *service.keywords_en)
        if service.code not in found(keyword)
    ]
    assert missed == []
