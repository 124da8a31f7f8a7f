"""Folding and stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import fold, stems


def test_spellings_fold_to_one():
    assert fold("أَحْمَد") == fold("احمد")
    assert fold("الـــشارع") == "الشارع"
    assert fold("مستشفى") == fold("مستشفي")
    assert fold("کتاب") == fold("كتاب")
    assert fold("١٢٣ ۴۵ 67") == "123 45 67"
    assert fold("CAFÉ") == "cafe"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("زباله", "الزبالة"),
        ("المدرسة", "مدرسه"),
        ("بالشارع", "شارع"),
        ("للمياه", "المياه"),
        ("lights", "light"),
        ("ماء", "مياه"),
        ("الماءُ", "المياه"),
    ],
)
def test_forms_of_a_word_share_a_stem(one, other):
    assert stems(one) == stems(other)


def test_stop_words_are_left_out_unless_alone():
    assert stems("حفرة في الشارع") == stems("حفرة الشارع")
    assert stems("في")
    assert stems("the lamp has been dark for us") == stems("lamp dark")
    assert stems("ما الماء") == stems("الماء")


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
    stems(text)
