"""References, secrets and tokens: what is typed is understood, what is mistyped is told."""

import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.reports import reference, secrets
from cms.reports.crockford import ALPHABET
from cms.reports.errors import Code, DomainError
from cms.reports.reference import draw, example, parse

drawn = st.builds(lambda _: draw("QS", 2026), st.integers())


def code_of(text: str, prefix: str = "QS") -> Code:
    with pytest.raises(DomainError) as caught:
        parse(text, prefix)
    return caught.value.code


def test_a_reference_has_its_shape():
    assert re.fullmatch(rf"QS-26-[{ALPHABET}]{{7}}-[{ALPHABET}]", draw("QS", 2026))


ROOT = Path(__file__).parents[2]
SHOWN_IN = [
    ROOT / "README.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "cms" / "demo" / "data").glob("*.*"),
    *(ROOT / "cms").rglob("*.py"),
    *(ROOT / "cms").rglob("*.html"),
    *(ROOT / "cms").rglob("*.po"),
]


def test_every_reference_that_is_shown_passes_its_own_check():
    shown = {
        (path.name, found)
        for path in SHOWN_IN
        for found in re.findall(r"QS-\d\d-[0-9A-Z]{7}-[0-9A-Z]", path.read_text(encoding="utf-8"))
    }
    assert {"README.md", "api.md", "errors.py", "filters.py", "templates.json", "django.po"} <= {
        name for name, _ in shown
    }
    assert [(name, found) for name, found in sorted(shown) if parse(found, "QS") != found] == []


def test_the_example_has_its_shape_with_any_prefix_and_is_nobodys(monkeypatch):
    assert example("QS") == parse("qs 26 7k4mq2p 0", "QS") == "QS-26-7K4MQ2P-0"
    assert parse(example("RY"), "RY") == example("RY")
    bits = iter([crockford_bits(reference.EXAMPLE), 1])
    monkeypatch.setattr(reference.secrets, "randbits", lambda _count: next(bits))
    assert draw("QS", 2026).startswith("QS-26-0000001-")


def crockford_bits(body: str) -> int:
    bits = 0
    for sign in body:
        bits = bits * 32 + ALPHABET.index(sign)
    return bits


def test_two_references_differ():
    assert len({draw("QS", 2026) for _ in range(1000)}) == 1000


@given(drawn)
def test_what_people_do_to_a_reference_is_understood(reference):
    arabic = reference.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    persian = reference.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    lookalike = reference.replace("0", "O").replace("1", "l")
    for typed in (
        reference.lower(),
        reference.replace("-", ""),
        reference.replace("-", " "),
        " ".join(reference),
        reference.replace("-", "–"),
        arabic,
        persian,
        lookalike,
        f"\u2067{reference}\u2069\u200f",
        f"  {reference}\n",
        f"رقم بلاغي {reference}.",
        f"وصل بلاغك {reference} https://sawt.example.org/t/9F3KQ7RZ2M",
        f"https://sawt.example.org/track/?reference={reference}&lang=ar",
        reference.removeprefix("QS-"),
    ):
        assert parse(typed, "QS") == reference, typed


@given(drawn, st.integers(0, 9), st.sampled_from(ALPHABET + "U"))
def test_every_wrong_character_is_a_typo(reference, place, sign):
    compact = reference.replace("-", "")
    # prefix apart: another prefix is another kind of number
    index = place + 2
    if compact[index] == sign or (index < 4 and not sign.isdigit()):
        return
    assert code_of(compact[:index] + sign + compact[index + 1 :]) == Code.REFERENCE_TYPO


@given(drawn, st.integers(0, 6), st.integers(1, 7))
def test_every_swap_in_the_body_is_a_typo(reference, first, distance):
    second = min(first + distance, 7)
    signs = list(reference.replace("-", ""))
    a, b = first + 4, second + 4
    if signs[a] == signs[b]:
        return
    signs[a], signs[b] = signs[b], signs[a]
    assert code_of("".join(signs)) == Code.REFERENCE_TYPO


@given(st.text(max_size=60))
def test_any_text_gives_a_reference_or_a_coded_error(text):
    try:
        outcome = parse(text, "QS")[:3]
    except DomainError as error:
        outcome = error.code
    assert outcome in ("QS-", Code.REFERENCE_MALFORMED, Code.REFERENCE_TYPO)


@pytest.mark.parametrize(
    "text", ["", "12345", "QS-26", "QS-26-7K4MQ2P", "XX-26-7K4MQ2P-0", "بلاغ", "\x00", "Q" * 9000]
)
def test_what_is_no_reference_is_malformed(text):
    assert code_of(text) == Code.REFERENCE_MALFORMED


def test_the_prefix_and_the_year_are_checked_too():
    body = draw("QS", 2026)
    assert code_of(body.replace("QS-", "QT-"), "QT") == Code.REFERENCE_TYPO
    assert code_of(body.replace("-26-", "-27-")) == Code.REFERENCE_TYPO


def test_a_secret_is_reproducible_and_tells_nothing_of_another():
    one, two = uuid.uuid4(), uuid.uuid4()
    assert secrets.secret_for(one) == secrets.secret_for(one)
    assert secrets.secret_for(one) != secrets.secret_for(two)
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{2}}[{ALPHABET}]{{4}}", secrets.secret_for(one))


def test_a_secret_matches_however_it_is_typed():
    secret = secrets.secret_for(uuid.uuid4())
    stored = secrets.hashed(secret)
    for typed in (secret.lower(), secret.replace("-", ""), secret.replace("-", " "), f"\u200f{secret} "):
        assert secrets.matches(typed, stored)


def test_a_wrong_secret_does_not_match():
    stored = secrets.hashed(secrets.secret_for(uuid.uuid4()))
    assert not secrets.matches("", stored)
    assert not secrets.matches(secrets.secret_for(uuid.uuid4()), stored)
    assert not secrets.matches("", secrets.hashed(""))
    assert not secrets.matches("\ud800", stored)


def test_a_new_key_breaks_no_old_secret(settings):
    public_id = uuid.uuid4()
    secret, version = secrets.secret_for(public_id), secrets.current_version()
    stored = secrets.hashed(secret, version)
    settings.SAWT_SECRET_KEYS = {**settings.SAWT_SECRET_KEYS, version + 1: "a newer key"}
    assert secrets.secret_for(public_id, version) == secret
    assert secrets.secret_for(public_id) != secret
    assert secrets.matches(secret, stored, version)


def test_tokens_differ_and_are_found_under_an_older_key(settings):
    token = secrets.new_token()
    assert token != secrets.new_token()
    assert len(token) == 10
    stored = secrets.hashed_token(token)
    settings.SAWT_SECRET_KEYS = {**settings.SAWT_SECRET_KEYS, 99: "a newer key"}
    assert stored in secrets.token_hashes(token.lower())
    assert stored != secrets.hashed_token(token)
