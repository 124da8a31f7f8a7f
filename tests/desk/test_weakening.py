"""A confidential service loses privacy by two people: one proposes it in its form, another confirms it."""

import pytest
from django.forms.models import model_to_dict
from django.urls import reverse

from cms.entities.models import PrivacyProposal, Service
from permissions.models import AuditEvent
from tests import factories
from tests.desk.tables import edited, faults

pytestmark = pytest.mark.django_db
WHY = "قرار اللجنة ٧"


@pytest.fixture
def admin2(people):
    return factories.person("admin", username="admin2", name_ar="ماجد العمري")


@pytest.fixture
def service(catalogue):
    return Service.objects.get(code="abuse")


@pytest.fixture
def change(client_of, people, service):
    """`change(privacy="normal")`: the service's form with this in it, sent by the administrator."""

    def changed(by=None, **values):
        client = client_of(by or people.admin)
        address = reverse("services:edit", args=[service.pk])
        form = client.get(address).context["form"]
        data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
        data |= {"questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0", **values}
        data = {name: value for name, value in data.items() if value is not None}
        return client.post(address, data, follow=True)

    return changed


def kept(service):
    return model_to_dict(Service.objects.get(pk=service.pk))


def codes():
    rows = AuditEvent.objects.filter(code__startswith="privacy_").order_by("id")
    return list(rows.values_list("code", "actor__username"))


def test_what_one_proposes_holds_once_another_confirms_it(
    client_of, people, catalogue, service, change, admin2
):
    answer = change(privacy="normal", privacy_reason=WHY, description_en="Told anew")
    service.refresh_from_db()
    assert (service.privacy, service.description_en) == ("confidential", "Told anew")
    proposal = PrivacyProposal.objects.get()
    assert (proposal.changes, proposal.proposed_by) == ({"privacy": "normal"}, people.admin)
    page = reverse("services:confirm", args=[proposal.pk])
    assert page in answer.content.decode()
    assert factories.submitted_report(service="abuse", answers={}).privacy == "confidential"
    for who in (people.admin, people.supervisor):
        client_of(who).post(page)
        assert kept(service)["privacy"] == "confidential"
    assert codes() == [("privacy_proposed", "admin")]

    second = client_of(admin2)
    assert page in second.get(reverse("wagtailadmin_home")).content.decode()
    read = second.get(page).content.decode()
    assert WHY in read
    assert people.admin.name in read
    assert second.post(page).status_code == 302

    assert kept(service)["privacy"] == "normal"
    assert factories.submitted_report(service="abuse", answers={}).privacy == "normal"
    assert codes() == [("privacy_proposed", "admin"), ("privacy_confirmed", "admin2")]
    told = AuditEvent.objects.get(code="privacy_confirmed").data
    assert told["changes"] == {"privacy": ["confidential", "normal"]}
    assert told["proposed_by"] == people.admin.pk
    trail = client_of(people.auditor).get(reverse("audit:index")).content.decode()
    assert "أكد خفض خصوصية خدمة" in trail


def test_the_form_audits_what_it_changed_and_not_what_it_held_back(service, change):
    change(privacy="normal", privacy_reason=WHY, description_en="Told anew")
    event = AuditEvent.objects.get(code="configuration_changed", subject=f"service:{service.pk}")
    assert event.data["changes"].keys() == {"description_en"}


@pytest.mark.parametrize(
    ("before", "typed", "changes"),
    [
        ({"allows_anonymous": True}, {"allows_anonymous": None}, {"allows_anonymous": False}),
        (
            {"allows_anonymous": False},
            {"requires_national_id": "on", "allows_anonymous": None},
            {"requires_national_id": True},
        ),
    ],
)
def test_what_makes_senders_known_takes_two_as_well(service, change, before, typed, changes):
    Service.objects.filter(pk=service.pk).update(**before)
    change(privacy_reason=WHY, **typed)
    assert PrivacyProposal.objects.get().changes == changes
    assert kept(service)["requires_national_id"] is False
    assert kept(service)["allows_anonymous"] is before["allows_anonymous"]


def test_without_a_reason_or_beside_another_proposal_nothing_is_saved(service, change):
    before = kept(service)
    answer = change(privacy="normal", description_en="Told anew")
    assert answer.context["form"].errors.keys() == {"privacy_reason"}
    assert kept(service) == before
    change(privacy="normal", privacy_reason=WHY)
    answer = change(privacy="normal", privacy_reason=WHY, description_en="Told anew")
    assert answer.context["form"].errors.keys() == {"privacy"}
    assert kept(service) == before
    assert PrivacyProposal.objects.count() == 1


def test_whoever_keeps_the_catalogue_takes_it_back(client_of, people, service, change, admin2):
    change(privacy="normal", privacy_reason=WHY)
    page = reverse("services:confirm", args=[PrivacyProposal.objects.get().pk])
    client_of(people.coordinator).post(page, {"do": "withdraw"})
    assert PrivacyProposal.objects.get().is_pending
    assert client_of(people.supervisor).post(page, {"do": "withdraw"}).status_code == 302
    assert PrivacyProposal.objects.get().state == "withdrawn"
    client_of(admin2).post(page)
    assert kept(service)["privacy"] == "confidential"
    assert codes() == [("privacy_proposed", "admin"), ("privacy_withdrawn", "supervisor")]


def test_what_became_another_service_since_is_not_confirmed(client_of, service, change, admin2):
    change(privacy="normal", privacy_reason=WHY)
    Service.objects.filter(pk=service.pk).update(privacy="normal")
    client_of(admin2).post(reverse("services:confirm", args=[PrivacyProposal.objects.get().pk]))
    assert PrivacyProposal.objects.get().is_pending


def test_a_table_makes_no_confidential_service_ordinary(catalogue):
    content = edited(
        "catalogue", lambda _categories, services, _q: services.change("abuse", privacy="normal")
    )
    [[(name, said)]] = faults("catalogue", content).values()
    assert name == "privacy"
    assert "شخصان" in said
    more = edited("catalogue", lambda _c, services, _q: services.change("lamp", privacy="confidential"))
    assert faults("catalogue", more) == {}
