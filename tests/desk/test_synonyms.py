"""The words that are said for one another, as the administrator keeps them: checked, recorded, tried."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from cms.desk.viewsets.synonyms import SynonymForm
from permissions.models import AuditEvent
from search import synonyms
from search.models import Synonym

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]


@pytest.fixture
def client(client_of: Any, people: Any) -> Any:
    Synonym.objects.all().delete()
    return client_of(people.admin)


def row(**given: Any) -> Synonym:
    return Synonym.objects.create(**{"words_ar": ["سمانة", "سلوى"], **given})


def test_a_row_is_added_changed_and_deleted_and_each_is_in_the_trail(client: Any) -> None:
    given = {
        "words_ar": "سمانة، سلوى\nسلوى",
        "words_en": "quail, quails",
        "note": "الصيادون",
        "is_active": "on",
    }
    assert client.post(reverse("synonyms:add"), given).status_code == 302
    made = Synonym.objects.get()
    assert (made.words_ar, made.words_en, made.source) == (["سمانة", "سلوى"], ["quail", "quails"], "here")
    changed = given | {"words_ar": "سمانة، سلوى، حجل"}
    assert client.post(reverse("synonyms:edit", args=[made.pk]), changed).status_code == 302
    assert client.post(reverse("synonyms:delete", args=[made.pk])).status_code == 302
    assert not Synonym.objects.exists()
    events = AuditEvent.objects.filter(subject=f"synonym:{made.pk}").order_by("pk")
    assert [event.data["what"] for event in events] == ["added", "changed", "deleted"]
    assert events[1].data["changes"] == {"words_ar": ["سمانة · سلوى", "سمانة · سلوى · حجل"]}


def test_the_form_says_how_words_are_written(client: Any) -> None:
    page = client.get(reverse("synonyms:add")).content.decode()
    with override("ar"):
        said = [str(escape(str(text))) for text in SynonymForm.Meta.help_texts.values()]
    assert [text for text in said if text not in page] == []


@pytest.mark.parametrize(
    ("words_ar", "words_en", "field", "code"),
    [
        ("", "", "words_ar", "empty"),
        ("", "quail", "words_en", "one_word"),
        ("سمانة، طائر صغير", "", "words_ar", "several_words"),
        ("سمانة، من", "", "words_ar", "stop_word"),
        ("السلوى، السمانة", "", "words_ar", "twice"),
    ],
)
def test_what_says_nothing_is_refused_at_its_field_and_changes_nothing(
    client: Any, words_ar: str, words_en: str, field: str, code: str
) -> None:
    row()
    answer = client.post(reverse("synonyms:add"), {"words_ar": words_ar, "words_en": words_en})
    assert answer.status_code == 200
    errors = answer.context["form"].errors.as_data()
    assert {name: [error.code for error in each] for name, each in errors.items()} == {field: [code]}
    assert str(next(iter(errors[field][0]))) in answer.content.decode()
    assert Synonym.objects.count() == 1
    assert not AuditEvent.objects.filter(subject__startswith="synonym").exists()


def test_whoever_saves_a_word_of_another_row_is_told_of_it(client: Any) -> None:
    first = row()
    given = {"words_ar": "سمانة، حجل", "is_active": "on"}
    answer = client.post(reverse("synonyms:add"), given, follow=True)
    assert f'href="{reverse("synonyms:edit", args=[first.pk])}"' in answer.content.decode()
    assert synonyms.stems_of(["حجل"]) <= set(synonyms.rows_with(synonyms.stems_of(["حجل"])))
    alone = client.post(reverse("synonyms:add"), {"words_ar": "هدهد، حبارى", "is_active": "on"}, follow=True)
    assert not any("صفوف أخرى" in str(message) for message in alone.context["messages"])


def test_the_list_is_searched_as_people_spell(client: Any) -> None:
    row(note="الصيادون")
    row(words_ar=["هدهد", "حبارى"], words_en=["hoopoe"])
    for typed in ("سمانه", "الصيادون", "hoopoe"):
        page = client.get(reverse("synonyms:index_results"), {"q": typed})
        assert [str(one) for one in page.context["object_list"]] == (
            ["هدهد، حبارى، hoopoe"] if typed == "hoopoe" else ["سمانة، سلوى"]
        )


def test_the_tester_tells_what_a_search_would_look_for(client: Any) -> None:
    made = row(words_en=["quail"])
    page = client.get(reverse("synonyms:try"), {"q": "السمانة <b>"})
    assert page.status_code == 200
    shown = page.content.decode()
    assert f'href="{reverse("synonyms:edit", args=[made.pk])}"' in shown
    (looked,) = [one for one in page.context["answer"].looked if one.rows]
    for stem in looked.beside:
        assert f"<bdi>{escape(stem)}</bdi>" in shown
    assert "<b>السمانة <b>" not in shown
    for empty in ({}, {"q": ""}, {"q": "  "}, {"q": "س" * 400}, {"q": "\0"}):
        assert client.get(reverse("synonyms:try"), empty).status_code == 200
