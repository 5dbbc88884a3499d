"""The cast of matching: Alice asks, Dora answers, Charlie must see nothing of it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Capability, Need
from consortia.organizations.models import Organization
from matching import indexes
from matching.models import Match, MatchRun
from matching.services import runs
from tests.cast import signed_in
from tests.consortia.listings.authoring import make_taxonomy
from tests.matching import world


@pytest.fixture(autouse=True)
def _words_only(settings, tmp_path):
    """Words and technologies are enough here; every test has index artefacts of its own."""
    settings.MATCHING_ENCODER = ""
    settings.INDEX_DIR = tmp_path / "index"
    settings.VECTOR_CACHE_DIR = tmp_path / "vectors"
    indexes.forget()


@pytest.fixture
def taxonomy(db: None) -> None:
    make_taxonomy()


@pytest.fixture
def dora_materials(db: None) -> tuple[Organization, Viewer]:
    return world.make_owner("Dora Materials")


@pytest.fixture
def dora_viewer(dora_materials) -> Viewer:
    return dora_materials[1]


@pytest.fixture
def dora_client(dora_viewer: Viewer) -> Client:
    return signed_in(get_user_model().objects.get(pk=dora_viewer.user_id))


@pytest.fixture
def need(taxonomy: None, alice_viewer: Viewer, alice_lab: Organization) -> Need:
    """What Alice Lab looks for."""
    return world.publish_need(alice_viewer, alice_lab)


@pytest.fixture
def capability(taxonomy: None, dora_materials) -> Capability:
    """What Dora Materials offers."""
    organization, viewer = dora_materials
    return world.publish_capability(viewer, organization)


@pytest.fixture
def run(need: Need, capability: Capability) -> MatchRun:
    """A full run that has ended."""
    return world.recompute()


@pytest.fixture
def match(run: MatchRun, need: Need) -> Match:
    """Dora Materials in the list of Alice's need."""
    return Match.objects.select_related("need__organization", "organization").get(need=need)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """Blocks that were put on the queue instead of being computed."""
    queue: list[int] = []
    monkeypatch.setattr(runs, "_begin_block", lambda block_id: bool(queue.append(block_id)))
    return queue
