"""What matching is tested on: a need of Alice's, organizations that answer it, and a run that has found them."""

from decimal import Decimal

from consortia.disclosure.viewer import Viewer
from consortia.listings import services as listings
from consortia.listings.drafts import CapabilityDraft, NeedDraft, TechnologyUseDraft
from consortia.listings.models import Capability, Need
from consortia.organizations.models import Membership, Organization
from matching.models import Match, MatchRun
from matching.services.runs import request_full_run
from matching.services.waiting import compute_here
from tests.cast import make_organization, make_user, viewer_of
from tests.consortia.listings.authoring import BATTERY, ENERGY_DENSITY, SULFIDE

SECRET_WORDS = "argyrodite whisper"


def need_draft(**changes: object) -> NeedDraft:
    """A need with wishes of many kinds."""
    draft: dict[str, object] = {
        "kind": "rnd_problem",
        "title": "Sulfide solid electrolyte for solid-state batteries",
        "summary": "We look for a sulfide electrolyte powder that survives a thousand cycles.",
        "trl_low": 4,
        "trl_high": 7,
        "supply_role": "basic_material",
        "technologies": [TechnologyUseDraft(technology=BATTERY, route=SULFIDE)],
        "parameters": [ENERGY_DENSITY],
        "budget_max": Decimal(2_000_000),
        "currency": "CNY",
        "cooperation_types": ["supplier"],
        "regions": ["CN-JS"],
        "partner_types": ["firm"],
        "languages_spoken": ["en"],
    }
    return NeedDraft(**{**draft, **changes})


def capability_draft(**changes: object) -> CapabilityDraft:
    """A capability that answers the need."""
    draft: dict[str, object] = {
        "kind": "product",
        "title": "Sulfide electrolyte powder for solid-state batteries",
        "summary": "Electrolyte powder with a thousand cycles in pouch cells.",
        "trl_low": 6,
        "trl_high": 8,
        "supply_role": "basic_material",
        "technologies": [TechnologyUseDraft(technology=BATTERY, route=SULFIDE)],
        "parameters": [ENERGY_DENSITY],
        "price_model": "per_project",
        "price_amount": Decimal(8800),
        "currency": "CNY",
        "cooperation_types": ["supplier"],
        "languages_spoken": ["en"],
    }
    return CapabilityDraft(**{**draft, **changes})


def publish_need(viewer: Viewer, organization: Organization, **changes: object) -> Need:
    """A need, open for interest."""
    need = listings.draft_need(actor=viewer, organization=organization, draft=need_draft(**changes))
    return listings.publish_need(actor=viewer, need=need)


def publish_capability(viewer: Viewer, organization: Organization, **changes: object) -> Capability:
    """A capability, open for interest."""
    draft = capability_draft(**changes)
    capability = listings.draft_capability(actor=viewer, organization=organization, draft=draft)
    return listings.publish_capability(actor=viewer, capability=capability)


def make_owner(name: str, **fields: object) -> tuple[Organization, Viewer]:
    """An organization with somebody who owns it."""
    organization = make_organization(name, **fields)
    user = make_user(f"{name.split()[0].lower()}@example.com", name=name.split()[0])
    Membership.objects.create(organization=organization, user=user, role=Membership.Role.OWNER)
    return organization, viewer_of(user)


def recompute(run: MatchRun | None = None) -> MatchRun:
    """Compute a run, a full one when none is given, in this process."""
    return compute_here(run=run or request_full_run(reason="test"), on_progress=lambda _run: None)


def listed(need: Need) -> list[str]:
    """Names of the organizations in a need's list, best first."""
    rows = Match.objects.filter(need=need, rank__isnull=False).order_by("rank")
    return [row.organization.display_name for row in rows.select_related("organization")]


def lists() -> list[tuple[object, ...]]:
    """Everything that the current lists say, comparable."""
    columns = ("need_id", "organization_id", "rank", "score", "contributions", "supporting", "unknowns", "flags")
    return list(Match.objects.order_by("need_id", "rank", "organization_id").values_list(*columns))
