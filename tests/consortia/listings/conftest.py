import pytest

from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.models import Capability, Need
from consortia.organizations.models import Organization
from tests.consortia.listings.authoring import capability_draft, make_taxonomy, need_draft


@pytest.fixture
def taxonomy(db: None) -> None:
    make_taxonomy()


@pytest.fixture
def need(taxonomy: None, alice_viewer: Viewer, alice_lab: Organization) -> Need:
    """A draft of Alice Lab."""
    return services.draft_need(actor=alice_viewer, organization=alice_lab, draft=need_draft())


@pytest.fixture
def open_need(need: Need, alice_viewer: Viewer) -> Need:
    """The same, published and open."""
    return services.publish_need(actor=alice_viewer, need=need)


@pytest.fixture
def open_capability(taxonomy: None, alice_viewer: Viewer, alice_lab: Organization) -> Capability:
    """What Alice Lab offers, open."""
    capability = services.draft_capability(actor=alice_viewer, organization=alice_lab, draft=capability_draft())
    return services.publish_capability(actor=alice_viewer, capability=capability)
