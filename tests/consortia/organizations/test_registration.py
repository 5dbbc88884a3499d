"""Registering, updating, identifying, verifying, affiliating: each rule and each refusal."""

from dataclasses import replace
from typing import Any

import pytest

from consortia.disclosure.viewer import STRANGER, Viewer
from consortia.organizations import services
from consortia.organizations.models import Identifier, Organization
from consortia.organizations.selectors import affiliate_pairs, affiliations_of, search_organizations
from consortia.organizations.services import OrganizationProfile, profile_of
from ronghe.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, StaleEdit
from ronghe.events.models import Event
from tests.cast import make_organization

pytestmark = pytest.mark.django_db

PROFILE = OrganizationProfile(
    names={"zh-Hans": "苏州深蓝材料科技有限公司", "en": "Suzhou Deep Blue Materials Co., Ltd."},
    type="firm",
    country="CN",
    region="CN-JS",
)


def register(actor: Viewer, profile: OrganizationProfile = PROFILE, **more: Any) -> Organization:
    return services.register_organization(actor=actor, profile=profile, **more)


class TestRegistering:
    def test_the_person_becomes_owner_and_the_event_is_written(self, charlie_viewer: Viewer) -> None:
        organization = register(charlie_viewer)
        assert organization.memberships.get().user_id == charlie_viewer.user_id
        assert organization.status == Organization.Status.PENDING
        assert Event.objects.get(kind="organization.registered").subject_id == organization.pk

    def test_it_is_found_by_every_name(self, charlie_viewer: Viewer, curator_viewer: Viewer) -> None:
        organization = register(charlie_viewer, replace(PROFILE, aliases=["Deep-Blue", "深蓝"]))
        for text in ("深蓝", "deep blue", "SUZHOU"):
            assert list(search_organizations(curator_viewer, text)) == [organization]

    def test_strangers_do_not(self, db: None) -> None:
        with pytest.raises(NotAllowed):
            register(STRANGER)

    def test_everything_wrong_is_named_at_once_and_nothing_is_written(self, charlie_viewer: Viewer) -> None:
        wrong = OrganizationProfile(
            names={"en": "A\x00B", "english": "x"},
            type="bakery",
            country="China",
            region="DE-BY",
            city="x" * 121,
            latitude=91,
            website="not an address",
            contact_email="nobody",
            descriptions={"en": "x" * 4001},
            aliases=["y" * 301],
            disclosure={"names": "public"},
        )
        before = Organization.objects.count()
        with pytest.raises(InvalidInput) as refusal:
            register(charlie_viewer, wrong, identifiers=[("uscc", "1")])
        assert set(refusal.value.fields) == {
            "names",
            "type",
            "country",
            "region",
            "city",
            "latitude",
            "longitude",
            "website",
            "contact_email",
            "descriptions",
            "aliases",
            "disclosure",
            "identifiers",
        }
        assert Organization.objects.count() == before
        assert not Event.objects.exists()

    @pytest.mark.parametrize("names", [{}, {"en": "   "}])
    def test_a_name_is_needed(self, names: dict[str, str], charlie_viewer: Viewer) -> None:
        with pytest.raises(InvalidInput) as refusal:
            register(charlie_viewer, replace(PROFILE, names=names))
        assert list(refusal.value.fields) == ["names"]


