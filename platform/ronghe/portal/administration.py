"""How the admin is arranged: the sidebar by room, and the queues that wait for a curator on its first page."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consortia.evidence.models import Evidence
from consortia.organizations.models import Claim, Organization
from consortia.technologies.models import TaxonomyProposal
from matching.models import MatchRun
from ronghe.events.models import Delivery

# In the order of the work; rooms that are not named follow in the admin's own order.
_ROOMS: Final = (
    "organizations",
    "technologies",
    "listings",
    "facilities",
    "evidence",
    "matching",
    "disclosure",
    "imports",
    "accounts",
    "events",
)
# Material Symbols, which the admin's theme ships.
_ICONS: Final = {
    "organizations": "apartment",
    "technologies": "account_tree",
    "listings": "swap_horiz",
    "facilities": "factory",
    "evidence": "verified",
    "matching": "hub",
    "disclosure": "visibility",
    "imports": "upload_file",
    "accounts": "person",
    "events": "bolt",
}
_OTHER_ICON: Final = "category"


@dataclass(frozen=True, slots=True)
class Queue:
    """Records that wait for a curator.

    Attributes:
        label: what waits.
        count: how many records.
        address: the admin's list, filtered to them.
    """

    label: str | Promise
    count: int
    address: str


def site_icon(request: HttpRequest) -> str:
    """The platform's mark in the admin's corner."""
    return static("shell/mark.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """One group per room with the models that the person may see, in the order of the work."""
    apps = {app["app_label"]: app for app in admin.site.get_app_list(request)}
    labels = [label for label in _ROOMS if label in apps] + [label for label in apps if label not in _ROOMS]
    return [_group(apps[label]) for label in labels]


def _group(app: dict[str, Any]) -> dict[str, Any]:
    icon = _ICONS.get(app["app_label"], _OTHER_ICON)
    items = [
        {"title": model["name"], "link": model["admin_url"], "icon": icon}
        for model in app["models"]
        if model["admin_url"]
    ]
    return {"title": app["name"], "collapsible": True, "items": items}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds the queues to the first page of the admin."""
    context["queues"] = curator_queues()
    return context


def curator_queues() -> list[Queue]:
    """What waits for a curator, most urgent kind first; one count each."""
    failed, run_failed = Delivery.Status.FAILED, MatchRun.Status.FAILED
    pending, claimed = Organization.Status.PENDING, Evidence.Status.CLAIMED
    return [
        # Imported organizations wait for somebody who claims them, not for a curator.
        _queue(_("Organizations to verify"), Organization.objects.filter(status=pending, source=""), status=pending),
        _queue(_("Claims to decide"), Claim.objects.filter(status=Claim.Status.OPEN), status=Claim.Status.OPEN),
        _queue(_("Evidence to verify"), Evidence.objects.filter(status=claimed), status=claimed),
        _queue(
            _("Taxonomy proposals to review"),
            TaxonomyProposal.objects.filter(status=TaxonomyProposal.Status.OPEN),
            status=TaxonomyProposal.Status.OPEN,
        ),
        _queue(_("Deliveries of events that failed"), Delivery.objects.filter(status=failed), status=failed),
        _queue(_("Match runs that failed"), MatchRun.objects.filter(status=run_failed), status=run_failed),
    ]


def _queue(label: str | Promise, records: "QuerySet[Any]", *, status: str) -> Queue:
    model: type[Model] = records.model
    changelist = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return Queue(label, records.count(), f"{changelist}?status__exact={status}")
