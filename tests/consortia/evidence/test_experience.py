"""Experience: recorded by people, imported from archives, read as partnership history."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.evidence.models import Experience, Participation
from consortia.evidence.selectors import LARGEST_PARTNERSHIP, experience_of, past_partners, visible_experience
from consortia.evidence.services import (
    ImportedExperience,
    ImportedParticipation,
    ParticipantDraft,
    record_experience,
    record_imported_experience,
)
from consortia.organizations.models import Organization
from consortia.technologies.models import Technology
from ronghe.common.errors import InvalidInput, NotAllowed, NotFound
from ronghe.events.models import Event
from tests.cast import make_organization

pytestmark = pytest.mark.django_db

API = "/api/v1/experience/"


class TestRecording:
    def record(self, actor: Viewer, *organizations: Organization, **changes: Any) -> Experience:
        participants = [ParticipantDraft(organization=one) for one in organizations]
        return record_experience(actor=actor, participants=participants, **{"title": "Project", **changes})

    def test_participants_and_language_are_kept(
        self, alice_lab: Organization, charlie_works: Organization, curator_viewer: Viewer
    ) -> None:
        experience = self.record(curator_viewer, alice_lab, charlie_works, title="高温超导带材中试")
        assert experience.language == "zh-Hans"
        assert experience.participations.count() == 2
        event = Event.objects.get(kind="experience.recorded")
        assert event.payload["organizations"] == [alice_lab.pk, charlie_works.pk]

    @pytest.mark.parametrize(
        ("changes", "culprit"),
        [
            ({"title": " "}, "title"),
            ({"title": "x" * 501}, "title"),
            ({"abstract": "x" * 20_001}, "abstract"),
            ({"keywords": "a\x1bb"}, "keywords"),
            ({"language": "English"}, "language"),
            ({"started_on": date(2024, 1, 2), "ended_on": date(2024, 1, 1)}, "ended_on"),
        ],
    )
    def test_bad_input_names_its_field(
        self, changes: dict[str, Any], culprit: str, alice_lab: Organization, bob_viewer: Viewer
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            self.record(bob_viewer, alice_lab, **changes)
        assert list(refusal.value.fields) == [culprit]
        assert not Experience.objects.exists()

    def test_participants_stand_once_and_there_is_one(self, alice_lab: Organization, bob_viewer: Viewer) -> None:
        for organizations in ([], [alice_lab, alice_lab]):
            with pytest.raises(InvalidInput) as refusal:
                self.record(bob_viewer, *organizations)
            assert list(refusal.value.fields) == ["participants"]

    def test_charlie_records_nothing_for_alice_nor_himself_beside_her(
        self, alice_lab: Organization, charlie_works: Organization, charlie_viewer: Viewer
    ) -> None:
        for organizations in ([alice_lab, charlie_works], [charlie_works, alice_lab]):
            with pytest.raises(NotAllowed):
                self.record(charlie_viewer, *organizations)
        assert not Experience.objects.exists()
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        alice_lab.refresh_from_db()
        with pytest.raises(NotFound):
            self.record(charlie_viewer, charlie_works, alice_lab)


class TestImporting:
    @pytest.fixture
    def row(self, alice_lab: Organization, charlie_works: Organization) -> ImportedExperience:
        technology = Technology.objects.create(key="esv-x", labels={"en": "x"}, status="active", scheme="euroscivoc")
        return ImportedExperience(
            source_id="101069359",
            title="SolDAC",
            language="en",
            abstract="Line one\nline two",
            signed_on=date(2022, 5, 12),
            cost=Decimal("2073781.25"),
            currency="EUR",
            technology_ids=[technology.pk],
            participations=[
                ImportedParticipation(organization_id=alice_lab.pk, role="coordinator", contribution=Decimal("1.50")),
                ImportedParticipation(organization_id=charlie_works.pk),
            ],
        )

    def test_everything_comes_with_it(self, row: ImportedExperience, alice_lab: Organization) -> None:
        outcome = record_imported_experience(records=[row], source="cordis")
        experience = Experience.objects.get()
        assert (outcome.created, outcome.participations, outcome.problems) == (1, 2, [])
        assert experience.technologies.get().key == "esv-x"
        assert experience.participations.get(organization=alice_lab).role == "coordinator"

    def test_twice_is_once(self, row: ImportedExperience) -> None:
        record_imported_experience(records=[row], source="cordis")
        again = record_imported_experience(records=[row], source="cordis")
        assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
        assert (Experience.objects.count(), Participation.objects.count()) == (1, 2)
        assert Event.objects.filter(kind="experience.imported").count() == 1

    def test_what_changed_is_brought_up_to_date(self, row: ImportedExperience, charlie_works: Organization) -> None:
        record_imported_experience(records=[row], source="cordis")
        newcomer = make_organization("Newcomer")
        changed = replace(
            row,
            title="SolDAC II",
            technology_ids=[],
            participations=[
                ImportedParticipation(organization_id=charlie_works.pk, role="coordinator"),
                ImportedParticipation(organization_id=newcomer.pk),
            ],
        )
        outcome = record_imported_experience(records=[changed], source="cordis")
        experience = Experience.objects.get()
        assert (outcome.updated, experience.title, experience.technologies.count()) == (1, "SolDAC II", 0)
        roles = dict(experience.participations.values_list("organization_id", "role"))
        assert roles == {charlie_works.pk: "coordinator", newcomer.pk: "participant"}

    @pytest.mark.parametrize(
        ("changes", "culprit"),
        [
            ({"title": ""}, "title"),
            ({"title": "a\x00b"}, "title"),
            ({"abstract": "x" * 20_001}, "abstract"),
            ({"started_on": date(2024, 1, 2), "ended_on": date(2024, 1, 1)}, "ended_on"),
            ({"cost": Decimal("NaN")}, "cost"),
        ],
    )
    def test_a_faulty_row_is_reported_and_the_others_written(
        self, changes: dict[str, Any], culprit: str, row: ImportedExperience
    ) -> None:
        faulty = replace(row, source_id="2", **changes)
        outcome = record_imported_experience(records=[faulty, row], source="cordis")
        assert [(problem.key, problem.field, problem.is_refused) for problem in outcome.problems] == [
            ("2", culprit, True)
        ]
        assert Experience.objects.get().source_id == "101069359"

    def test_an_organization_that_stands_twice_counts_once_and_stays_coordinator(
        self, row: ImportedExperience, alice_lab: Organization
    ) -> None:
        twice = [ImportedParticipation(organization_id=alice_lab.pk), *row.participations]
        outcome = record_imported_experience(records=[replace(row, participations=twice)], source="cordis")
        assert [problem.field for problem in outcome.problems] == ["participations"]
        assert Participation.objects.get(organization=alice_lab).role == "coordinator"

    def test_a_thousand_rows_take_few_queries(
        self, row: ImportedExperience, django_assert_max_num_queries: object
    ) -> None:
        rows = (replace(row, source_id=str(number)) for number in range(1000))
        with django_assert_max_num_queries(150):
            assert record_imported_experience(records=rows, source="cordis").created == 1000


class TestPartners:
    def project(self, *organizations: Organization, signed_on: date = date(2023, 1, 1)) -> None:
        experience = Experience.objects.create(title="Project", language="en", signed_on=signed_on)
        Participation.objects.bulk_create(
            Participation(experience=experience, organization=one) for one in organizations
        )

    def test_shared_projects_are_counted_as_by_hand(self) -> None:
        organizations = [make_organization(f"Firm {number}") for number in range(6)]
        projects = [organizations[:3], organizations[1:5], organizations[::2], [organizations[0], organizations[1]]]
        expected: dict[tuple[int, int], float] = {}
        for members in projects:
            self.project(*members)
            for one, other in combinations(members, 2):
                for pair in ((one.pk, other.pk), (other.pk, one.pk)):
                    expected[pair] = expected.get(pair, 0.0) + 1.0
        found = list(past_partners())
        assert {(one, other): count for one, other, count in found} == expected
        assert found == sorted(found, key=lambda row: (row[0], -row[2], row[1]))
        only = {(one, other): count for one, other, count in past_partners(organization_ids=[organizations[0].pk])}
        assert only == {pair: count for pair, count in expected.items() if pair[0] == organizations[0].pk}

    def test_crowds_do_not_count(self) -> None:
        crowd = [make_organization(f"Firm {number}") for number in range(LARGEST_PARTNERSHIP + 1)]
        self.project(*crowd)
        assert list(past_partners()) == []
        self.project(*crowd[:-1])
        assert sum(1 for _row in past_partners()) == LARGEST_PARTNERSHIP * (LARGEST_PARTNERSHIP - 1)

    def test_only_what_was_signed_before_a_day(self, alice_lab: Organization, charlie_works: Organization) -> None:
        self.project(alice_lab, charlie_works, signed_on=date(2024, 7, 1))
        assert list(past_partners(before=date(2024, 7, 1))) == []
        assert len(list(past_partners(before=date(2024, 7, 2)))) == 2


class TestVisibility:
    @pytest.fixture
    def shared(self, alice_lab: Organization, charlie_works: Organization) -> Experience:
        experience = Experience.objects.create(title="Shared project", language="en")
        for organization in (alice_lab, charlie_works):
            experience.participations.create(organization=organization)
        return experience

    def test_a_hidden_participant_is_left_out(
        self, shared: Experience, alice: object, alice_lab: Organization, charlie_viewer: Viewer
    ) -> None:
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        seen = visible_experience(charlie_viewer).get()
        assert [part.organization.display_name for part in seen.visible_participations] == ["Charlie Works"]

    def test_a_project_of_hidden_participants_only_does_not_exist(
        self, shared: Experience, alice: object, alice_lab: Organization, charlie_viewer: Viewer
    ) -> None:
        Organization.objects.update(status="pending")
        assert not visible_experience(STRANGER).exists()
        shared.participations.exclude(organization=alice_lab).delete()
        assert not experience_of(charlie_viewer, alice_lab).exists()

    def test_the_api_shows_the_same(
        self, shared: Experience, alice: object, alice_lab: Organization, charlie_client: Client, client: Client
    ) -> None:
        assert len(client.get(f"{API}{shared.public_id}/").json()["participants"]) == 2
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        body = charlie_client.get(API).json()["results"][0]
        assert [part["names"]["en"] for part in body["participants"]] == ["Charlie Works"]
        shared.participations.exclude(organization=alice_lab).delete()
        assert charlie_client.get(f"{API}{shared.public_id}/").status_code == 404

    def test_the_api_records(self, bob_client: Client, alice_lab: Organization, charlie_works: Organization) -> None:
        participants = [{"organization": str(one.public_id)} for one in (alice_lab, charlie_works)]
        body = {"title": "Project", "participants": participants, "ended_on": "2024-01-01"}
        assert bob_client.post(API, body, content_type="application/json").status_code == 403
        body["participants"] = participants[:1]
        response = bob_client.post(API, body, content_type="application/json")
        assert response.status_code == 201, response.content
        assert len(response.json()["participants"]) == 1

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, alice_lab: Organization, client: Client, django_assert_max_num_queries: object
    ) -> None:
        for number in range(20):
            Experience.objects.create(title=f"P {number}", language="en").participations.create(organization=alice_lab)
        with django_assert_max_num_queries(5):
            assert len(client.get(API).json()["results"]) == 20
