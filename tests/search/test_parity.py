"""The server compares words as `search.analysis` does: one analysis in two places."""

import json
from pathlib import Path

from search.analysis import stems
from search.masking import clean

REPORTS = Path(__file__).parents[2] / "cms" / "demo" / "data" / "reports.json"
# The server gives 10,000 words at once and no more.
AT_ONCE = 100
# Ours is a later edition of the English stemmer.
LATER = {"emerg": "emergenc", "even": "evening", "univers": "universiti"}


def test_the_stems_of_all_the_demonstrations_texts_are_the_same(index, elastic):
    rows = json.loads(REPORTS.read_text(encoding="utf-8"))["reports"]
    texts = sorted({clean(row["text"]) for row in rows})
    assert len(texts) > 500
    for start in range(0, len(texts), AT_ONCE):
        some = texts[start : start + AT_ONCE]
        answer = elastic.indices.analyze(index=index.name, analyzer="stemmed", text=some)
        assert [LATER.get(token["token"], token["token"]) for token in answer["tokens"]] == [
            stem for text in some for stem in stems(text)
        ]
