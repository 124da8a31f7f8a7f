"""Dates in both calendars, plural forms, digits, isolation."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from cms.content import dates
from cms.content.counting import counted, grouped
from cms.content.templatetags import sawt


def test_a_day_reads_in_both_calendars() -> None:
    day = date(2026, 11, 8)
    with translation.override("ar"):
        assert sawt.both_dates(day) == (
            '<time datetime="2026-11-08">الأحد 8 نوفمبر 2026</time>'
            ' <span class="aside">(28 جمادى الأولى 1448هـ)</span>'
        )
    with translation.override("en"):
        assert sawt.both_dates(day) == (
            '<time datetime="2026-11-08">Sunday, 8 November 2026</time>'
            ' <span class="aside">(28 Jumada al-Ula 1448 AH)</span>'
        )


def test_a_moment_is_told_in_riyadh_s_time() -> None:
    late = datetime(2026, 11, 8, 22, 30, tzinfo=UTC)
    assert dates.moment(late, "ar") == "الاثنين 9 نوفمبر 2026، 1:30 صباحًا"
    assert dates.moment(late, "en") == "Monday, 9 November 2026, 1:30 am"
    assert dates.clock(datetime(2026, 1, 1, 9, 0, tzinfo=UTC), "en") == "12:00 pm"
    # No evening begins at noon.
    assert dates.clock(datetime(2026, 1, 1, 9, 6, tzinfo=UTC), "ar") == "12:06 ظهرًا"
    assert dates.clock(datetime(2026, 1, 1, 10, 0, tzinfo=UTC), "ar") == "1:00 مساءً"
    assert dates.clock(datetime(2026, 1, 1, 21, 6, tzinfo=UTC), "ar") == "12:06 صباحًا"


def test_a_day_outside_umm_al_qura_keeps_its_gregorian_date() -> None:
    with translation.override("en"):
        assert (
            sawt.both_dates(date(1900, 1, 1)) == '<time datetime="1900-01-01">Monday, 1 January 1900</time>'
        )


def test_nothing_is_shown_for_no_date() -> None:
    assert [f(None) for f in (sawt.day, sawt.hijri, sawt.both_dates, sawt.moment, sawt.both_moments)] == [
        ""
    ] * 5


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "لا بلاغات"),
        (1, "بلاغ واحد"),
        (2, "بلاغان"),
        (3, "3 بلاغات"),
        (10, "10 بلاغات"),
        (11, "11 بلاغًا"),
        (99, "99 بلاغًا"),
        (100, "100 بلاغ"),
        (102, "102 بلاغ"),
        (103, "103 بلاغات"),
        (4812, "4,812 بلاغًا"),
    ],
)
def test_arabic_counts_with_six_forms(number: int, words: str) -> None:
    with translation.override("ar"):
        assert counted(number, "report") == words


def test_english_counts_with_two() -> None:
    with translation.override("en"):
        assert [counted(n, "working_day") for n in (1, 2)] == ["1 working day", "2 working days"]


def test_every_noun_has_its_forms() -> None:
    nouns = [
        "working_day",
        "working_hour",
        "day",
        "hour",
        "minute",
        "report",
        "service",
        "question",
        "result",
    ]
    with translation.override("ar"):
        for noun in [*nouns, "page"]:
            forms = {counted(n, noun) for n in (0, 1, 2, 3, 11, 100)}
            assert len(forms) == 6, (noun, forms)


def test_digits_follow_the_tenant() -> None:
    with translation.override("ar"):
        assert grouped(12310) == "12,310"
        with override_settings(SAWT_ARABIC_DIGITS=True):
            assert grouped(12310) == "١٢,٣١٠"
            assert "٨ نوفمبر ٢٠٢٦" in sawt.day(date(2026, 11, 8))
    with translation.override("en"), override_settings(SAWT_ARABIC_DIGITS=True):
        assert grouped(12310) == "12,310"


def test_names_cannot_turn_the_line_around() -> None:
    assert sawt.isolate("a\u202egnp.exe<b>") == "<bdi>agnp.exe&lt;b&gt;</bdi>"
    assert sawt.ltr("QS-26-7K4MQ2P-0") == '<bdi dir="ltr">QS-26-7K4MQ2P-0</bdi>'


def test_icon_and_percent() -> None:
    with translation.override("ar"):
        html = Template('{% load sawt %}{% icon "arrow" "i--dir" %}{{ 64|percent }}').render(Context())
    assert html.startswith('<svg class="i i--dir" aria-hidden="true"')
    assert html.endswith("64\u200e%\u200e")
