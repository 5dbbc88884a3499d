"""Incremental runs: only what a change touches, with the same lists as a full recompute on the same statistics."""

import pytest

from consortia.evidence.models import Experience, Participation
from consortia.listings import services as listings
from consortia.organizations.models import Affiliation, Organization
from matching import engine, watches
from matching.loading import load_documents, load_needs, load_organizations, load_taxonomy, open_needs
from matching.models import Match, MatchDecision, MatchRun
from matching.results import encode_match
from matching.services import indexing, runs
from matching.services.configuration import current_settings
from tests.matching import world

Scope = MatchRun.Scope


def changed(*, needs=(), organizations=()) -> MatchRun:
    """A finished incremental run over these changes."""
    run = world.recompute(
        runs.request_incremental_run(
            reason="test",
            need_ids=[need.pk for need in needs],
            organization_ids=[organization.pk for organization in organizations],
        )
    )
    assert run.status == MatchRun.Status.DONE, run.error
    return run


def full_lists(base: MatchRun) -> dict[int, list[tuple]]:
    """What an index over everything there is now says, built on the statistics of an earlier run's index."""
    as_of = base.as_of
    index = engine.build_index(
        load_documents(as_of=as_of),
        load_organizations(as_of=as_of),
        load_taxonomy(),
        current_settings(),
        statistics=indexing.indexes.load(base.index_name).statistics,
    )
    return {
        int(answer.need): [(int(match.organization), match.rank, encode_match(match)) for match in answer.matches]
        for answer in index.match(load_needs(open_needs(as_of=as_of), as_of=as_of))
    }


def stored_lists() -> dict[int, list[tuple]]:
    """What the rows say, in the same shape."""
    found: dict[int, list[tuple]] = {
        need: [] for need in open_needs(as_of=MatchRun.objects.first().as_of).values_list("pk", flat=True)
    }
    names = ("score", "contributions", "supporting", "unknowns", "flags")
    for match in Match.objects.filter(rank__isnull=False).order_by("rank"):
        columns = {name: getattr(match, name) for name in names}
        found[match.need_id].append((match.organization_id, match.rank, columns))
    return found


@pytest.fixture
def crowd(need, capability, alice_viewer, alice_lab):
    """Several needs and several organizations."""
    for number, title in enumerate(["Oxide electrolyte sheets", "Sulfide electrolyte powder", "Laser optics"]):
        organization, viewer = world.make_owner(f"Body{number} Works")
        world.publish_capability(viewer, organization, title=title)
    world.publish_need(alice_viewer, alice_lab, title="Laser optics for satellites", technologies=[])
    return world.recompute()


def test_the_first_change_on_an_empty_platform_builds_everything(need, capability):
    run = changed(needs=[need])
    assert run.scope == Scope.FULL
    assert world.listed(need) == ["Dora Materials"]


def test_a_new_need_reuses_the_index(crowd, alice_viewer, alice_lab):
    fresh = world.publish_need(alice_viewer, alice_lab, title="Oxide electrolyte sheets wanted")
    run = changed(needs=[fresh])
    assert (run.scope, run.index_name, run.needs_total) == (Scope.INCREMENTAL, crowd.index_name, 1)
    assert stored_lists() == full_lists(crowd)


def test_a_new_capability(crowd, dora_materials):
    organization, viewer = dora_materials
    world.publish_capability(viewer, organization, title="Laser optics from Dora")
    run = changed(organizations=[organization])
    assert run.index_name != crowd.index_name
    assert stored_lists() == full_lists(run)


def test_a_withdrawn_capability(crowd, need, capability, dora_viewer, dora_materials):
    listings.withdraw_listing(actor=dora_viewer, listing=capability)
    run = changed(organizations=[dora_materials[0]])
    assert "Dora Materials" not in world.listed(need)
    assert stored_lists() == full_lists(run)


def test_a_suspended_organization(crowd, need, dora_materials):
    Organization.objects.filter(pk=dora_materials[0].pk).update(status=Organization.Status.SUSPENDED)
    run = changed(organizations=[dora_materials[0]])
    assert "Dora Materials" not in world.listed(need)
    assert stored_lists() == full_lists(run)


def test_a_new_affiliation(crowd, need, alice_lab, dora_materials):
    Affiliation.objects.create(organization=alice_lab, other=dora_materials[0], kind="group")
    run = changed(organizations=[alice_lab])
    assert "Dora Materials" not in world.listed(need)
    assert stored_lists() == full_lists(run)


def test_an_asker_that_moved(crowd, need, alice_lab):
    Organization.objects.update(latitude=31.2, longitude=121.5)
    run = changed(organizations=Organization.objects.all())
    assert stored_lists() == full_lists(run)
    Organization.objects.filter(pk=alice_lab.pk).update(latitude=52.5, longitude=13.4)
    before = Match.objects.get(need=need, organization__display_name="Dora Materials").contributions
    run = changed(organizations=[alice_lab])
    assert Match.objects.get(need=need, organization__display_name="Dora Materials").contributions != before
    assert stored_lists() == full_lists(run)


def take_part(title: str, *organizations: Organization) -> None:
    """A past project of some organizations, or more organizations in it."""
    experience, _ = Experience.objects.get_or_create(title=title, language="en")
    for organization in organizations:
        Participation.objects.create(experience=experience, organization=organization)


