from datetime import UTC, datetime, timedelta

import pytest

from consortia.disclosure.viewer import Viewer
from consortia.facilities import services
from consortia.facilities.drafts import FacilityDraft
from consortia.facilities.models import Facility, Slot
from consortia.listings.drafts import TechnologyUseDraft
from consortia.organizations.models import Organization
from tests.consortia.listings.authoring import BATTERY, SULFIDE, make_taxonomy

START = (datetime.now(UTC) + timedelta(days=30)).replace(hour=0, minute=0, second=0, microsecond=0)


def hour(number: float) -> datetime:
    """So many hours after the slot's start."""
    return START + timedelta(hours=number)


def facility_draft(**changes: object) -> FacilityDraft:
    """A pilot line with something in every part of it."""
    draft: dict[str, object] = {
        "names": {"en": "Roll-to-roll coating line", "zh-Hans": "卷对卷涂布中试线"},
        "description": "Coats sulfide electrolyte films in a dry room at a dew point of -60 °C.",
        "throughput": 50.0,
        "throughput_unit": "kg/day",
        "services": ["process", "production"],
        "trl_in": 5,
        "trl_out": 7,
        "price_amount": 12_000,
        "price_unit": "per_day",
        "currency": "CNY",
        "ip_terms": "Results belong to the client.",
        "technologies": [TechnologyUseDraft(technology=BATTERY, route=SULFIDE)],
    }
    return FacilityDraft(**{**draft, **changes})


@pytest.fixture
def facility(db: None, alice_viewer: Viewer, alice_lab: Organization) -> Facility:
    """Alice Lab's pilot line."""
    make_taxonomy()
    return services.register_facility(actor=alice_viewer, organization=alice_lab, draft=facility_draft())


@pytest.fixture
def slot(facility: Facility, alice_viewer: Viewer) -> Slot:
    """A day on it with three places."""
    return services.offer_slot(actor=alice_viewer, facility=facility, starts_at=hour(0), ends_at=hour(24), capacity=3)
