"""Services, places and entities: what an app builds its form from."""

import pytest

from graphql_api.ids import code_of, global_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tenant(catalogue):
    """The small catalogue."""


def codes(api, query, field):
    return [row["code"] for row in api.data(query)[field]]


def test_a_service_with_all_that_a_form_needs(api):
    query = (
        "{ services(kind: COMPLAINT) { id code kind name category { code } allowsAnonymous needsLocation"
        " privacy requiresNationalId emergency { number note } firstReply { value unit }"
        " resolution { value unit }"
        " intakeQuestions { code label type required choices { code name } showWhen { question equals } } } }"
    )
    services = {row["code"]: row for row in api.data(query, Accept_Language="en")["services"]}
    lamp, leak = services["lamp"], services["leak"]
    assert code_of(lamp["id"], "Service") == "lamp"
    assert lamp["name"] == "Street lamp out"
    assert lamp["firstReply"] == {"value": 8, "unit": "HOURS"}
    assert lamp["resolution"] == {"value": 5, "unit": "DAYS"}
    assert lamp["emergency"] is None
    assert leak["emergency"] == {"number": "911", "note": "Call 911 if there is danger."}
    assert services["abuse"]["privacy"] == "CONFIDENTIAL"
    assert lamp["intakeQuestions"] == [
        {
            "code": "since",
            "label": "Since when?",
            "type": "CHOICE",
            "required": True,
            "choices": [{"code": "day", "name": "A day"}, {"code": "week", "name": "A week"}],
            "showWhen": None,
        }
    ]


def test_thanks_promise_nothing(api):
    [thanks] = api.data("{ services(kind: THANKS) { firstReply { value } resolution { value } } }")[
        "services"
    ]
    assert thanks == {"firstReply": None, "resolution": None}


@pytest.mark.parametrize("words", ["انارة", "لمبه الشارع", "عامود اناره"])
def test_services_are_found_in_plain_words(api, words):
    query = "query($q: String) { services(search: $q) { code } }"
    assert api.data(query, {"q": words})["services"][0] == {"code": "lamp"}


def test_services_of_an_entity(api):
    query = f'{{ services(entity: "{global_id("Entity", "water")}") {{ code }} }}'
    assert sorted(codes(api, query, "services")) == ["abuse", "leak"]
    assert codes(api, '{ services(entity: "nothing") { code } }', "services") == []


def test_places_are_a_tree_from_the_region_down(api):
    query = "{ places { code kind children { code children { code location { latitude } } } } }"
    [region] = api.data(query)["places"]
    assert (region["code"], region["kind"]) == ("region", "REGION")
    assert [child["code"] for child in region["children"]] == ["town", "village"]
    assert region["children"][0]["children"] == [{"code": "town.safra", "location": {"latitude": 26.3303}}]
    assert codes(api, f'{{ places(parent: "{global_id("Place", "town")}") {{ code }} }}', "places") == [
        "town.safra"
    ]
    assert codes(api, '{ places(parent: "nothing") { code } }', "places") == []


def test_entities_by_name_and_by_place(api):
    assert codes(api, '{ entities(search: "المياة") { code } }', "entities") == ["water"]
    assert codes(api, '{ entities(search: "north BRANCH") { code } }', "entities") == ["municipality.north"]
    village = global_id("Place", "village")
    serving = codes(api, f'{{ entities(place: "{village}") {{ code }} }}', "entities")
    assert sorted(serving) == ["emirate", "municipality", "water"]


@pytest.mark.parametrize("field", ["services", "entities"])
@pytest.mark.parametrize("words", ["lamp\x00", "\ud83d", "\x00"])
def test_16_a_search_that_is_no_text_is_an_error_on_it(api, field, words):
    answer = api(f"query($q: String) {{ {field}(search: $q) {{ code }} }}", {"q": words})
    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_CHARACTERS", ["search"])
    assert answer["data"] is None
