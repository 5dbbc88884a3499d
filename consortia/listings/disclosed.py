"""What a viewer is shown of a listing: the one shape that pages and API are made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consortia.disclosure.models import Reveal, Tier
from consortia.disclosure.policies import EVERYTHING, hidden_fields, highest_tiers
from consortia.disclosure.services import record_reveals
from consortia.disclosure.viewer import Viewer
from consortia.listings.contradictions import Contradiction, contradictions_of
from consortia.listings.lifecycle import Step, allowed_steps
from consortia.listings.models import Capability, Listing, Need, Parameter
from consortia.listings.policies import can_edit_listing
from ronghe.common.text import in_reader_language

_TEXTS: Final = ("title", "summary", "description")
_COMMON: Final = (
    "kind",
    "supply_role",
    "trl_low",
    "trl_high",
    "mrl_low",
    "mrl_high",
    "cooperation_types",
    "ipr_status",
    "regions",
    "languages_spoken",
)
_OF_NEEDS: Final = (
    "route_locked",
    "deadline",
    "partner_types",
    "eligible_countries",
    "required_certificates",
    "process_stage",
)
_OF_CAPABILITIES: Final = ("capacities",)
# What an owner sets for the platform and no reader needs.
_FOR_OWNERS: Final = ("blocked_countries", "disclosure", "source", "source_id")


@dataclass(frozen=True, slots=True)
class ListingView:
    """A listing as one viewer may see it. What is hidden is not in it at all, only its name in `hidden`.

    Attributes:
        facts: what everybody who may know of the listing sees: ids, state, dates, language.
        texts: language tag → title, summary, description, as far as shown; the author's own language comes first.
        machine_made: those of the languages whose texts a machine translated.
        fields: everything else that is shown, by name; money is one group (`budget`, `price`).
        technologies: keys, labels, routes and weights.
        interfaces: keys, names and modes.
        parameters: those whose tier the viewer reaches.
        hidden: names of fields that the viewer may not see; `parameters` when at least one is hidden.
        hidden_parameters: how many parameters are hidden.
        steps: what the viewer may do with it as a whole.
        may_edit: whether the viewer may change it.
        contradictions: what it says against itself, for who may change it.
    """

    facts: Mapping[str, Any]
    texts: Mapping[str, Mapping[str, str]]
    machine_made: frozenset[str]
    fields: Mapping[str, Any]
    technologies: Sequence[Mapping[str, Any]]
    interfaces: Sequence[Mapping[str, Any]]
    parameters: Sequence[Mapping[str, Any]]
    hidden: tuple[str, ...]
    hidden_parameters: int
    steps: tuple[Step, ...]
    may_edit: bool
    contradictions: tuple[Contradiction, ...]

    @property
    def title(self) -> str:
        """The title in the reader's language, else in the author's."""
        return self._text("title")

    @property
    def summary(self) -> str:
        """The summary in the reader's language; empty when it is hidden."""
        return self._text("summary")

    @property
    def description(self) -> str:
        """The description in the reader's language; empty when it is hidden."""
        return self._text("description")

    def _text(self, name: str) -> str:
        return in_reader_language({tag: texts[name] for tag, texts in self.texts.items() if name in texts})


def view_of(viewer: Viewer, listing: Listing, *, surface: Reveal.Surface) -> ListingView:
    """What the viewer may see of one need or capability; restricted fields that are shown go into the ledger."""
    return views_of(viewer, [listing], surface=surface)[0]


def views_of(viewer: Viewer, listings: Sequence[Listing], *, surface: Reveal.Surface) -> list[ListingView]:
    """The same for many, in their order; one query for all tiers and one for the ledger.

    Take the listings from a selector of this room, which fetches their parts with them.
    """
    tiers = highest_tiers(viewer, (listing.organization_id for listing in listings))
    record_reveals(
        viewer=viewer,
        shown=[(listing, tiers[listing.organization_id]) for listing in listings],
        surface=surface,
    )
    return [_view(viewer, listing, tiers[listing.organization_id]) for listing in listings]


