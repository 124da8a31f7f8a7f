"""Arabic and English text made comparable: folding of spellings, and stems. Pure; no index behind it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from threading import local

import Stemmer

# Of all that makes words comparable, here, in `cms.entities.wording` and in the backends' tokens. Raised with
# each change there: `search_check` then makes every document again.
VERSION = 2

# One letter for its spellings. ة stays until the stemmer has seen it: it takes it for an ending, and ه often
# for a pronoun, so that mapping one to the other beforehand loses words.
LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ء": "",
        "ک": "ك",
        "گ": "ك",
        "ڪ": "ك",
        "چ": "ج",
        "پ": "ب",
        "ڤ": "ف",
        "ہ": "ه",
        "ھ": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ۃ": "ة",
        "ـ": "",
    }
)
WORD = re.compile(r"[^\W_]+")
# Folded, water would be the word for “not”.
WATER = re.compile(r"\b(و?(?:ال|بال|كال|لل|ب)?)ماء\b")
ARABIC = re.compile("[\u0600-\u06ff]")
# What is written together with a word; the longer first, and never so that fewer than three letters stay.
CLITICS = ("وبال", "وكال", "ولل", "وال", "فال", "بال", "كال", "لل", "ال")
# Function words, as they are after folding.
_FUNCTION_WORDS = """
في من على علي عن الى الي مع او ان لا ما هذا هذه و يا ثم قد تم كان عند بعد قبل
فيه فيها منه منها عليه عليها به بها له لها لهم كل اي اذا حتى حتي لم لن ليس ليست ولا وما لكن كما مثل غير
بدون دون بلا منذ من مذ حول ضد الذي التي اللي الذين ذلك تلك هو هي هم هذي هنا هناك كانت يكون تكون
متى متي كيف اين وين ليش لماذا ليه هل كم مو مب مهوب ولي وفي ومن وعلى وعلي وان ام بل عشان علشان لان
the a an of in on at to for and or is are was be my it i we there
has have had been were am do does did not no this that these those with without from by as but so if they them
he she his her its our your you me us their who which what when where why how there will
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())

_stemmers = local()


class _Folded(dict[int, str]):
    """What stands for a sign (of NFKC), by its code; filled as signs are met."""

    def __missing__(self, code: int) -> str:
        sign = LETTERS.get(code, chr(code))
        digit = unicodedata.decimal(sign, None) if sign else None
        if digit is not None:
            folded = str(digit)
        else:
            # Latin letters lose their accents too; Arabic marks and invisible signs are dropped.
            parts = unicodedata.normalize("NFD", sign)
            bare = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Cf"))
            folded = bare.casefold().translate(LETTERS)
        # Who sends every sign there is fills no memory.
        if len(self) < 5000:
            self[code] = folded
        return folded


_folded = _Folded()


def fold(text: str) -> str:
    """Lower case, without diacritics and tatweel; one spelling of hamza, alef and ya; 0–9 for every digit."""
    return unicodedata.normalize("NFKC", text).translate(_folded)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return WORD.findall(fold(WATER.sub(r"\1مياه", text)))


def _stemmer(language: str) -> Stemmer.Stemmer:
    # A stemmer keeps state while it works: one for each thread.
    stemmer = getattr(_stemmers, language, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(language)
        setattr(_stemmers, language, stemmer)
    return stemmer


@lru_cache(maxsize=50_000)
def bare(word: str) -> str:
    """A folded word without the article and what else is written together with it."""
    for clitic in CLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            return word[len(clitic) :]
    return word


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one folded word."""
    if not ARABIC.search(word):
        return str(_stemmer("english").stemWord(word))
    stemmed = str(_stemmer("arabic").stemWord(bare(word))).translate(LETTERS)
    if len(stemmed) > 3 and stemmed[-1] in "ةه":
        stemmed = stemmed[:-1]
    return stemmed.replace("ة", "ه")


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order, without stop words (unless there is nothing else)."""
    folded = words(text)
    kept = [word for word in folded if word not in STOP_WORDS] or folded
    return [stem(word) for word in kept]
