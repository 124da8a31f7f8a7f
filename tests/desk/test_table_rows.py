"""Each way in which a row of a table is bad: the row, its column and a sentence; and nothing can be saved."""

from datetime import date

import pytest
from django.utils import translation

from cms.desk.sheets.refusals import Refusal, Refused
from cms.entities.models import Category, IntakeQuestion, Place
from tests import factories

from .tables import edited, faults, made, plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(catalogue):
    with translation.override("en"):
        yield


def only(found):
    """The one row that is bad, and the one thing that is wrong with it."""
    assert len(found) == 1, found
    (where, wrong), *_none = found.items()
    assert len(wrong) == 1, wrong
    return (*where, *wrong[0])


NEW_PLACE = {"kind": "district", "name_ar": "حي", "name_en": "Quarter", "precision": "exact"}
NEW_SERVICE = {"category": "streets", "kind": "complaint", "name_ar": "خدمة", "name_en": "Service"}
NEW_QUESTION = {"order": 3, "label_ar": "سؤال", "label_en": "Question", "type": "text"}


@pytest.mark.parametrize(
    ("book", "at", "code", "change", "column", "said"),
    [
        (
            "places",
            0,
            "town",
            {"kind": "planet"},
            "kind",
            "“planet” is none of these: Region, Seat of the region,",
        ),
        ("places", 0, "town", {"name_en": None}, "name_en", "The text in English is missing."),
        ("places", 0, "town", {"name_ar": "  "}, "name_ar", "The text in Arabic is missing."),
        ("places", 0, "town", {"latitude": 91}, "latitude", "which goes from -90 to 90."),
        ("places", 0, "town", {"longitude": -181}, "longitude", "which goes from -180 to 180."),
        ("places", 0, "town", {"latitude": None}, "latitude", "Give both the latitude and the longitude"),
        # The two, mixed up.
        ("places", 0, "town", {"latitude": 43.97, "longitude": 26.33}, "latitude", "outside the region."),
        ("places", 0, "town", {"latitude": "north"}, "latitude", "Enter a number."),
        ("places", 0, "town", {"latitude": date(2026, 1, 2)}, "latitude", "A number is expected here."),
        ("places", 0, "town", {"latitude": True}, "latitude", "A number is expected here."),
        ("places", 0, "town", {"name_en": date(2026, 1, 2)}, "name_en", "A date stands here."),
        ("places", 0, "town", {"name_en": True}, "name_en", "a text is expected."),
        ("places", 0, "town", {"name_en": "=1+1"}, "name_en", "A formula stands here."),
        ("places", 0, "town", {"name_en": "#N/A"}, "name_en", "an error of the table program: #N/A"),
        ("places", 0, "town", {"name_en": "x" * 161}, "name_en", "at most 160 characters (it has 161)"),
        ("places", 0, "town", {"parent": "village"}, "parent", "It stays below “region”"),
        ("places", 0, "town", {"parent": None}, "parent", "It stays below “region”"),
        ("places", 0, "region", {"parent": "village"}, "parent", "Nothing can lie below itself."),
        ("places", 0, "region", {"parent": "region"}, "parent", "Nothing can lie below itself."),
        ("places", 0, "town", {"parent": "nowhere"}, "parent", "none with the code “nowhere”"),
        ("entities", 0, "water", {"calendar": "lunar"}, "calendar", "Working calendar: there is none"),
        ("entities", 0, "water", {"calendar": None}, "calendar", "A value is needed here."),
        ("entities", 0, "water", {"email": "no address"}, "email", "Enter a valid email address."),
        ("entities", 0, "water", {"jurisdiction": "town, x"}, "jurisdiction", "none with the code “x”"),
        ("entities", 0, "water", {"is_active": "perhaps"}, "is_active", "Write yes or no."),
        ("entities", 0, "water", {"is_active": None}, "is_active", "Write yes or no."),
        ("entities", 0, "water", {"parent": "emirate"}, "parent", "It stays at the top"),
        ("entities", 0, "municipality", {"parent": "municipality.north"}, "parent", "below itself."),
        ("catalogue", 0, "streets", {"parent": "streets"}, "parent", "Nothing can lie below itself."),
        ("catalogue", 0, "streets", {"order": -1}, "order", "greater than or equal to 0."),
        ("catalogue", 0, "streets", {"order": 1.5}, "order", "Enter a whole number."),
        ("catalogue", 0, "streets", {"order": None}, "order", "A value is needed here."),
        ("catalogue", 1, "lamp", {"category": "none"}, "category", "Category: there is none with the code"),
        ("catalogue", 1, "lamp", {"retention_months": 0}, "retention_months", "greater than or equal to 1."),
        ("catalogue", 1, "lamp", {"first_reply_unit": None}, "first_reply_value", "the number and its unit"),
        (
            "catalogue",
            1,
            "lamp",
            {"allows_anonymous": "yes", "requires_national_id": "yes"},
            "requires_national_id",
            "An anonymous report cannot ask for a national ID.",
        ),
        ("catalogue", 2, "since", {"type": "opinion"}, "type", "“opinion” is none of these: Text, Choice,"),
        ("catalogue", 2, "since", {"type": "text"}, "choices", "Only a question of the type “choice”"),
        ("catalogue", 2, "since", {"choices": None}, "choices", "A question with choices needs them."),
        ("catalogue", 2, "since", {"choices": "day | يوم"}, "choices", "code | Arabic | English"),
        ("catalogue", 2, "since", {"choices": "a | ا | A\na | ب | B"}, "choices", "have the same code."),
        ("catalogue", 2, "since", {"show_when": "other = 1"}, "show_when", "asks no question “other”."),
        ("catalogue", 2, "since", {"minimum": 5, "maximum": 4}, "maximum", "smaller than the smallest."),
    ],
)
def test_a_bad_cell_is_named_by_its_row_and_column(book, at, code, change, column, said):
    rows = {}
    content = edited(book, lambda *pages: rows.update(at=pages[at].change(code, **change)))
    _sheet, number, name, sentence = only(faults(book, content))
    assert (number, name) == (rows["at"], column)
    assert said in sentence


