"""What people type to search, taken apart."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.queries import LONGEST, MOST_TERMS, Query, Term, parse


def word(text: str) -> Term:
    return Term(text)


def phrase(text: str) -> Term:
    return Term(text, phrase=True)


def less(text: str, **more: Any) -> Term:
    return Term(text, without=True, **more)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Query()),
        ("  \n\t", Query()),
        ("إنارة الشارع", Query((word("إنارة"), word("الشارع")))),
        ("إنارة إنارة", Query((word("إنارة"),))),
        ('"غرفة تفتيش"', Query((phrase("غرفة تفتيش"),))),
        ("«غرفة  تفتيش»", Query((phrase("غرفة تفتيش"),))),
        ("“flat tyres” حفرة", Query((phrase("flat tyres"), word("حفرة")))),
        ("حفرة -شارع", Query((word("حفرة"), less("شارع")))),
        ('حفرة -"طريق الملك"', Query((word("حفرة"), less("طريق الملك", phrase=True)))),
        # Inside a word it is a hyphen, and by itself nothing.
        ("as-safra - حفرة", Query((word("as-safra"), word("حفرة")))),
        ("service:lighting حفرة", Query((word("حفرة"),), services=("lighting",))),
        ('خدمة:"إنارة الشوارع"', Query(services=("إنارة الشوارع",))),
        ("الجهة:البلدية، جهه:مياه", Query(entities=("البلدية", "مياه"))),
        ("PLACE: buraydah.as-safra", Query(places=("buraydah.as-safra",))),
        ("مكان:عنيزة state:open حالة:مغلق", Query(places=("عنيزة",), states=("open", "مغلق"))),
        ("after:2026-01-31 before:2026/2/1", Query(after=date(2026, 1, 31), before=date(2026, 2, 1))),
        ("بعد:٢٠٢٦-٠٣-٠١ قبل:۱۵/۴/۲۰۲۶", Query(after=date(2026, 3, 1), before=date(2026, 4, 15))),
        ("after:2026 قبل:2026-11", Query(after=date(2026, 1, 1), before=date(2026, 11, 1))),
        # The narrower of two.
        ("after:2026-01 after:2026-03", Query(after=date(2026, 3, 1))),
        # A number in any form, wherever it stands.
        ("QS-26-7K4MQ2P-0", Query(reference="QS-26-7K4MQ2P-0")),
        ("qs 26 7k4mq2p o", Query(reference="QS-26-7K4MQ2P-0")),
        ("٢٦٧K٤MQ٢P٠", Query(reference="QS-26-7K4MQ2P-0")),
        ("بلاغكم رقم QS-26-7K4MQ2P-0 قيد المعالجة", Query(reference="QS-26-7K4MQ2P-0")),
        ("ref:26-7K4MQ2P-0", Query(reference="QS-26-7K4MQ2P-0")),
        ("رقم: QS267K4MQ2P0 حالة:مغلق", Query(reference="QS-26-7K4MQ2P-0", states=("مغلق",))),
        # Malformed, and so words.
        ('"غير مغلق', Query((word("غير"), word("مغلق")))),
        ("before:tomorrow", Query((word("before"), word("tomorrow")))),
        ("after:2026-13-40", Query((word("after"), word("2026-13-40")))),
        ("قبل:0000-00-00", Query((word("قبل"), word("0000-00-00")))),
        ("ref:123", Query((word("ref"), word("123")))),
        ("colour:red", Query((word("colour"), word("red")))),
        ("service: ", Query((word("service:"),))),
        ("-service:x", Query((less("service"), less("x")))),
        ('((( ]]] ** ?? :: "" «»', Query()),
        ("ح\u202eفرة\u0000شارع", Query((word("حفرة"), word("شارع")))),
        ("\ud800 حفرة", Query((word("حفرة"),))),
    ],
)
def test_each_form_is_understood_and_what_is_malformed_is_words(typed: str, meant: Query) -> None:
    assert parse(typed) == meant


@given(st.text(st.characters() | st.sampled_from('"«»:-قبل:بعدref service123٠'), max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_and_none_makes_more_than_may_be_asked(typed: str) -> None:
    query = parse(typed)
    assert len(query.terms) <= MOST_TERMS
    assert all(term.text.strip() for term in query.terms)


@pytest.mark.parametrize(
    "hostile",
    [
        " ".join(f"كلمة{number}" for number in range(10_000)),
        "(" * 50_000,
        '"' * 50_001,
        "-" * 50_000,
        "a:" * 20_000,
        "*?" * 20_000 + "(a+)+$" * 1000,
        "\x00\x1b" * 10_000,
        "QS-" * 10_000,
    ],
)
def test_whatever_is_pasted_costs_little(hostile: str) -> None:
    began = time.process_time()
    query = parse(hostile)
    assert time.process_time() - began < 0.1
    assert len(query.terms) <= MOST_TERMS < LONGEST


@pytest.mark.parametrize(
    ("typed", "unread"),
    [
        ("حفرة before:2026-99-99", ("before:2026-99-99",)),
        ("بعد: أمس حفرة", ("بعد:أمس",)),
        ("ref:12", ("ref:12",)),
        ("after:2026-01-01 place:باريس", ()),
        ("الساعة:7", ()),
    ],
)
def test_a_field_that_says_nothing_is_told_and_searched_as_words(typed, unread):
    query = parse(typed)
    assert query.unread == unread
    assert bool(query.terms) == (unread != () or "الساعة" in typed)


@pytest.mark.parametrize("typed", ["QS-26-7K4MQ2P-9", "رقم: QS-26-7K4MQ2P-9", "qs 26 7k4mq2p 9"])
def test_a_number_with_a_slip_in_it_is_told(typed):
    assert parse(typed).mistyped
    assert not parse(typed).reference


@pytest.mark.parametrize("typed", ["QS-26-7K4MQ2P-0", "حفرة في شارع 26", "QS", ""])
def test_other_words_are_no_mistyped_number(typed):
    assert not parse(typed).mistyped
