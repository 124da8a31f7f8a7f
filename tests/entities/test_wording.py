"""Which words mean the same, and which only look alike."""

import pytest

from cms.entities.wording import meant, skeleton
from search.analysis import fold


def one(word):
    return meant(fold(word))


@pytest.mark.parametrize(
    "forms",
    [
        ("جامعة", "الجامعة", "جامعات", "للجامعات"),
        ("كوبري", "الكباري", "كباري"),
        ("بناية", "بنايات", "البنايه"),
        ("رائحة", "ريحة", "الروائح"),
        ("طفاية", "طفايات"),
    ],
)
def test_the_forms_of_a_word_that_looks_like_another_are_one(forms):
    assert len({one(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("جامعة", "جامع"),
        ("جامعات", "الجوامع"),
        ("كباري", "كبار"),
        ("بنايات", "بنات"),
        ("ريحة", "ريح"),
        ("طفاية", "طافية"),
    ],
)
def test_a_word_is_not_the_one_that_its_letters_look_like(word, other):
    assert one(word) != one(other)
    assert not {skeleton(one(word))} & {skeleton(one(other))} - {""}
