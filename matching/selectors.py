"""Reads of matches and runs, always on behalf of a viewer."""

import uuid

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator, visible
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Capability, Need
from consortia.organizations.models import Organization
from matching.exposure import in_list
from matching.models import Introduction, Match, MatchRun, WeightSet
from ronghe.common.lookups import first_or_not_found


def current_matches(viewer: Viewer) -> "QuerySet[Match]":
    """Current matches that the viewer may see, with what a card shows of both sides, best first."""
    return (
        _visible_matches(viewer)
        .filter(in_list())
        .exclude(need_answer=Match.Answer.DECLINED)
        .exclude(organization_answer=Match.Answer.DECLINED)
        .order_by("-score", "id")
    )


def answered_matches(viewer: Viewer) -> "QuerySet[Match]":
    """Every match that the viewer may see, also those that left their list or were declined, best first."""
    return _visible_matches(viewer).order_by("-score", "id")


def matches_of_need(viewer: Viewer, need: Need) -> "QuerySet[Match]":
    """The current list of one need: its own side sees all of it, an organization in it sees itself."""
    return current_matches(viewer).filter(need=need).order_by("rank", "id")


def matches_of_organization(viewer: Viewer, organization: Organization) -> "QuerySet[Match]":
    """The needs that an organization answers, best first, as far as the viewer may see them."""
    return current_matches(viewer).filter(organization=organization)


def matches_of_capability(viewer: Viewer, capability: Capability) -> "QuerySet[Match]":
    """The needs and scenarios that a capability could serve, best first: the lists of needs, read the other way."""
    return supported_by(current_matches(viewer), capability)


def supported_by(matches: "QuerySet[Match]", capability: Capability) -> "QuerySet[Match]":
    """Those of the matches for which this capability speaks."""
    document = f"capability:{capability.pk}"
    rows = matches.filter(organization_id=capability.organization_id)
    if connection.features.supports_json_field_contains:
        return rows.filter(
            Q(supporting__contains=[{"document": document}]) | Q(contributions__contains=[{"evidence": [document]}])
        )
    told = rows.values_list("pk", "supporting", "contributions")
    found = [
        pk
        for pk, supporting, contributions in told.iterator(chunk_size=500)
        if any(item["document"] == document for item in supporting)
        or any(document in item["evidence"] for item in contributions)
    ]
    return rows.filter(pk__in=found)


def inbox_of(viewer: Viewer) -> "QuerySet[Match]":
    """Matches of the viewer's own organizations, on either side, best first."""
    own = viewer.organization_ids
    return current_matches(viewer).filter(Q(need__organization_id__in=own) | Q(organization_id__in=own))


def best_matches(viewer: Viewer, *, limit: int) -> list[Match]:
    """The best current matches over all needs that the viewer may see, one per need at most.

    Args:
        viewer: who asks.
        limit: how many, above 0.
    """
    return list(current_matches(viewer).filter(rank=1)[:limit])


def match_for(viewer: Viewer, public_id: uuid.UUID) -> Match:
    """One match by its public id, current or kept for its answers.

    Raises:
        NotFound: there is none, or the viewer belongs to neither side.
    """
    return first_or_not_found(answered_matches(viewer).filter(public_id=public_id), _("There is no such match."))


def need_for(viewer: Viewer, public_id: uuid.UUID) -> Need:
    """The need whose list is asked for.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(
        visible(viewer, Need.objects.select_related("organization")).filter(public_id=public_id),
        _("There is no such need."),
    )


def visible_introductions(viewer: Viewer) -> "QuerySet[Introduction]":
    """Introductions of the viewer's organizations, the most urgent first."""
    matches = _visible_matches(viewer)
    # The matches are read apart from their introductions, so that both are as the viewer may see them.
    rows = Introduction.objects.filter(match__in=matches.values("pk")).prefetch_related(Prefetch("match", matches))
    return rows.order_by("respond_by", "id")


def visible_runs(viewer: Viewer) -> "QuerySet[MatchRun]":
    """Match runs, newest first; curators only.

    Raises:
        NotAllowed: the viewer is no curator.
    """
    require_curator(viewer)
    return MatchRun.objects.select_related("weight_set").order_by("-id")


def run_for(viewer: Viewer, public_id: uuid.UUID) -> MatchRun:
    """One run by its public id; curators only.

    Raises:
        NotAllowed: the viewer is no curator.
        NotFound: there is no such run.
    """
    return first_or_not_found(visible_runs(viewer).filter(public_id=public_id), _("There is no such run."))


def visible_weight_sets(viewer: Viewer) -> "QuerySet[WeightSet]":
    """Learned weights, newest first; curators only.

    Raises:
        NotAllowed: the viewer is no curator.
    """
    require_curator(viewer)
    return WeightSet.objects.order_by("-id")


def weight_set_for(viewer: Viewer, public_id: uuid.UUID) -> WeightSet:
    """One weight set by its public id; curators only.

    Raises:
        NotAllowed: the viewer is no curator.
        NotFound: there is no such weight set.
    """
    rows = visible_weight_sets(viewer).filter(public_id=public_id)
    return first_or_not_found(rows, _("There is no such weight set."))


def full_run_under_way() -> MatchRun | None:
    """The newest full run that waits or is at work; nothing in it is confidential."""
    return MatchRun.objects.filter(scope=MatchRun.Scope.FULL, status__in=MatchRun.ACTIVE).order_by("-id").first()


def latest_run() -> MatchRun | None:
    """The run whose lists people read now; when it ended is no secret."""
    return MatchRun.objects.filter(status=MatchRun.Status.DONE).order_by("-id").first()


def is_awaiting_list(need: Need, latest: MatchRun | None) -> bool:
    """Whether no run that began since the need was published has ended."""
    if need.status != Need.Status.OPEN or need.published_at is None:
        return False
    return latest is None or latest.started_at is None or latest.started_at < need.published_at


def _visible_matches(viewer: Viewer) -> "QuerySet[Match]":
    sides = Match.objects.select_related("need__organization", "organization", "introduction")
    # A match says who may see it, as disclosable records do, but its fields have no tiers of their own.
    return visible(viewer, sides.prefetch_related("need__translations"))  # type: ignore[type-var]
