"""Rows → engine: what is restricted is marked, and reading costs a bounded number of queries."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consortia.disclosure.models import Tier
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.facilities.models import Booking, Facility, Slot
from consortia.listings.drafts import TranslationDraft
from consortia.listings.models import Listing
from consortia.organizations.models import Affiliation, Organization
from matching import engine
from matching.loading import load_documents, load_needs, load_organizations, load_taxonomy, open_needs, with_affiliates
from matching.loading.records import money, paged, span
from matching.models import Match, MatchDecision
from tests.cast import make_organization
from tests.consortia.listings.authoring import BATTERY, SULFIDE
from tests.matching import world

TODAY = timezone.localdate()


def documents(**only) -> dict[str, engine.Document]:
    return {document.id: document for document in load_documents(as_of=TODAY, **only)}


def organizations(**only) -> dict[str, engine.Organization]:
    return {organization.id: organization for organization in load_organizations(as_of=TODAY, **only)}


def needs() -> list[engine.Need]:
    return list(load_needs(open_needs(as_of=TODAY), as_of=TODAY))


def test_a_capability_with_everything(capability, dora_materials):
    [document] = documents().values()
    assert document.id == f"capability:{capability.pk}"
    assert document.organization == str(dora_materials[0].pk)
    assert document.technologies == (engine.TechnologyUse(BATTERY, SULFIDE, 1.0),)
    assert (document.trl, document.mrl) == ((6.0, 8.0), None)
    assert document.price == (8800.0, 8800.0)
    assert document.supply_role == "basic_material"
    [parameter] = document.parameters
    assert parameter.low == pytest.approx(300 * 3600 / 1)  # Wh/kg in m²/s²
    assert parameter.restricted


@pytest.mark.parametrize(
    ("basis", "price"),
    [
        ("per_project", (8800.0, 8800.0)),
        ("licence", (8800.0, 8800.0)),
        ("per_unit", None),
        ("per_hour", None),
        ("per_day", None),
        ("negotiable", None),
        ("", None),
    ],
)
def test_only_a_price_for_the_whole_is_compared_with_budgets(dora_materials, taxonomy, basis, price):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, price_model=basis)
    [document] = documents().values()
    assert document.price == price


def test_restricted_texts_stand_apart(dora_materials, taxonomy):
    organization, viewer = dora_materials
    world.publish_capability(
        viewer,
        organization,
        description=world.SECRET_WORDS,
        disclosure={"description": Tier.MATCHED, "regions": Tier.MEMBERS},
        translations=[TranslationDraft(language="zh-Hans", title="硫化物电解质", description="机密")],
    )
    document, in_searches = documents().values()
    assert document.restricted == {"price", "regions"}
    assert document.reach == "needs"
    assert in_searches.reach == "searches"
    assert in_searches.texts == tuple(text for text in document.texts if not text.restricted)
    assert world.SECRET_WORDS not in repr(in_searches)
    shown = [text for text in document.texts if not text.restricted]
    secret = [text for text in document.texts if text.restricted]
    assert [text.lang for text in shown] == [text.lang for text in secret] == ["en", "zh-Hans"]
    assert not any(world.SECRET_WORDS in text.body for text in shown)
    assert [text.body for text in secret] == [world.SECRET_WORDS, "机密"]


def test_restricted_words_match_but_are_never_repeated(need, dora_materials, alice_viewer, alice_lab):
    organization, viewer = dora_materials
    asking = world.publish_need(alice_viewer, alice_lab, title=f"Powder with {world.SECRET_WORDS}", technologies=[])
    hidden = {"description": Tier.MATCHED}
    world.publish_capability(viewer, organization, description=world.SECRET_WORDS, disclosure=hidden, technologies=[])
    world.recompute()
    match = Match.objects.get(need=asking)
    assert match.score > 0
    assert not {"argyrodite", "whisper"} & {term for item in match.supporting for term in item["terms"]}


def test_a_record_that_does_not_tell_its_owner_answers_no_searches(dora_materials, taxonomy):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, disclosure={"organization": Tier.MEMBERS})
    [document] = documents().values()
    assert document.reach == "needs"


def test_who_is_not_listed_brings_no_documents(capability, dora_materials):
    Organization.objects.filter(pk=dora_materials[0].pk).update(status=Organization.Status.SUSPENDED)
    assert documents() == {}
    assert organizations()[str(dora_materials[0].pk)].suspended
    Organization.objects.filter(pk=dora_materials[0].pk).update(status=Organization.Status.PENDING)
    assert str(dora_materials[0].pk) not in organizations()


@pytest.mark.parametrize(
    "change", [{"status": Listing.Status.PAUSED}, {"valid_until": TODAY - timedelta(days=1)}], ids=["paused", "expired"]
)
def test_what_does_not_ask_is_not_loaded(need, capability, change):
    assert len(needs()) == len(documents()) == 1
    Listing.objects.update(**change)
    assert needs() == []
    assert documents() == {}


def test_refusals_and_suppressions_keep_organizations_away(need, dora_materials, charlie_works):
    Match.objects.create(need=need, organization=dora_materials[0], score=1, organization_answer=Match.Answer.DECLINED)
    MatchDecision.objects.create(need=need, organization=charlie_works, kind="suppress", reason="x")
    assert needs()[0].declined_organizations == {str(dora_materials[0].pk), str(charlie_works.pk)}


def test_affiliates_at_one_and_two_steps(alice_lab, charlie_works, dora_materials):
    Affiliation.objects.create(organization=alice_lab, other=charlie_works, kind="parent")
    Affiliation.objects.create(organization=charlie_works, other=dora_materials[0], kind="parent")
    found = organizations()[str(alice_lab.pk)]
    assert found.affiliates == {str(charlie_works.pk)}
    assert found.conflicts == {str(dora_materials[0].pk)}
    assert with_affiliates([alice_lab.pk]) == {alice_lab.pk, charlie_works.pk}


def test_verified_evidence_ages_and_concerns_its_technologies(capability, dora_materials, taxonomy):
    piece = Evidence.objects.create(
        organization=dora_materials[0],
        kind=Evidence.Kind.TEST_REPORT,
        title="Cycle test",
        issuer="A lab",
        issued_on=TODAY,
        status=Evidence.Status.VERIFIED,
        verified_at=timezone.now(),
    )
    assert documents()[f"capability:{capability.pk}"].verified == 1.0
    Evidence.objects.update(issued_on=date(TODAY.year - 6, 1, 1))
    assert 0 < documents()[f"capability:{capability.pk}"].verified < 0.3
    piece.technologies.create(key="spa-optics", labels={"en": "Optics"})
    assert documents()[f"capability:{capability.pk}"].verified is None


def test_facilities_with_free_slots(dora_materials):
    facility = Facility.objects.create(
        organization=dora_materials[0],
        names={"en": "Pilot line", "zh-Hans": "中试线"},
        language="en",
        description="Coating",
        services=["process"],
        trl_in=5,
        trl_out=8,
    )
    start = timezone.now() + timedelta(days=3)
    Slot.objects.create(facility=facility, starts_at=start, ends_at=start + timedelta(days=2))
    Slot.objects.create(facility=facility, starts_at=start - timedelta(days=90), ends_at=start - timedelta(days=80))
    [document] = documents().values()
    assert document.id == f"facility:{facility.pk}"
    assert [text.title for text in document.texts] == ["Pilot line", "中试线"]
    assert document.capacity == 1.0
    assert document.available == (
        float(start.date().toordinal()),
        float((start + timedelta(days=2)).date().toordinal()),
    )
    assert document.supply_role == "testing"


def test_slots_that_are_booked_out_cannot_be_had(dora_materials, alice_lab):
    """What is free decides from when on there is room, and the share of everything that is coming."""
    facility = Facility.objects.create(organization=dora_materials[0], names={"en": "Pilot line"}, language="en")
    start = timezone.now().replace(hour=12) + timedelta(days=3)
    slots = [
        Slot.objects.create(
            facility=facility,
            starts_at=start + timedelta(days=day),
            ends_at=start + timedelta(days=day + 1),
            capacity=2,
        )
        for day in (0, 20)
    ]

    def availability() -> tuple[float | None, list[int]]:
        [document] = documents().values()
        first = timezone.now().date().toordinal()
        return document.capacity, [round(day) - first for day in document.available]

    def book(slot: Slot, **fields: object) -> Booking:
        times = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
        return Booking.objects.create(slot=slot, organization=alice_lab, units=2, **times, **fields)

    assert availability() == (1.0, [3, 24])
    book(slots[1], status="cancelled")
    assert availability() == (1.0, [3, 24]), "a cancelled booking holds nothing"
    book(slots[0])
    assert availability() == (0.5, [23, 24])
    book(slots[1])
    assert availability() == (0.0, [3, 24])


def test_partners_of_a_project_share_one_text(alice_lab, charlie_works):
    project = Experience.objects.create(title="Past work", abstract="Electrolytes", language="en")
    for organization in (alice_lab, charlie_works):
        Participation.objects.create(experience=project, organization=organization)
    first, second = documents().values()
    assert first.texts is second.texts
    assert organizations()[str(alice_lab.pk)].partners == ((str(charlie_works.pk), 1.0),)


def test_programme_and_call_of_a_project_are_words_of_its_text(alice_lab):
    call = "HORIZON-CL4-2023-DIGITAL-EMERGING-01-12"
    project = Experience.objects.create(
        title="Past work", abstract="Electrolytes", keywords="cells", call=call, language="en"
    )
    Participation.objects.create(experience=project, organization=alice_lab)
    [document] = documents().values()
    assert [text.body for text in document.texts] == [f"Electrolytes\ncells\n{call}"]


def test_only_the_changed_ones(capability, dora_materials, alice_lab):
    assert documents(only=[alice_lab.pk]) == {}
    assert list(organizations(only=[alice_lab.pk])) == [str(alice_lab.pk)]
    assert len(documents(only=[dora_materials[0].pk])) == 1


def test_the_number_of_queries_does_not_grow(need, capability, dora_materials):
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            documents(), organizations(), needs(), load_taxonomy()
        return len(captured)

    before = count()
    for number in range(5):
        organization, viewer = world.make_owner(f"Number{number} Works")
        world.publish_capability(viewer, organization)
        world.publish_need(viewer, organization)
        Facility.objects.create(organization=organization, names={"en": "A"}, language="en")
        project = Experience.objects.create(title=f"Project {number}", language="en")
        Participation.objects.create(experience=project, organization=organization)
    after_few = count()
    for number in range(5, 12):
        organization, viewer = world.make_owner(f"Number{number} Works")
        world.publish_capability(viewer, organization)
    assert count() == after_few
    assert after_few - before <= 8  # kinds that were not there before


def test_pages_read_everything_once(db, monkeypatch):
    monkeypatch.setattr("matching.loading.records.PAGE", 3)
    made = [make_organization(f"Body {number}").pk for number in range(8)]
    assert [row.pk for row in paged(Organization.objects.filter(pk__in=made))] == made


def test_money_and_spans():
    assert money(None, "CNY") is None
    assert money(2, "XXX") is None
    assert money(2, "CNY") == 2.0
    assert span(None, None) is None
    assert span(3, None) == (3.0, 3.0)
    assert span(None, 5) == (5.0, 5.0)
