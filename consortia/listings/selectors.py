"""What can be read about listings, on behalf of a viewer."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from consortia.disclosure.policies import visible
from consortia.disclosure.viewer import Viewer
from consortia.listings.drafts import (
    CapabilityDraft,
    InterfaceUseDraft,
    NeedDraft,
    ParameterDraft,
    TechnologyUseDraft,
    TranslationDraft,
)
from consortia.listings.models import Capability, Listing, Need, Parameter
from ronghe.common.lookups import first_or_not_found

ListingT = TypeVar("ListingT", bound=Listing)


def with_parts(listings: "QuerySet[ListingT]") -> "QuerySet[ListingT]":
    """The listings with everything that a view of them shows; seven queries, however many there are."""
    return listings.select_related("organization").prefetch_related(
        "translations",
        "uses__technology",
        "uses__route",
        "interface_uses__interface",
        Prefetch("parameters", queryset=Parameter.objects.select_related("quantity")),
    )


def visible_needs(viewer: Viewer) -> "QuerySet[Need]":
    """Every need that exists for the viewer, own drafts included; newest first."""
    return with_parts(visible(viewer, Need.objects.order_by("-id")))


def visible_capabilities(viewer: Viewer) -> "QuerySet[Capability]":
    """Every capability that exists for the viewer, own drafts included; newest first."""
    return with_parts(visible(viewer, Capability.objects.order_by("-id")))


def published_needs(viewer: Viewer) -> "QuerySet[Need]":
    """Needs that are shown to others and exist for the viewer; newest first. Narrow it with `filters.NeedFilter`."""
    return visible_needs(viewer).filter(status__in=Listing.VISIBLE_STATUSES)


def published_capabilities(viewer: Viewer) -> "QuerySet[Capability]":
    """Capabilities that are shown to others and exist for the viewer; newest first."""
    return visible_capabilities(viewer).filter(status__in=Listing.VISIBLE_STATUSES)


def need_for(viewer: Viewer, public_id: UUID) -> Need:
    """One need with its parts.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(visible_needs(viewer).filter(public_id=public_id), _("There is no such need."))


def capability_for(viewer: Viewer, public_id: UUID) -> Capability:
    """One capability with its parts.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(
        visible_capabilities(viewer).filter(public_id=public_id), _("There is no such capability.")
    )


def draft_of(listing: Need | Capability) -> NeedDraft | CapabilityDraft:
    """The listing as its author would write it again: where editing starts. For those who may edit it."""
    model = NeedDraft if isinstance(listing, Need) else CapabilityDraft
    parts: dict[str, Any] = {
        "technologies": [
            TechnologyUseDraft(
                technology=use.technology.key, route=use.route.key if use.route else None, weight=use.weight
            )
            for use in listing.uses.all()
        ],
        "interfaces": [
            InterfaceUseDraft(interface=use.interface.key, mode=use.mode) for use in listing.interface_uses.all()
        ],
        "parameters": [_parameter_draft(row) for row in listing.parameters.all()],
        "translations": [
            TranslationDraft(
                language=row.language,
                title=row.title,
                summary=row.summary,
                description=row.description,
                is_machine_made=row.is_machine_made,
            )
            for row in listing.translations.all()
        ],
    }
    own = {name: getattr(listing, name) for name in model.__dataclass_fields__ if name not in parts}
    draft: NeedDraft | CapabilityDraft = model(**own, **parts)
    return draft


def _parameter_draft(row: Parameter) -> ParameterDraft:
    return ParameterDraft(
        labels=row.quantity.labels,
        operator=row.operator,
        value=row.value,
        value_high=row.value_high,
        unit=row.unit,
        tolerance=row.tolerance,
        conditions=row.conditions,
        methods=row.methods,
        tier=row.tier,
    )
