"""Herding: where needs and capabilities pile up, by technology, route and region."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Count, F, Q, Value, When

from consortia.disclosure.policies import may_filter_by, visible
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Listing
from ronghe.common.text import in_reader_language

HERD_LISTINGS: Final = 5
HERD_SHARE: Final = 0.5
"""A herd is at least so many listings of one side, and so large a share of that side's listings on the technology."""

MOST_CELLS: Final = 1000

_Cell = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class HerdingCell:
    """What is published on one route to one technology in one region.

    Attributes:
        technology: key of the technology, with its label in the reader's language beside it.
        route: key of the route; empty for listings that name none.
        region: ISO 3166-2 code of the owners' place; empty where it is not known or not disclosed to the viewer.
        needs: how many needs.
        capabilities: how many capabilities.
        need_share: share of all needs on the technology that are in this cell, 0 to 1.
        capability_share: the same for capabilities.
    """

    technology: str
    technology_label: str
    route: str
    route_label: str
    region: str
    needs: int
    capabilities: int
    need_share: float
    capability_share: float

    @property
    def is_herd(self) -> bool:
        """Whether one side crowds here."""
        sides = ((self.needs, self.need_share), (self.capabilities, self.capability_share))
        return any(count >= HERD_LISTINGS and share >= HERD_SHARE for count, share in sides)


def herding_cells(viewer: Viewer, *, technology: str = "") -> list[HerdingCell]:
    """Counts of published listings that exist for the viewer, the fullest 1,000 cells first; two queries at most.

    Args:
        viewer: who asks; where a listing does not tell them its owner, its region is empty.
        technology: key of the only technology; empty takes all.
    """
    labels: dict[str, str] = {}
    counts: dict[str, Counter[_Cell]] = {side: Counter() for side in Listing.Side.values}
    for row in _rows(viewer, technology):
        cell = (row["uses__technology__key"], row["uses__route__key"] or "", row["place"])
        labels[cell[0]] = in_reader_language(row["uses__technology__labels"])
        labels[cell[1]] = in_reader_language(row["uses__route__labels"] or {})
        counts[row["side"]][cell] += row["listings"]
    needs, capabilities = counts[Listing.Side.NEED], counts[Listing.Side.CAPABILITY]
    totals = {side: _per_technology(cells) for side, cells in counts.items()}
    cells = [
        HerdingCell(
            technology=key,
            technology_label=labels[key],
            route=route,
            route_label=labels[route],
            region=region,
            needs=needs[key, route, region],
            capabilities=capabilities[key, route, region],
            need_share=_share(needs[key, route, region], totals[Listing.Side.NEED][key]),
            capability_share=_share(capabilities[key, route, region], totals[Listing.Side.CAPABILITY][key]),
        )
        for key, route, region in {*needs, *capabilities}
    ]
    order = ("technology", "route", "region")
    cells.sort(key=lambda cell: (-cell.needs - cell.capabilities, *(getattr(cell, name) for name in order)))
    return cells[:MOST_CELLS]


def _rows(viewer: Viewer, technology: str) -> Iterable[dict[str, Any]]:
    published = visible(viewer, Listing.objects.filter(status__in=Listing.VISIBLE_STATUSES))
    wanted = Q(uses__technology__key=technology) if technology else Q(uses__isnull=False)
    known_owner = may_filter_by(viewer, Listing, "organization", owner="organization_id")
    # An empty condition, as a curator's, is none that the database could decide a case by.
    place = (
        Case(When(known_owner, then=F("organization__region")), default=Value(""))
        if known_owner
        else F("organization__region")
    )
    rows: Iterable[Any] = (
        published.filter(wanted)
        .annotate(place=place)
        .values(
            "side",
            "place",
            "uses__technology__key",
            "uses__technology__labels",
            "uses__route__key",
            "uses__route__labels",
        )
        .annotate(listings=Count("pk"))
        .order_by()
    )
    return rows


def _per_technology(cells: Counter[_Cell]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (technology, _route, _region), count in cells.items():
        totals[technology] += count
    return totals


def _share(count: int, total: int) -> float:
    return round(count / total, 3) if total else 0.0