def test_a_partner_of_somebody_listed_goes(taxonomy, alice_viewer, alice_lab, dora_materials):
    """Whom it worked with on another subject has worked more closely with everybody else from then on."""
    dora, viewer = dora_materials
    bert, _ = world.make_owner("Bert Marine")
    world.publish_need(alice_viewer, alice_lab)
    world.publish_capability(viewer, dora)
    take_part("Sulfide solid electrolyte for solid-state batteries", alice_lab, dora)
    take_part("Marine plankton sampling cruise", dora, bert)
    world.recompute()
    before = stored_lists()
    Organization.objects.filter(pk=bert.pk).update(status=Organization.Status.SUSPENDED)
    run = changed(organizations=[bert])
    assert stored_lists() == full_lists(run) != before


def test_somebody_who_is_barred_joins_a_project(taxonomy, alice_viewer, alice_lab, dora_materials):
    """A project that more have taken part in says less about each of them."""
    dora, _ = dora_materials
    bert, _ = world.make_owner("Bert Marine", country="US")
    world.publish_need(alice_viewer, alice_lab, eligible_countries=["CN"])
    take_part("Sulfide solid electrolyte for solid-state batteries", dora)
    world.recompute()
    before = stored_lists()
    take_part("Sulfide solid electrolyte for solid-state batteries", bert)
    run = changed(organizations=[bert])
    assert stored_lists() == full_lists(run) != before
    assert not Match.objects.filter(organization=bert).exists()


@pytest.mark.parametrize("status", ["done", "pending", "failed"])
def test_lists_of_a_run_that_came_to_nothing_are_computed_again(crowd, need, charlie_works, status):
    """They are of an index that the next run does not amend."""
    failed = MatchRun.objects.create(scope=Scope.INCREMENTAL, status=MatchRun.Status.FAILED)
    failed.blocks.create(number=0, need_ids=[need.pk], status=status, attempts=1)
    run = changed(organizations=[charlie_works])
    assert (run.scope, [block.need_ids for block in run.blocks.all()]) == (Scope.INCREMENTAL, [[need.pk]])


def test_without_its_encoder_an_index_is_built_anew(crowd, dora_materials, monkeypatch):
    monkeypatch.setattr(engine.Index, "reads_as_built", False)
    run = changed(organizations=[dora_materials[0]])
    assert run.scope == Scope.FULL
    assert list(watches.open_watches(run.index_name)) == []


def test_lists_of_a_suspended_asker_go(crowd, need, alice_lab):
    Organization.objects.filter(pk=alice_lab.pk).update(status=Organization.Status.SUSPENDED)
    changed(organizations=[alice_lab])
    assert not Match.objects.filter(need=need, rank__isnull=False).exists()


def test_a_need_that_stopped_asking(crowd, need, alice_viewer):
    listings.pause_listing(actor=alice_viewer, listing=need)
    changed(needs=[need])
    assert world.listed(need) == []
    assert stored_lists() == full_lists(crowd)


def test_several_changes_one_after_another(crowd, dora_materials, alice_viewer, alice_lab):
    organization, viewer = dora_materials
    for number in range(3):
        world.publish_capability(viewer, organization, title=f"Electrolyte kind {number}")
        asked = world.publish_need(alice_viewer, alice_lab, title=f"Electrolyte kind {number}")
        run = changed(needs=[asked], organizations=[organization])
    assert stored_lists() == full_lists(run)


def test_other_settings_need_a_new_index(crowd, need, settings):
    settings.MATCHING_TOP_K = 1
    run = changed(needs=[need])
    assert run.scope == Scope.FULL
    assert len(world.listed(need)) == 1


def test_an_old_index_is_not_amended(crowd, need):
    MatchRun.objects.update(as_of=crowd.as_of - 2 * indexing.OLDEST_BASE)
    assert changed(needs=[need]).scope == Scope.FULL


def test_an_index_grows_no_younger_by_being_amended(crowd, need, dora_materials):
    assert changed(organizations=[dora_materials[0]]).scope == Scope.INCREMENTAL
    MatchRun.objects.filter(pk=crowd.pk).update(as_of=crowd.as_of - 2 * indexing.OLDEST_BASE)
    assert changed(needs=[need]).scope == Scope.FULL


@pytest.mark.parametrize(("kind", "place"), [("pin", 0), ("demote", -1)])
def test_decisions_survive_recomputes(crowd, need, kind, place):
    name = world.listed(need)[-1 if kind == "pin" else 0]
    organization = Organization.objects.get(display_name=name)
    MatchDecision.objects.create(need=need, organization=organization, kind=kind, reason="x")
    changed(needs=[need])
    assert world.listed(need)[place] == name
    world.recompute()
    assert world.listed(need)[place] == name


def test_a_pin_lifts_what_lies_below_the_cut(crowd, need, settings):
    settings.MATCHING_TOP_K = 1
    last = Organization.objects.get(display_name=world.listed(need)[-1])
    MatchDecision.objects.create(need=need, organization=last, kind="pin", reason="x")
    world.recompute()
    assert world.listed(need)[0] == last.display_name
    assert len(world.listed(need)) == 2


def test_a_pin_shows_even_whom_nothing_speaks_for(crowd, need, charlie_works):
    MatchDecision.objects.create(need=need, organization=charlie_works, kind="pin", reason="x")
    run = changed(organizations=[charlie_works], needs=[need])
    first = Match.objects.get(need=need, rank=1)
    assert (first.organization, first.score, first.flags) == (charlie_works, 0.0, ["pinned"])
    assert run.status == MatchRun.Status.DONE


def test_a_hard_rule_is_stronger_than_a_pin(crowd, need, dora_materials):
    MatchDecision.objects.create(need=need, organization=dora_materials[0], kind="pin", reason="x")
    Organization.objects.filter(pk=dora_materials[0].pk).update(status=Organization.Status.SUSPENDED)
    world.recompute()
    assert "Dora Materials" not in world.listed(need)
