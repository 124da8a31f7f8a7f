"""A service's own questions."""

import pytest
from django.utils import timezone

from tests.factories import IntakeQuestionFactory, SmallCatalogue

from .conftest import TEXT, Walk, page, refused

pytestmark = pytest.mark.django_db


def test_a_dependent_question_appears_after_its_answer(walk: Walk, catalogue: SmallCatalogue) -> None:
    IntakeQuestionFactory(
        service=catalogue.leak, code="ill", type="yesno", required=True, label_ar="هل مرض أحد؟", order=1
    )
    IntakeQuestionFactory(
        service=catalogue.leak,
        code="ill_count",
        type="number",
        required=True,
        label_ar="كم عددهم؟",
        order=2,
        show_when={"question": "ill", "equals": "yes"},
    )
    walk.what("leak")
    walk.where()
    first = walk.post("/report/details/", **{"text": TEXT, "answers-ill": "yes", "seen": "ill"})
    assert first.url == "/report/details/"
    html = page(walk.get("/report/details/"))
    assert "data-errors" not in html
    assert "كم عددهم؟" in html
    assert 'id="more"' in html
    data = {"text": TEXT, "answers-ill": "yes", "seen": ["ill", "ill_count"]}
    empty = walk.post("/report/details/", **data, **{"answers-ill_count": ""})
    assert 'href="#answers-ill_count"' in refused(walk.client, empty)
    done = walk.post("/report/details/", **data, **{"answers-ill_count": "٣"})
    assert done.url == "/report/who/"
    # With the other answer it is asked no more, and its old answer is not sent.
    other = walk.post("/report/details/", **{"text": TEXT, "answers-ill": "no", "seen": "ill"})
    assert other.url == "/report/who/"


def test_a_date_that_may_not_lie_ahead_offers_no_such_day_and_takes_none(
    walk: Walk, catalogue: SmallCatalogue
) -> None:
    IntakeQuestionFactory(service=catalogue.leak, code="called", type="date", maximum=0, required=True)
    today = timezone.localdate().isoformat()
    walk.what("leak")
    walk.where()

    assert f'max="{today}"' in page(walk.get("/report/details/"))
    ahead = walk.post("/report/details/", **{"text": TEXT, "answers-called": "2099-01-01", "seen": "called"})
    assert f"اكتب تاريخًا لا يتجاوز {today}." in refused(walk.client, ahead)
    done = walk.post("/report/details/", **{"text": TEXT, "answers-called": today, "seen": "called"})
    assert done.url == "/report/who/"
