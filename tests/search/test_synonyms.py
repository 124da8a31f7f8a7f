"""Words that are said for one another: from the next search on, in both backends, and by what was checked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.entities.snapshot import catalogue as read_catalogue
from cms.outbox import lines
from cms.reports.actors import StaffActor
from search import searching, synonyms, wordlist
from search.asking import Asked
from search.explaining import explained
from search.models import Synonym
from search.queries import parse
from search.scope import LINE

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["embedded", "elasticsearch"])
def answered_by(request: Any, settings: Any) -> Any:
    """Call it, and the backend has what is in the outbox."""
    if request.param == "elasticsearch":
        return request.getfixturevalue("indexed")
    settings.ELASTICSEARCH_URL = ""
    return lambda: lines.run(LINE)


def found(people: Any, typed: str) -> list[int]:
    question = Asked(query=parse(typed))
    result = searching.search(StaffActor(people.supervisor), question, at=timezone.now())
    assert not result.degraded
    return [hit.report.pk for hit in result.hits]


@pytest.fixture
def no_rows(db: None) -> None:
    Synonym.objects.all().delete()


def test_a_row_is_asked_from_the_next_search_on(
    answered_by: Any, no_rows: None, people: Any, report_in: Any
) -> None:
    quail = report_in("with_entity", text="طائر السلوى في المزرعة")
    answered_by()
    assert found(people, "سمانه") == []
    row = Synonym.objects.create(words_ar=["سمانة", "سلوى"], words_en=["quail"])
    assert found(people, "سمانه") == found(people, "السمانة") == found(people, "quails") == [quail.pk]
    row.words_ar = ["سمانة", "حجل"]
    row.save()
    assert found(people, "سمانه") == []
    row.words_ar = ["سمانة", "سلوى"]
    row.save()
    assert found(people, "سمانه") == [quail.pk]
    row.is_active = False
    row.save()
    assert found(people, "سمانه") == []
    row.is_active = True
    row.save()
    row.delete()
    assert found(people, "سمانه") == []


def test_rows_that_share_a_word_stay_apart(
    answered_by: Any, no_rows: None, people: Any, report_in: Any
) -> None:
    quail = report_in("with_entity", text="طائر السلوى في المزرعة")
    partridge = report_in("with_entity", text="طائر الحجل في المزرعة")
    answered_by()
    Synonym.objects.create(words_ar=["سمانة", "سلوى"])
    Synonym.objects.create(words_ar=["سمانة", "حجل"])
    assert set(found(people, "سمانة")) == {quail.pk, partridge.pk}
    assert found(people, "حجل") == [partridge.pk]


def test_what_must_not_be_there_is_not_there_under_another_name(
    answered_by: Any, no_rows: None, people: Any, report_in: Any
) -> None:
    report_in("with_entity", text="طائر السلوى في المزرعة")
    other = report_in("with_entity", text="طائر الهدهد في المزرعة")
    answered_by()
    Synonym.objects.create(words_ar=["سمانة", "سلوى"])
    assert found(people, "طائر -سمانة") == [other.pk]


def test_a_search_asks_for_them_only_after_a_change(no_rows: None, people: Any, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = ""

    def asked_for_rows() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found(people, "سمانة")
        return sum("search_synonym" in one["sql"] for one in asked)

    Synonym.objects.create(words_ar=["سمانة", "سلوى"])
    assert [asked_for_rows(), asked_for_rows()] == [1, 0]


def test_another_process_reads_what_this_one_changed(no_rows: None, people: Any) -> None:
    """Each has its own `_kept`; what both see is the stamp in the database."""
    cat = read_catalogue()
    synonyms.keep_up(cat)
    theirs = synonyms._kept
    Synonym.objects.create(words_ar=["سمانة", "سلوى"])
    assert read_catalogue().stamp != theirs.stamp
    synonyms._kept = theirs
    synonyms.keep_up(read_catalogue())
    assert synonyms.said_otherwise(*synonyms.stems_of(["سمانة"])) == tuple(synonyms.stems_of(["سلوى"]))


def test_a_word_of_many_rows_asks_for_no_more_than_a_search_can_bear(no_rows: None) -> None:
    letters = "بتثجحخدذرزسشصضطظعغفق"
    for first in letters[:5]:
        Synonym.objects.create(words_ar=["سمانة", *(f"{first}{second}غنق" for second in letters[:18])])
    synonyms.keep_up(read_catalogue())
    (stem,) = synonyms.stems_of(["سمانة"])
    assert len(synonyms.said_otherwise(stem)) == synonyms.MOST_BESIDE


@pytest.mark.parametrize(
    ("arabic", "english", "code"),
    [
        ([], [], "empty"),
        (["وايت"], [], "one_word"),
        ([], ["tanker"], "one_word"),
        (["وايت", "الوايت"], [], "same_already"),
        (["مدرسه", "المَدرسة"], [], "same_already"),
        (["وايت", "سيارة ماء"], [], "several_words"),
        (["وايت", "من"], [], "stop_word"),
        (["وايت"], ["the"], "stop_word"),
        (["وايت", "؟!"], [], "no_word"),
        (["وايت", "2340"], [], "no_word"),
        (["وايت", "ص" * 41], [], "too_long"),
        ([f"كلم{letter}غنق" for letter in "بتثجحخدذرزسشصضطظعغفقك"], [], "too_many"),
        (["صهريج", "وايت"], [], "twice"),
        (["الصهريج"], ["Tanker", "وايت"], ""),
    ],
)
def test_what_is_no_row_is_refused_by_its_code(
    no_rows: None, arabic: list[str], english: list[str], code: str
) -> None:
    there = Synonym.objects.create(words_ar=["وايت", "صهريج"])
    assert [error.code for _, error in synonyms.faults(arabic, english)] == ([code] if code else [])
    # It is no fault of a row that it is there itself.
    if code == "twice":
        assert list(synonyms.faults(arabic, english, besides=there.pk)) == []


def test_all_that_the_product_comes_with_would_be_accepted(no_rows: None) -> None:
    wordlist.fill(Synonym)
    rows = list(Synonym.objects.all())
    assert len(rows) > 100
    assert {row.source for row in rows} == {"product"}
    wrong = {
        str(row): [error.code for _, error in synonyms.faults(row.words_ar, row.words_en, besides=row.pk)]
        for row in rows
    }
    assert {row: codes for row, codes in wrong.items() if codes} == {}
    # Nothing comes back that a region has thrown away.
    rows[0].delete()
    wordlist.fill(Synonym)
    assert Synonym.objects.count() == len(rows) - 1


def test_what_is_looked_for_is_told_as_it_is(no_rows: None) -> None:
    row = Synonym.objects.create(words_ar=["سمانة", "سلوى"], words_en=["quail"])
    told = explained('السمانة في المزرعة -ريال "سور مائل" أمس')
    # What must not be there goes first, as it is the last to be forgotten.
    assert [(one.said, one.without, one.phrase, one.light) for one in told.looked] == [
        ("ريال", True, False, False),
        ("السمانة", False, False, False),
        ("المزرعة", False, False, False),
        ("سور مايل", False, True, False),
        ("امس", False, False, True),
    ]
    quail = told.looked[1]
    assert quail.rows == (row,)
    assert set(quail.beside) == synonyms.stems_of(["سلوى", "quail"])
    assert told.looked[2].beside == ()
    assert told.passed_over == ("في",)
    assert explained("؟؟!").looked == ()


def test_a_teacher_as_pupils_say_it_is_no_camel(answered_by: Any, people: Any, report_in: Any) -> None:
    camels = report_in("with_entity", text="إبل سائبة على طريق القرية")
    teacher = report_in("with_entity", text="ابلة الدين غائبة منذ أسبوعين")
    answered_by()
    assert found(people, "مدرسة") == found(people, "معلمة") == [teacher.pk]
    assert found(people, "بعير") == [camels.pk]