@pytest.mark.parametrize(
    ("book", "at", "values", "column", "said"),
    [
        ("places", 0, {**NEW_PLACE, "code": None}, "code", "A value is needed here."),
        ("places", 0, {**NEW_PLACE, "code": "town"}, "code", "Row 3 of this sheet has the same code."),
        ("places", 0, {**NEW_PLACE, "code": "new", "parent": "new"}, "parent", "below itself."),
        ("places", 0, {**NEW_PLACE, "code": "new", "kind": None}, "kind", "A value is needed here."),
        ("catalogue", 0, {"code": "not a slug", "name_ar": "ا", "name_en": "A"}, "code", "valid “slug”"),
        ("catalogue", 1, {**NEW_SERVICE, "code": "new", "name_en": None}, "name_en", "English is missing."),
        (
            "catalogue",
            2,
            {**NEW_QUESTION, "service": "lamp", "code": None},
            "code",
            "A value is needed here.",
        ),
        (
            "catalogue",
            2,
            {**NEW_QUESTION, "service": "no", "code": "q"},
            "service",
            "none with the code “no”",
        ),
        (
            "catalogue",
            2,
            {**NEW_QUESTION, "service": "lamp", "code": "q", "show_when": "since = year"},
            "show_when",
            "“year” is no answer to the question “since”.",
        ),
        (
            "catalogue",
            2,
            {**NEW_QUESTION, "service": "lamp", "code": "q", "order": 0, "show_when": "q = 1"},
            "show_when",
            "The service asks no question “q”.",
        ),
    ],
)
def test_a_bad_new_row_is_named(book, at, values, column, said):
    rows = {}
    content = edited(book, lambda *pages: rows.update(at=pages[at].add(**values)))
    _sheet, number, name, sentence = only(faults(book, content))
    assert (number, name) == (rows["at"], column)
    assert said in sentence


def test_new_nodes_that_stand_below_each_other_are_a_circle():
    content = edited(
        "places",
        lambda page: page.add(**NEW_PLACE, code="one", parent="two"),
        lambda page: page.add(**NEW_PLACE, code="two", parent="one"),
        lambda page: page.add(**NEW_PLACE, code="three", parent="two"),
    )
    found = faults("places", content)
    assert list(found.values()) == [[("parent", "Nothing can lie below itself.")]] * 3


def test_categories_have_two_levels_as_they_will_be_together():
    below = factories.CategoryFactory(code="lamps", parent=Category.objects.get(code="streets"))
    # The parent of one goes below another one; or a new one below a lower one.
    assert below.parent.code == "streets"
    moved = edited("catalogue", lambda page, *_more: page.change("streets", parent="people"))
    assert only(faults("catalogue", moved))[2:] == ("parent", "Categories have at most two levels.")
    third = edited(
        "catalogue",
        lambda page, *_more: page.add(code="x", parent="lamps", name_ar="ا", name_en="X", order=1),
    )
    assert only(faults("catalogue", third))[2:] == ("parent", "Categories have at most two levels.")


def test_two_categories_below_each_other_are_refused():
    content = edited(
        "catalogue",
        lambda page, *_more: page.change("streets", parent="people"),
        lambda page, *_more: page.change("people", parent="streets"),
    )
    assert len(faults("catalogue", content)) == 2


def test_a_change_that_breaks_another_question_is_refused():
    lamp = IntakeQuestion.objects.get(code="since").service
    factories.IntakeQuestionFactory(
        service=lamp, code="why", order=9, show_when={"question": "since", "equals": "week"}
    )
    content = edited("catalogue", lambda _one, _two, page: page.change("since", choices="day | يوم | A day"))
    sheet, _row, column, sentence = only(faults("catalogue", content))
    assert (sheet, column) == ("intakequestion", "")
    assert sentence == (
        "The question “why” is shown by an answer to this one. “week” is no answer to the question “since”."
    )


