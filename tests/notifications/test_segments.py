"""Parts of an SMS, and filling in its text."""

import pytest

from cms.notifications.placeholders import in_words
from cms.notifications.rendering import fill, filled_for_screen, placeholders_of
from cms.notifications.segments import measure

from .conftest import TEMPLATES


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("row", TEMPLATES["sms"], ids=lambda row: f"{row['event']}-{row['audience']}")
def test_the_data_is_measured_alike(row, language):
    worst = fill(row[f"text_{language}"], TEMPLATES["sms_rule"][f"worst_values_{language}"])
    expected = (
        row[f"encoding_{language}"],
        row[f"length_worst_{language}"],
        row[f"segments_worst_{language}"],
    )
    assert measure(worst) == expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", ("gsm7", 0, 1)),
        ("a" * 160, ("gsm7", 160, 1)),
        ("a" * 161, ("gsm7", 161, 2)),
        ("€" * 80, ("gsm7", 160, 1)),
        # an escaped sign is not cut: 76 of them in a part of 153
        ("€" * 153, ("gsm7", 306, 3)),
        ("ا" * 70, ("ucs2", 70, 1)),
        ("ا" * 71, ("ucs2", 71, 2)),
        ("😀" * 35, ("ucs2", 70, 1)),
        ("😀" * 67, ("ucs2", 134, 3)),
    ],
)
def test_limits(text, size):
    assert measure(text) == size


def test_a_template_reaches_nothing_but_its_values():
    assert fill("{reference}: {link}", {"reference": "R", "link": "L"}) == "R: L"
    with pytest.raises(KeyError):
        fill("{link.__class__}", {"link": "L"})
    assert placeholders_of("{a} {b.c}") == {"a", "b.c"}


def test_the_screen_shows_neither_codes_nor_links():
    shown = filled_for_screen(
        "{code} {link} {reference}", {"code": "123456", "link": "x/t/AB", "reference": "R"}
    )
    assert "123456" not in shown
    assert "AB" not in shown
    assert shown.endswith("R")


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        ("2026-11-23T00:10:00+00:00", "ar", "23 نوفمبر 2026 3:10 صباحًا"),
        ("2026-11-23T00:10:00+00:00", "en", "23 November 2026 3:10 am"),
        ("2026-11-23", "ar", "23 نوفمبر 2026"),
    ],
)
def test_a_promise_of_some_hours_names_the_hour(value: str, language: str, words: str) -> None:
    assert in_words("due", value, language) == words