class TestDuplicates:
    def test_a_known_identifier_names_its_organization(self, alice_lab: Organization, charlie_viewer: Viewer) -> None:
        alice_lab.identifiers.create(scheme="ror", value="05dxps055")
        before = Organization.objects.count()
        with pytest.raises(Conflict) as refusal:
            register(charlie_viewer, identifiers=[("ror", "05dxps055")])
        assert refusal.value.code == "identifier_taken"
        assert "Alice Lab" in refusal.value.message
        assert Organization.objects.count() == before

    def test_but_not_one_that_charlie_may_not_know(self, charlie_viewer: Viewer) -> None:
        hidden = make_organization("Hidden Lab", status="pending")
        hidden.identifiers.create(scheme="ror", value="05dxps055")
        with pytest.raises(Conflict) as refusal:
            register(charlie_viewer, identifiers=[("ror", "05dxps055")])
        assert "Hidden Lab" not in str(refusal.value.fields) + refusal.value.message

    @pytest.mark.parametrize(
        ("name", "is_namesake"),
        [
            ("SUZHOU DEEP-BLUE MATERIALS LTD", True),
            ("Suzhou Deep Blue Material Co Ltd", True),
            ("Suzhou Deep Sea Robotics", False),
            ("Shenzhen Deep Blue Materials", False),
        ],
    )
    def test_a_near_identical_name_is_put_before_a_person(
        self, name: str, is_namesake: bool, charlie_viewer: Viewer
    ) -> None:
        register(charlie_viewer)
        second = replace(PROFILE, names={"en": name})
        if not is_namesake:
            register(charlie_viewer, second)
            return
        with pytest.raises(Conflict) as refusal:
            register(charlie_viewer, second)
        assert refusal.value.code == "possible_duplicate"
        register(charlie_viewer, second, confirm_distinct=True)

    def test_the_same_name_in_another_country_is_another_body(self, charlie_viewer: Viewer) -> None:
        register(charlie_viewer)
        register(charlie_viewer, replace(PROFILE, country="SG", region=""))
        assert Organization.objects.filter(names__en=PROFILE.names["en"]).count() == 2


class TestUpdating:
    def test_an_editor_replaces_the_profile(self, alice_lab: Organization, bob_viewer: Viewer) -> None:
        changed = replace(profile_of(alice_lab), city="Suzhou", aliases=("Lab A",))
        services.update_organization(actor=bob_viewer, organization=alice_lab, expected_version=1, profile=changed)
        alice_lab.refresh_from_db()
        assert (alice_lab.city, alice_lab.version) == ("Suzhou", 2)
        assert profile_of(alice_lab) == changed

    def test_the_second_of_two_editors_overwrites_nothing(
        self, alice_lab: Organization, alice_viewer: Viewer, bob_viewer: Viewer
    ) -> None:
        profile = profile_of(alice_lab)
        services.update_organization(
            actor=bob_viewer, organization=alice_lab, expected_version=1, profile=replace(profile, city="Nanjing")
        )
        with pytest.raises(StaleEdit):
            services.update_organization(
                actor=alice_viewer, organization=alice_lab, expected_version=1, profile=replace(profile, city="Suzhou")
            )
        assert Organization.objects.get(pk=alice_lab.pk).city == "Nanjing"

    def test_charlie_does_not(self, alice_lab: Organization, charlie_viewer: Viewer) -> None:
        profile = profile_of(alice_lab)
        with pytest.raises(NotAllowed):
            services.update_organization(
                actor=charlie_viewer, organization=alice_lab, expected_version=1, profile=profile
            )
        Organization.objects.filter(pk=alice_lab.pk).update(status="pending")
        alice_lab.refresh_from_db()
        with pytest.raises(NotFound):
            services.update_organization(
                actor=charlie_viewer, organization=alice_lab, expected_version=1, profile=profile
            )

    def test_a_suspended_organization_is_not_edited(self, alice_lab: Organization, alice_viewer: Viewer) -> None:
        alice_lab.status = Organization.Status.SUSPENDED
        with pytest.raises(Conflict) as refusal:
            services.update_organization(
                actor=alice_viewer, organization=alice_lab, expected_version=1, profile=profile_of(alice_lab)
            )
        assert refusal.value.code == "organization_inactive"


class TestIdentifiers:
    def test_adding_twice_is_adding_once(self, alice_lab: Organization, bob_viewer: Viewer) -> None:
        for _time in range(2):
            services.add_identifier(actor=bob_viewer, organization=alice_lab, scheme="pic", value="999997930")
        assert Identifier.objects.count() == 1

    def test_one_of_each_register_but_several_vat(self, alice_lab: Organization, bob_viewer: Viewer) -> None:
        for value in ("DE136695976", "FR40303265045"):
            services.add_identifier(actor=bob_viewer, organization=alice_lab, scheme="vat", value=value)
        services.add_identifier(actor=bob_viewer, organization=alice_lab, scheme="pic", value="999997930")
        with pytest.raises(Conflict) as refusal:
            services.add_identifier(actor=bob_viewer, organization=alice_lab, scheme="pic", value="999997931")
        assert refusal.value.code == "one_per_scheme"

    def test_a_verified_one_goes_by_a_curator_only(
        self, alice_lab: Organization, alice_viewer: Viewer, curator_viewer: Viewer
    ) -> None:
        identifier = alice_lab.identifiers.create(scheme="pic", value="999997930", is_verified=True)
        with pytest.raises(NotAllowed):
            services.remove_identifier(actor=alice_viewer, identifier=identifier)
        services.remove_identifier(actor=curator_viewer, identifier=identifier)
        assert not Identifier.objects.exists()