def test_the_first_places_of_a_tenant_have_no_others_to_be_far_from():
    assert Place.objects.count() == 4
    far = {**NEW_PLACE, "code": "far", "parent": "town", "latitude": 10, "longitude": 10}
    content = edited("places", lambda page: page.add(**far))
    assert only(faults("places", content))[2] == "latitude"
    Place.objects.update(latitude=None, longitude=None)
    content = edited("places", lambda page: page.add(**far))
    assert faults("places", content) == {}


def test_numbers_are_read_in_both_scripts_and_codes_that_became_numbers_too():
    content = edited(
        "places",
        lambda page: page.change("town", latitude="٢٦٫٥", longitude="۴۳.۹"),
        lambda page: page.add(**NEW_PLACE, code=1204, parent="town", latitude=26.4, longitude=44),
    )
    found = {row.key[0]: row for row in plan("places", content).rows if row.changes}
    assert {one.column.name: one.value for one in found["town"].changes} == {
        "latitude": 26.5,
        "longitude": 43.9,
    }
    assert found["1204"].outcome == "new"
    assert found["1204"].instance.longitude == 44.0


@pytest.mark.parametrize(
    ("said", "means"), [("نعم", True), ("TRUE", True), (1, True), ("لا", False), (0, False)]
)
def test_yes_and_no_are_read_in_both_languages(said, means):
    content = edited("entities", lambda page: page.change("water", specialists_reply=said))
    row = next(row for row in plan("entities", content).rows if row.key == ("water",))
    assert bool(row.changes) == means
    assert row.instance.specialists_reply == means


def test_a_choice_is_read_by_its_words_in_either_language():
    for said in ("Hospital", "hospital", "مستشفى"):
        content = edited("entities", lambda page, said=said: page.change("water", kind=said))
        row = next(row for row in plan("entities", content).rows if row.changes)
        assert [(one.before, one.after) for one in row.changes] == [("utility", "hospital")]


def test_lines_and_spaces_at_the_ends_are_no_change():
    content = edited("places", lambda page: page.change("town", name_en="  Town "))
    assert {row.outcome for row in plan("places", content).rows} == {"same"}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Code", "Colour"], ["town", "red"]], Refusal.UNKNOWN_COLUMN),
        ([["Code", "الرمز"], ["town", "town"]], Refusal.TWICE),
        ([["Name in English"], ["Town"]], Refusal.NO_KEY),
        ([["Code", "Name in English"]], Refusal.NO_ROWS),
        ([], Refusal.NO_ROWS),
        ([["Code"], *[[f"p{n}"] for n in range(10_001)]], Refusal.TOO_MANY_ROWS),
    ],
)
def test_a_table_that_is_another_one_is_refused_as_a_whole(rows, code):
    with pytest.raises(Refused) as refused:
        plan("places", made(Places=rows))
    assert refused.value.code is code
    assert "%(" not in refused.value.sentence


def test_sheets_are_known_in_both_languages_and_others_are_named_as_not_read():
    found = plan(
        "catalogue",
        made(**{"تصنيفات": [["الرمز", "Order"], ["streets", 4]], "Notes": [["for", "me"]]}),
    )
    assert found.totals == {"bad": 0, "new": 0, "changed": 1, "same": 0}
    assert found.ignored == ["Notes"]
    with pytest.raises(Refused) as refused:
        plan("catalogue", made(Notes=[["a"], ["b"]]))
    assert refused.value.code is Refusal.NO_SHEET
    assert refused.value.sentence.endswith("Categories, Services, Intake questions. What is in it: “Notes”.")


@pytest.mark.parametrize("title", ["Entities", "جهات"])
def test_another_table_is_named_as_the_one_that_it_is(title):
    with pytest.raises(Refused) as refused:
        plan("places", made(**{title: [["Code", "Email"], ["water", "a@b.sa"]]}))
    assert refused.value.code is Refusal.OTHER_TABLE
    assert "“Entities”, and not “Places”" in refused.value.sentence


def test_a_sheet_is_named_as_the_file_names_it():
    with pytest.raises(Refused) as refused:
        plan("places", made(Sheet1=[["Code", "Colour"], ["town", "red"]]))
    assert refused.value.sentence.startswith("Sheet “Sheet1”, column B: “Colour”")


def test_an_entity_is_not_closed_by_a_table_while_something_hangs_on_it(report):
    assert report.entity.code == "municipality.north"
    content = edited("entities", lambda page: page.change("municipality.north", is_active="no"))
    column, said = only(faults("entities", content))[2:]
    assert column == "is_active"
    assert said.startswith("Reports, rules, people or entities hang on it")
    bare = factories.EntityFactory(code="bare")
    content = edited("entities", lambda page: page.change(bare.code, is_active="no"))
    assert faults("entities", content) == {}


def test_a_new_entity_lies_below_an_open_one():
    factories.EntityFactory(code="gone", is_active=False)
    given = {"kind": "utility", "name_ar": "ا", "name_en": "A", "short_name_ar": "ا", "short_name_en": "A"}
    content = edited(
        "entities", lambda page: page.add(**given, code="new", parent="gone", calendar="default")
    )
    assert only(faults("entities", content))[2:] == (
        "parent",
        "This entity is closed; a new one lies below an open one.",
    )
