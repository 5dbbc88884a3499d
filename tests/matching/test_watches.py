"""Watches beside an index: taken over, put together, and done without where damaged, missing or of old needs."""

import pytest

from consortia.listings.models import Need
from matching import indexes, watches
from matching.engine import Watches
from matching.models import MatchRun
from matching.services import runs
from tests.matching import world
from tests.matching.test_incremental import changed, full_lists, stored_lists


def files(run: MatchRun) -> list[str]:
    return sorted(path.name for path in (indexes.folder_of(run.index_name) / "watches").glob("*.npz"))


def watched(run: MatchRun) -> list[int]:
    return sorted(Watches.join(watches.open_watches(run.index_name)).need.tolist())


@pytest.fixture
def base(need, capability, alice_viewer, alice_lab) -> MatchRun:
    """A full run over two needs on different subjects."""
    world.publish_need(alice_viewer, alice_lab, title="Laser optics for satellites", technologies=[])
    return world.recompute()


def publish_optics() -> MatchRun:
    """A run over a new capability that one of the needs asks for."""
    organization, viewer = world.make_owner("Otto Optics")
    world.publish_capability(viewer, organization, title="Laser optics for satellites")
    return changed(organizations=[organization])


def test_every_need_is_watched_and_an_amended_index_takes_the_watches_over(base):
    before = files(base)
    assert watched(base) == sorted(Need.objects.values_list("pk", flat=True))
    run = publish_optics()
    assert run.amends["index"] == base.index_name
    assert set(before) <= set(files(run))
    assert watched(run) == sorted(Need.objects.values_list("pk", flat=True))
    assert stored_lists() == full_lists(run)


def test_many_files_become_one(base, monkeypatch):
    monkeypatch.setattr(watches, "MOST_FILES", 0)
    run = publish_optics()
    assert watched(run) == sorted(Need.objects.values_list("pk", flat=True))
    assert stored_lists() == full_lists(run)


@pytest.mark.parametrize("harm", ["cut short", "another byte", "gone"])
def test_without_its_watch_a_need_is_looked_at_again(base, harm):
    [path] = (indexes.folder_of(base.index_name) / "watches").glob("*.npz")
    content = path.read_bytes()
    path.unlink()
    if harm == "cut short":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "another byte":
        place = content.index(b"NUMPY") + 200
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    run = publish_optics()
    assert (run.scope, run.needs_total) == (MatchRun.Scope.INCREMENTAL, 2)
    assert stored_lists() == full_lists(run)


def test_a_need_that_has_changed_since_is_looked_at_again(base, need):
    Need.objects.filter(pk=need.pk).update(version=need.version + 1)
    organization, viewer = world.make_owner("Gerda Glass")
    world.publish_capability(viewer, organization, title="Kiln furniture", technologies=[])
    run = changed(organizations=[organization])
    assert need.pk in {pk for block in run.blocks.all() for pk in block.need_ids}
    assert stored_lists() == full_lists(run)


def test_only_lists_that_differ_are_published_again(base, need):
    run = publish_optics()
    looked_at = {pk for block in run.blocks.filter(only_differing=True) for pk in block.need_ids}
    assert looked_at
    assert world.listed(Need.objects.exclude(pk=need.pk).get())[0] == "Otto Optics"
    again = runs.request_incremental_run(reason="again", organization_ids=[*run.amends["organizations"]])
    assert world.recompute(again).matches_written == 0
