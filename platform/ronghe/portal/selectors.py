"""What composes rooms for one viewer: the search over all of them, and what the home page shows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consortia.disclosure.viewer import Viewer
from consortia.facilities.filters import FacilityFilter
from consortia.facilities.models import Facility
from consortia.facilities.selectors import visible_facilities
from consortia.listings.disclosed import ListingView, cards_of
from consortia.listings.filters import CapabilityFilter, NeedFilter
from consortia.listings.models import Listing
from consortia.listings.selectors import published_capabilities, published_needs, visible_needs
from consortia.organizations.models import Organization
from consortia.organizations.selectors import own_organizations, search_organizations
from consortia.technologies.models import Technology
from consortia.technologies.selectors import search_technologies
from matching.explanations import MatchView, explain_matches
from matching.models import Introduction, Match
from matching.selectors import current_matches, inbox_of, visible_introductions

HITS_PER_ROOM: Final = 6
NEWEST: Final = 6
OWN_NEEDS: Final = 3
MATCHES_PER_NEED: Final = 3
NEW_MATCHES: Final = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that a search found."""

    title: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found in one room.

    Attributes:
        label: what the room holds.
        icon: its icon in the sprite.
        hits: the first few.
        more: address of the room's own list with the same words, when there are more.
    """

    label: str | Promise
    icon: str
    hits: Sequence[Hit]
    more: str


def search_everything(viewer: Viewer, words: str) -> list[Hits]:
    """What contains the words and exists for the viewer, room by room; rooms without a hit are left out."""
    found = [_hits_of(room, viewer, words) for room in _ROOMS]
    return [hits for hits in found if hits.hits]


@dataclass(frozen=True, slots=True)
class _Room:
    label: str | Promise
    icon: str
    url_name: str
    find: Callable[[Viewer, str], "QuerySet[Any]"]
    show: Callable[[Viewer, Sequence[Any]], Iterable[Hit]]


def _hits_of(room: _Room, viewer: Viewer, words: str) -> Hits:
    # One more than is shown tells whether there are more, which counting would tell far more slowly.
    rows = list(room.find(viewer, words)[: HITS_PER_ROOM + 1])
    more = f"{reverse(room.url_name)}?{urlencode({'q': words})}" if len(rows) > HITS_PER_ROOM else ""
    return Hits(room.label, room.icon, list(room.show(viewer, rows[:HITS_PER_ROOM])), more)


def _organizations(viewer: Viewer, rows: Sequence[Organization]) -> Iterable[Hit]:
    for row in rows:
        place = ", ".join(filter(None, [row.city, row.country]))
        address = reverse("organizations:detail", args=[row.public_id])
        yield Hit(str(row), address, " · ".join(filter(None, [row.get_type_display(), place])))


def _technologies(viewer: Viewer, rows: Sequence[Technology]) -> Iterable[Hit]:
    for row in rows:
        yield Hit(str(row), reverse("technologies:detail", args=[row.key]), row.key)


def _listings(url_name: str) -> Callable[[Viewer, Sequence[Listing]], Iterable[Hit]]:
    def show(viewer: Viewer, rows: Sequence[Listing]) -> Iterable[Hit]:
        for card in cards_of(viewer, rows):
            organization = card.fields.get("organization", {}).get("name", "")
            yield Hit(card.title, reverse(url_name, args=[card.facts["public_id"]]), organization)

    return show


def _facilities(viewer: Viewer, rows: Sequence[Facility]) -> Iterable[Hit]:
    for row in rows:
        yield Hit(str(row), reverse("facilities:detail", args=[row.public_id]), str(row.organization))


def _filtered(filters: type[Any], records: "QuerySet[Any]", words: str) -> "QuerySet[Any]":
    narrowed: QuerySet[Any] = filters({"q": words}, queryset=records).qs
    return narrowed


def _find_needs(viewer: Viewer, words: str) -> "QuerySet[Any]":
    return _filtered(NeedFilter, published_needs(viewer), words)


def _find_capabilities(viewer: Viewer, words: str) -> "QuerySet[Any]":
    return _filtered(CapabilityFilter, published_capabilities(viewer), words)


def _find_facilities(viewer: Viewer, words: str) -> "QuerySet[Any]":
    return _filtered(FacilityFilter, visible_facilities(viewer), words)


_ROOMS: Final = (
    _Room(_("Needs"), "needs", "listings:needs", _find_needs, _listings("listings:need")),
    _Room(
        _("Capabilities"),
        "capabilities",
        "listings:capabilities",
        _find_capabilities,
        _listings("listings:capability"),
    ),
    _Room(_("Organizations"), "organizations", "organizations:list", search_organizations, _organizations),
    _Room(_("Facilities"), "facilities", "facilities:list", _find_facilities, _facilities),
    _Room(_("Technologies"), "technologies", "technologies:list", search_technologies, _technologies),
)


@dataclass(frozen=True, slots=True)
class PublicHome:
    """What a stranger sees first: the newest of what is for everybody."""

    needs: Sequence[ListingView]
    capabilities: Sequence[ListingView]


@dataclass(frozen=True, slots=True)
class NeedWithMatches:
    """An open need of one's own with the best of its matches."""

    need: ListingView
    matches: Sequence[MatchView]


@dataclass(frozen=True, slots=True)
class PersonalHome:
    """What somebody who signed in sees first.

    Attributes:
        organizations: those they belong to.
        needs: the newest open needs of these, with their best matches.
        introductions: where both sides are interested and a response clock runs, the most urgent first.
        new_matches: the best of those in which their organizations could answer a need and have not looked yet.
    """

    organizations: Sequence[Organization]
    needs: Sequence[NeedWithMatches]
    introductions: Sequence[tuple[Introduction, MatchView]]
    new_matches: Sequence[MatchView]


def public_home(viewer: Viewer) -> PublicHome:
    """The newest needs and capabilities that exist for the viewer."""
    return PublicHome(
        needs=cards_of(viewer, published_needs(viewer)[:NEWEST]),
        capabilities=cards_of(viewer, published_capabilities(viewer)[:NEWEST]),
    )


def personal_home(viewer: Viewer) -> PersonalHome:
    """What is new for the viewer's organizations, and what waits for their answer."""
    introductions = list(visible_introductions(viewer).filter(status=Introduction.Status.OPEN)[:NEW_MATCHES])
    explained = explain_matches(viewer, [introduction.match for introduction in introductions])
    unseen = Q(organization_id__in=viewer.organization_ids, organization_answer=Match.Answer.NEW)
    return PersonalHome(
        organizations=list(own_organizations(viewer)),
        needs=_own_needs(viewer),
        introductions=list(zip(introductions, explained, strict=True)),
        new_matches=explain_matches(viewer, list(inbox_of(viewer).filter(unseen)[:NEW_MATCHES])),
    )


def _own_needs(viewer: Viewer) -> list[NeedWithMatches]:
    own = Q(organization_id__in=viewer.organization_ids)
    needs = list(visible_needs(viewer).filter(own, status=Listing.Status.OPEN)[:OWN_NEEDS])
    best = current_matches(viewer).filter(need__in=[need.pk for need in needs], rank__lte=MATCHES_PER_NEED)
    matches: dict[int, list[MatchView]] = {need.pk: [] for need in needs}
    for view in explain_matches(viewer, list(best.order_by("need_id", "rank"))):
        matches[view.match.need_id].append(view)
    return [NeedWithMatches(card, matches[need.pk]) for need, card in zip(needs, cards_of(viewer, needs), strict=True)]