def cards_of(viewer: Viewer, listings: Iterable[Listing]) -> list[ListingView]:
    """What a list of listings shows: what everybody may see, and everything of one's own. Nothing for the ledger."""
    return [
        _view(viewer, listing, EVERYTHING if listing.organization_id in viewer.organization_ids else Tier.PUBLIC)
        for listing in listings
    ]


def _view(viewer: Viewer, listing: Listing, reached: Tier) -> ListingView:
    hidden = set(hidden_fields(listing, reached=reached)) - {"parameters"}
    parameters = list(listing.parameters.all())
    shown = [row for row in parameters if Tier(row.tier).rank <= reached.rank]
    if len(shown) < len(parameters):
        hidden.add("parameters")
    may_edit = can_edit_listing(viewer, listing)
    return ListingView(
        facts=_facts(listing),
        texts=_texts(listing, hidden),
        machine_made=frozenset(row.language for row in listing.translations.all() if row.is_machine_made),
        fields=_fields(listing, hidden, whole=reached == EVERYTHING),
        technologies=[_use(use) for use in listing.uses.all()],
        interfaces=[
            {"interface": use.interface.key, "name": str(use.interface), "mode": use.mode}
            for use in listing.interface_uses.all()
        ],
        parameters=[_parameter(row) for row in shown],
        hidden=tuple(sorted(hidden)),
        hidden_parameters=len(parameters) - len(shown),
        steps=allowed_steps(listing.status) if may_edit else (),
        may_edit=may_edit,
        contradictions=contradictions_of(listing) if may_edit else (),
    )


def _facts(listing: Listing) -> dict[str, Any]:
    return {
        "public_id": listing.public_id,
        "side": listing.side,
        "version": listing.version,
        "status": listing.status,
        "status_label": listing.get_status_display(),
        "language": listing.language,
        "published_at": listing.published_at,
        "valid_until": listing.valid_until,
        "created_at": listing.created_at,
        "updated_at": listing.updated_at,
        "is_fictitious": listing.is_fictitious,
    }


def _texts(listing: Listing, hidden: set[str]) -> dict[str, dict[str, str]]:
    shown = [name for name in _TEXTS if name not in hidden]
    texts = {listing.language: {name: getattr(listing, name) for name in shown}}
    for translation in listing.translations.all():
        texts[translation.language] = {name: getattr(translation, name) for name in shown}
    return texts


def _fields(listing: Listing, hidden: set[str], *, whole: bool) -> dict[str, Any]:
    names = [*_COMMON, *(_FOR_OWNERS if whole else ())]
    groups: dict[str, Any] = {"organization": _organization(listing)}
    if isinstance(listing, Need):
        names += _OF_NEEDS
        groups["budget"] = {"min": listing.budget_min, "max": listing.budget_max, "currency": listing.currency}
    if isinstance(listing, Capability):
        names += _OF_CAPABILITIES
        groups["price"] = {
            "model": listing.price_model,
            "amount": listing.price_amount,
            "currency": listing.currency,
        }
    values = {name: getattr(listing, name) for name in names} | groups
    return {name: value for name, value in values.items() if name not in hidden}


def _organization(listing: Listing) -> dict[str, Any]:
    organization = listing.organization
    return {
        "public_id": organization.public_id,
        "name": str(organization),
        "type": organization.type,
        "country": organization.country,
        "region": organization.region,
    }


def _use(use: Any) -> dict[str, Any]:
    return {
        "technology": use.technology.key,
        "technology_label": str(use.technology),
        "route": use.route.key if use.route else None,
        "route_label": str(use.route) if use.route else "",
        "weight": use.weight,
    }


def _parameter(row: Parameter) -> dict[str, Any]:
    return {
        "quantity": row.quantity.key,
        "labels": row.quantity.labels,
        "label": str(row.quantity),
        "operator": row.operator,
        "operator_label": row.get_operator_display(),
        "value": row.value,
        "value_high": row.value_high,
        "unit": row.unit,
        "tolerance": row.tolerance,
        "text": row.written,
        "conditions": row.conditions,
        "condition": in_reader_language(row.conditions),
        "methods": row.methods,
        "method": in_reader_language(row.methods),
        "tier": row.tier,
        "tier_label": row.get_tier_display(),
    }
