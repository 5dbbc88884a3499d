"""Evidence: claimed, verified by others, ageing; and what Charlie may not see."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.evidence import services
from consortia.evidence.ageing import HALF_LIFE_YEARS, evidence_strength
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.evidence.selectors import evidence_of, visible_evidence
from consortia.evidence.services import EvidenceDraft
from consortia.organizations.models import Membership, Organization
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ronghe.events.models import Event
from tests.cast import make_organization, make_user, viewer_of

pytestmark = pytest.mark.django_db

DRAFT = EvidenceDraft(kind="test_report", title="Report 17", issuer="Institute", issued_on=date(2025, 1, 1))
API = "/api/v1/evidence/"


@pytest.fixture
def claimed(alice_lab: Organization, bob_viewer: Viewer) -> Evidence:
    return services.add_evidence(actor=bob_viewer, organization=alice_lab, draft=DRAFT)


@pytest.fixture
def institution(db: None) -> Organization:
    return make_organization("Assessors", type=Organization.Type.SERVICE_INSTITUTION)


@pytest.fixture
def assessor(institution: Organization) -> Viewer:
    user = make_user("dora@example.com")
    Membership.objects.create(organization=institution, user=user, role=Membership.Role.EDITOR)
    return viewer_of(user)


class TestClaiming:
    @pytest.mark.parametrize(
        ("changes", "culprit"),
        [
            ({"kind": "rumour"}, "kind"),
            ({"title": " "}, "title"),
            ({"title": "a\x00b"}, "title"),
            ({"issuer": "x" * 201}, "issuer"),
            ({"issued_on": timezone.localdate() + timedelta(days=2)}, "issued_on"),
            ({"valid_until": date(2024, 12, 31)}, "valid_until"),
            ({"link": "javascript:alert(1)"}, "link"),
            ({"kind": "assessment"}, "assessor"),
        ],
    )
    def test_bad_input_names_its_field(
        self, changes: dict[str, Any], culprit: str, alice_lab: Organization, bob_viewer: Viewer
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            services.add_evidence(actor=bob_viewer, organization=alice_lab, draft=replace(DRAFT, **changes))
        assert list(refusal.value.fields) == [culprit]
        assert not Evidence.objects.exists()

    def test_only_service_institutions_assess_and_nobody_themselves(
        self, alice_lab: Organization, charlie_works: Organization, bob_viewer: Viewer
    ) -> None:
        for organization in (alice_lab, charlie_works):
            draft = replace(DRAFT, kind="assessment", assessor=organization)
            with pytest.raises(InvalidInput) as refusal:
                services.add_evidence(actor=bob_viewer, organization=alice_lab, draft=draft)
            assert list(refusal.value.fields) == ["assessor"]

    def test_charlie_claims_nothing_for_alice(self, alice_lab: Organization, charlie_viewer: Viewer) -> None:
        with pytest.raises(NotAllowed):
            services.add_evidence(actor=charlie_viewer, organization=alice_lab, draft=DRAFT)


class TestVerifying:
    def test_a_curator_verifies_and_refuses(self, claimed: Evidence, curator_viewer: Viewer) -> None:
        services.verify_evidence(actor=curator_viewer, evidence=claimed)
        assert (claimed.status, claimed.verified_by_id) == ("verified", curator_viewer.user_id)
        services.refuse_evidence(actor=curator_viewer, evidence=claimed)
        assert (claimed.status, claimed.verified_at) == ("refused", None)
        kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
        assert kinds == ["evidence.added", "evidence.verified", "evidence.refused"]

    def test_the_assessing_institution_verifies_what_it_assessed(
        self, alice_lab: Organization, bob_viewer: Viewer, institution: Organization, assessor: Viewer
    ) -> None:
        draft = replace(DRAFT, kind="assessment", assessor=institution)
        evidence = services.add_evidence(actor=bob_viewer, organization=alice_lab, draft=draft)
        assert list(visible_evidence(assessor)) == [evidence]
        assert services.verify_evidence(actor=assessor, evidence=evidence).status == "verified"

    def test_an_institution_that_is_not_verified_does_not(
        self, alice_lab: Organization, bob_viewer: Viewer, institution: Organization, assessor: Viewer
    ) -> None:
        draft = replace(DRAFT, kind="assessment", assessor=institution)
        evidence = services.add_evidence(actor=bob_viewer, organization=alice_lab, draft=draft)
        Organization.objects.filter(pk=institution.pk).update(status="suspended")
        with pytest.raises(NotAllowed):
            services.verify_evidence(actor=assessor, evidence=Evidence.objects.get(pk=evidence.pk))

    def test_nobody_verifies_their_own_not_even_a_curator(
        self, claimed: Evidence, alice_viewer: Viewer, curator: object, alice_lab: Organization
    ) -> None:
        Membership.objects.create(organization=alice_lab, user=curator, role=Membership.Role.VIEWER)
        for viewer in (alice_viewer, viewer_of(curator)):
            with pytest.raises(NotAllowed):
                services.verify_evidence(actor=viewer, evidence=claimed)

    def test_charlie_does_not_learn_that_it_exists(self, claimed: Evidence, charlie_viewer: Viewer) -> None:
        with pytest.raises(NotFound):
            services.verify_evidence(actor=charlie_viewer, evidence=claimed)

    def test_of_two_verifiers_the_second_overwrites_nothing(self, claimed: Evidence, curator_viewer: Viewer) -> None:
        seen_before = Evidence.objects.get(pk=claimed.pk)
        services.refuse_evidence(actor=curator_viewer, evidence=claimed)
        with pytest.raises(Conflict):
            services.verify_evidence(actor=curator_viewer, evidence=seen_before)
        assert Evidence.objects.get(pk=claimed.pk).status == "refused"


class TestAgeing:
    def evidence(self, **changes: Any) -> Evidence:
        given = {"kind": "patent", "status": "verified", "issued_on": date(2020, 1, 1)}
        return Evidence(**{**given, **changes})

    @pytest.mark.parametrize("kind", list(Evidence.Kind))
    def test_every_kind_counts_half_after_its_half_life(self, kind: str) -> None:
        on = date(2020, 1, 1) + timedelta(days=HALF_LIFE_YEARS[kind] * 365.25)
        assert evidence_strength(self.evidence(kind=kind), on=on) == pytest.approx(0.5, abs=1e-3)

    def test_it_is_whole_on_the_first_day_and_never_grows(self) -> None:
        days = [date(2020, 1, 1) + timedelta(days=100 * step) for step in range(60)]
        strengths = [evidence_strength(self.evidence(), on=day) for day in days]
        assert strengths[0] == 1.0
        assert strengths == sorted(strengths, reverse=True)
        assert strengths[-1] > 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "claimed"},
            {"status": "refused"},
            {"valid_until": date(2022, 12, 31)},
            {"issued_on": date(2023, 1, 2)},
        ],
    )
    def test_what_is_not_verified_expired_or_not_yet_issued_has_none(self, changes: dict[str, Any]) -> None:
        assert evidence_strength(self.evidence(**changes), on=date(2023, 1, 1)) == 0.0

    def test_the_last_day_of_validity_counts(self) -> None:
        assert evidence_strength(self.evidence(valid_until=date(2023, 1, 1)), on=date(2023, 1, 1)) > 0


class TestVisibility:
    def test_strangers_see_verified_evidence_of_listed_organizations_only(
        self,
        claimed: Evidence,
        alice_lab: Organization,
        bob_viewer: Viewer,
        charlie_viewer: Viewer,
        curator_viewer: Viewer,
    ) -> None:
        seen = [evidence_of(v, alice_lab).exists() for v in (STRANGER, charlie_viewer, bob_viewer, curator_viewer)]
        assert seen == [False, False, True, True]
        services.verify_evidence(actor=curator_viewer, evidence=claimed)
        assert evidence_of(STRANGER, alice_lab).exists()
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        assert not evidence_of(charlie_viewer, alice_lab).exists()


class TestApi:
    def body(self, organization: Organization, **changes: Any) -> dict[str, Any]:
        given = {"kind": "patent", "title": "CN 1", "issuer": "CNIPA", "issued_on": "2025-01-01"}
        return {"organization": str(organization.public_id), **given, **changes}

    def test_claim_verify_read(
        self, bob_client: Client, curator_client: Client, client: Client, alice_lab: Organization
    ) -> None:
        created = bob_client.post(API, self.body(alice_lab), content_type="application/json")
        assert created.status_code == 201, created.content
        address = f"{API}{created.json()['id']}/"
        assert created.json()["strength"] == 0
        assert client.get(address).status_code == 404
        assert curator_client.post(f"{address}verify/").json()["status"] == "verified"
        assert 0 < client.get(address).json()["strength"] <= 1
        assert curator_client.post(f"{address}refuse/").json()["status"] == "refused"

    def test_charlie_claims_verifies_and_sees_nothing(
        self, charlie_client: Client, claimed: Evidence, alice_lab: Organization
    ) -> None:
        post = charlie_client.post(API, self.body(alice_lab), content_type="application/json")
        assert post.status_code == 403
        address = f"{API}{claimed.public_id}/"
        assert charlie_client.get(address).status_code == 404
        assert charlie_client.post(f"{address}verify/").status_code == 404
        assert charlie_client.get(API).json()["results"] == []

    def test_unknown_technologies_are_named(self, bob_client: Client, alice_lab: Organization) -> None:
        wrong = self.body(alice_lab, technologies=["never-was"])
        response = bob_client.post(API, wrong, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (404, "unknown_technology")


class TestPages:
    def page(self, organization: Organization) -> str:
        return reverse("evidence:organization", kwargs={"public_id": organization.public_id})

    def test_members_see_what_is_claimed_and_strangers_do_not(
        self, bob_client: Client, client: Client, claimed: Evidence, alice_lab: Organization
    ) -> None:
        assert "Report 17" in bob_client.get(self.page(alice_lab)).text
        assert "Report 17" not in client.get(self.page(alice_lab)).text

    def test_htmx_gets_the_lists_alone(self, client: Client, alice_lab: Organization) -> None:
        text = client.get(self.page(alice_lab), headers={"HX-Request": "true"}).text
        assert "Past projects" in text
        assert "<html" not in text

    def test_an_editor_adds_and_a_curator_verifies(
        self, bob_client: Client, curator_client: Client, alice_lab: Organization
    ) -> None:
        address = reverse("evidence:new", kwargs={"public_id": alice_lab.public_id})
        assert bob_client.get(address).status_code == 200
        typed = {"kind": "patent", "title": "CN 1", "issuer": "CNIPA", "issued_on": "2999-01-01"}
        assert "from the future" in str(bob_client.post(address, typed).context["form"].errors["issued_on"])
        assert bob_client.post(address, {**typed, "issued_on": "2025-01-01"}).status_code == 302
        evidence = Evidence.objects.get()
        verify = reverse("evidence:verify", kwargs={"public_id": evidence.public_id})
        assert curator_client.post(verify).status_code == 302
        evidence.refresh_from_db()
        assert evidence.status == "verified"

    def test_charlie_may_not(
        self, charlie_client: Client, claimed: Evidence, alice: object, alice_lab: Organization
    ) -> None:
        add = reverse("evidence:new", kwargs={"public_id": alice_lab.public_id})
        assert charlie_client.get(add).status_code == 403
        for name in ("verify", "refuse"):
            address = reverse(f"evidence:{name}", kwargs={"public_id": claimed.public_id})
            assert charlie_client.post(address).status_code == 404
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        assert charlie_client.get(self.page(alice_lab)).status_code == 404


class TestAdmin:
    @pytest.mark.parametrize("model", [Evidence, Experience, Participation])
    def test_list_search_and_record_load(
        self, model: type[Model], curator_client: Client, claimed: Evidence, alice_lab: Organization
    ) -> None:
        experience = Experience.objects.create(title="Project", language="en", signed_on=date(2024, 1, 1))
        participation = experience.participations.create(organization=alice_lab)
        record = {Evidence: claimed, Experience: experience, Participation: participation}[model]
        name = f"admin:evidence_{model._meta.model_name}"
        assert curator_client.get(reverse(f"{name}_changelist"), {"q": "a"}).status_code == 200
        assert curator_client.get(reverse(f"{name}_change", args=[record.pk])).status_code == 200

    def test_curators_verify(self, curator_client: Client, claimed: Evidence) -> None:
        listed = reverse("admin:evidence_evidence_changelist")
        curator_client.post(listed, {"action": "verify", "_selected_action": [claimed.pk]})
        claimed.refresh_from_db()
        assert claimed.status == "verified"
