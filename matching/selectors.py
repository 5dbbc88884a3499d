"""Reads of matches and runs, always on behalf of a viewer."""

import uuid

from django.db.models import F, QuerySet

from consortia.disclosure.policies import visible
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.models import Introduction, Match, MatchRun
from ronghe.common.errors import NotFound


def matches_for(viewer: Viewer) -> "QuerySet[Match]":
    """Current matches that the viewer may see, with what a card shows of both sides."""
    return (
        visible(viewer, Match.objects.filter(rank__isnull=False))
        .exclude(need_answer=Match.Answer.DECLINED)
        .exclude(organization_answer=Match.Answer.DECLINED)
        .select_related("need__organization", "organization", "run")
    )


def matches_of_need(viewer: Viewer, need: Need) -> "QuerySet[Match]":
    """The current list of one need: its own side sees all of it, an organization in it sees itself."""
    return matches_for(viewer).filter(need=need).order_by("rank")


def matches_of_organization(viewer: Viewer, organization: Organization) -> "QuerySet[Match]":
    """The needs that an organization answers, best first, as far as the viewer may see them."""
    return matches_for(viewer).filter(organization=organization).order_by("-score", "need_id")


def inbox_of(viewer: Viewer) -> "QuerySet[Match]":
    """Matches of the viewer's own organizations, on either side, best first."""
    own = matches_for(viewer)
    sides = own.filter(need__organization_id__in=viewer.organization_ids) | own.filter(
        organization_id__in=viewer.organization_ids
    )
    return sides.order_by("-score", "id")


def best_matches(viewer: Viewer, *, limit: int) -> list[Match]:
    """The best current matches over all needs that the viewer may see, one per need at most.

    Args:
        viewer: who asks.
        limit: how many, above 0.
    """
    first = matches_for(viewer).filter(rank=1).order_by("-score", "need_id")
    return list(first[:limit])


def match_for(viewer: Viewer, public_id: uuid.UUID) -> Match:
    """One match by its public id, current or kept for its answers.

    Raises:
        NotFound: there is none, or the viewer belongs to neither side.
    """
    rows = visible(viewer, Match.objects.all()).select_related("need__organization", "organization", "run")
    match = rows.filter(public_id=public_id).first()
    if match is None:
        raise NotFound("There is no such match.")
    return match


def introductions_for(viewer: Viewer) -> "QuerySet[Introduction]":
    """Introductions of the viewer's organizations, the most urgent first."""
    matches = visible(viewer, Match.objects.all())
    rows = Introduction.objects.filter(match__in=matches).select_related(
        "match__need__organization", "match__organization"
    )
    return rows.order_by(F("answered_at").asc(nulls_first=True), "respond_by")


def runs_for(viewer: Viewer) -> "QuerySet[MatchRun]":
    """Match runs, newest first; curators only."""
    return MatchRun.objects.all() if viewer.is_curator else MatchRun.objects.none()


def latest_run() -> MatchRun | None:
    """The run whose lists people read now; nothing in it is confidential."""
    return MatchRun.objects.filter(status=MatchRun.Status.DONE).order_by("-id").first()