class TestCuration:
    def test_a_curator_verifies_suspends_and_reinstates(self, charlie_viewer: Viewer, curator_viewer: Viewer) -> None:
        organization = register(charlie_viewer)
        services.verify_organization(actor=curator_viewer, organization=organization, level=2)
        services.suspend_organization(actor=curator_viewer, organization=organization, reason="Complaint")
        services.verify_organization(actor=curator_viewer, organization=organization, level=3)
        organization.refresh_from_db()
        assert (organization.status, organization.verification_level) == ("verified", 3)
        kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
        assert kinds[1:] == ["organization.verified", "organization.suspended", "organization.verified"]

    @pytest.mark.parametrize("level", [0, 4, -1])
    def test_there_are_three_levels(self, level: int, alice_lab: Organization, curator_viewer: Viewer) -> None:
        with pytest.raises(InvalidInput):
            services.verify_organization(actor=curator_viewer, organization=alice_lab, level=level)

    def test_nobody_else_does(self, alice_lab: Organization, alice_viewer: Viewer) -> None:
        with pytest.raises(NotAllowed):
            services.verify_organization(actor=alice_viewer, organization=alice_lab, level=3)
        with pytest.raises(NotAllowed):
            services.suspend_organization(actor=alice_viewer, organization=alice_lab, reason="x")

    def test_a_suspension_has_a_reason(self, alice_lab: Organization, curator_viewer: Viewer) -> None:
        with pytest.raises(InvalidInput):
            services.suspend_organization(actor=curator_viewer, organization=alice_lab, reason="  ")


class TestAffiliations:
    def test_affiliates_are_known_in_both_directions(
        self, alice_lab: Organization, charlie_works: Organization, bob_viewer: Viewer
    ) -> None:
        for _time in range(2):
            affiliation = services.affiliate(
                actor=bob_viewer, organization=alice_lab, other=charlie_works, kind="parent"
            )
        assert affiliate_pairs([charlie_works.pk]) == {
            (alice_lab.pk, charlie_works.pk),
            (charlie_works.pk, alice_lab.pk),
        }
        services.unaffiliate(actor=bob_viewer, affiliation=affiliation)
        assert affiliate_pairs() == set()

    def test_not_with_itself_and_not_by_charlie(
        self, alice_lab: Organization, charlie_works: Organization, bob_viewer: Viewer, charlie_viewer: Viewer
    ) -> None:
        with pytest.raises(InvalidInput):
            services.affiliate(actor=bob_viewer, organization=alice_lab, other=alice_lab, kind="group")
        with pytest.raises(InvalidInput):
            services.affiliate(actor=bob_viewer, organization=alice_lab, other=charlie_works, kind="friend")
        with pytest.raises(NotAllowed):
            services.affiliate(actor=charlie_viewer, organization=alice_lab, other=charlie_works, kind="group")

    def test_one_with_a_hidden_organization_is_hidden(
        self, alice_lab: Organization, bob_viewer: Viewer, curator_viewer: Viewer, charlie_viewer: Viewer
    ) -> None:
        hidden = make_organization("Hidden Lab", status="pending")
        services.affiliate(actor=curator_viewer, organization=alice_lab, other=hidden, kind="host")
        assert not affiliations_of(charlie_viewer, alice_lab).exists()
        assert affiliations_of(curator_viewer, alice_lab).exists()
        with pytest.raises(NotFound):
            services.affiliate(actor=bob_viewer, organization=alice_lab, other=hidden, kind="group")
