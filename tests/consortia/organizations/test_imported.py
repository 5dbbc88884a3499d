"""Organizations of an archive: recorded once however often, dirty rows reported, people's work not overwritten."""

from dataclasses import replace

import pytest

from consortia.organizations.models import Identifier, Membership, Organization, OrganizationName
from consortia.organizations.services import ImportedOrganization, record_imported_organizations
from ronghe.events.models import Event

pytestmark = pytest.mark.django_db

ROW = ImportedOrganization(
    key="999997930",
    names={"en": "CENTRE NATIONAL"},
    type="research_institute",
    identifiers=[("pic", "999997930"), ("vat", "FR40303265045")],
    aliases=["CN"],
    country="FR",
    latitude=48.8,
    longitude=2.3,
)
OTHER = replace(ROW, key="999997931", names={"en": "OTHER"}, identifiers=[("pic", "999997931")])


def test_names_and_identifiers_come_with_it() -> None:
    outcome = record_imported_organizations(records=[ROW], source="cordis")
    organization = Organization.objects.get(pk=outcome.ids["999997930"])
    assert (outcome.created, outcome.updated, outcome.problems) == (1, 0, [])
    assert sorted(organization.identifiers.values_list("value", flat=True)) == ["999997930", "FR40303265045"]
    assert sorted(organization.known_names.values_list("folded", flat=True)) == ["centre national", "cn"]


def test_twice_is_once() -> None:
    first = record_imported_organizations(records=[ROW, OTHER], source="cordis")
    again = record_imported_organizations(records=[OTHER, ROW], source="cordis")
    assert (again.created, again.updated, again.ids) == (0, 0, first.ids)
    assert Event.objects.filter(kind="organization.imported").count() == 1


def test_what_changed_is_brought_up_to_date() -> None:
    record_imported_organizations(records=[ROW], source="cordis")
    outcome = record_imported_organizations(records=[replace(ROW, city="PARIS", names={"en": "CNRS"})], source="cordis")
    organization = Organization.objects.get()
    assert (outcome.updated, organization.city, organization.version) == (1, "PARIS", 2)
    assert set(OrganizationName.objects.values_list("text", flat=True)) == {"CNRS", "CN"}


def test_what_people_have_taken_over_is_not_overwritten(charlie: object) -> None:
    ids = record_imported_organizations(records=[ROW], source="cordis").ids
    Membership.objects.create(organization_id=ids["999997930"], user=charlie, role=Membership.Role.OWNER)
    outcome = record_imported_organizations(records=[replace(ROW, city="PARIS")], source="cordis")
    assert (outcome.updated, outcome.ids) == (0, ids)
    assert Organization.objects.get(pk=ids["999997930"]).city == ""


def test_what_was_registered_here_is_recognized_and_kept(alice_lab: Organization) -> None:
    alice_lab.identifiers.create(scheme="pic", value="999997930")
    outcome = record_imported_organizations(records=[ROW], source="cordis")
    alice_lab.refresh_from_db()
    assert outcome.ids == {"999997930": alice_lab.pk}
    assert alice_lab.names == {"en": "Alice Lab"}


def test_a_vat_number_of_several_goes_to_the_first_and_is_reported() -> None:
    rival = replace(OTHER, identifiers=[("pic", "999997931"), ("vat", "FR40303265045")])
    outcome = record_imported_organizations(records=[ROW, rival], source="cordis")
    assert Identifier.objects.get(scheme="vat").organization_id == outcome.ids["999997930"]
    assert [(problem.key, problem.field) for problem in outcome.problems] == [("999997931", "vat")]
    assert len(outcome.ids) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifiers": [("pic", "999997930"), ("vat", "MISSING")]}, "vat"),
        ({"country": "France"}, "country"),
        ({"latitude": 123.0}, "latitude"),
        ({"city": "P\x00ris"}, "city"),
    ],
)
def test_a_fault_in_a_field_leaves_the_field_out(changes: dict[str, object], field: str) -> None:
    outcome = record_imported_organizations(records=[replace(ROW, **changes)], source="cordis")
    assert [(problem.field, problem.is_refused) for problem in outcome.problems] == [(field, False)]
    assert Organization.objects.count() == 1


@pytest.mark.parametrize("changes", [{"names": {}}, {"names": {"en": "A\x00"}}, {"type": "bakery"}])
def test_a_fault_in_what_is_needed_refuses_the_row_and_no_other(changes: dict[str, object]) -> None:
    outcome = record_imported_organizations(records=[replace(ROW, **changes), OTHER], source="cordis")
    assert list(outcome.ids) == ["999997931"]
    assert [problem.is_refused for problem in outcome.problems] == [True]


def test_rows_without_identifiers_are_recognized_by_name() -> None:
    nameless = replace(ROW, identifiers=[])
    first = record_imported_organizations(records=[nameless], source="calls")
    assert record_imported_organizations(records=[nameless], source="calls").ids == first.ids


def test_a_thousand_rows_take_few_queries(django_assert_max_num_queries: object) -> None:
    rows = [
        replace(ROW, key=str(number), names={"en": f"Body {number}"}, identifiers=[("pic", f"{number:09d}")])
        for number in range(1000)
    ]
    with django_assert_max_num_queries(250):
        outcome = record_imported_organizations(records=rows, source="cordis")
    assert outcome.created == 1000
    assert Event.objects.filter(kind="organization.imported").count() == 2
