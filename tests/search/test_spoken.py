"""Rising words are read by leaders: in people's own spelling, and each once."""

from search.analysis import fold
from search.spoken import as_written


def test_a_word_is_shown_as_most_write_it():
    texts = ["إضاءة الشارع ضعيفة", "اضاءة ضعيفة", "إضاءة مطفأة"]
    assert as_written([(fold("إضاءة"), 3)], texts) == [("إضاءة", 3)]


def test_with_and_without_the_article_is_one_word():
    assert as_written([("نفق", 4), ("النفق", 6)], ["النفق مغلق", "نفق الملك"]) == [("نفق", 6)]


def test_what_stands_in_none_of_the_texts_stays():
    assert as_written([("جراد", 3)], []) == [("جراد", 3)]
