"""What can be read about evidence and experience, on behalf of a viewer, and partnership history for the engine."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.evidence.ageing import evidence_strength
from consortia.evidence.models import Evidence, Experience, Participation
from consortia.evidence.policies import evidence_visibility, experience_visibility
from consortia.organizations.models import Organization
from ronghe.common.lookups import first_or_not_found

__all__ = [
    "evidence_for",
    "evidence_of",
    "evidence_strength",
    "experience_for",
    "experience_of",
    "past_partners",
    "visible_evidence",
    "visible_experience",
]

# Whoever shared a project of hundreds has hardly met; such projects would also make most of the pairs.
LARGEST_PARTNERSHIP: Final = 60
MOST_PARTNERS: Final = 300
PAIRS_AT_ONCE: Final = 5000


def visible_evidence(viewer: Viewer) -> "models.QuerySet[Evidence]":
    """Evidence that exists for the viewer, newest first."""
    rows = Evidence.objects.select_related("organization", "assessor").prefetch_related("technologies")
    return rows if viewer.is_curator else rows.filter(evidence_visibility(viewer))


def evidence_for(viewer: Viewer, public_id: UUID) -> Evidence:
    """One piece of evidence by its public id.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(visible_evidence(viewer).filter(public_id=public_id), _("There is no such evidence."))


def evidence_of(viewer: Viewer, organization: Organization) -> "models.QuerySet[Evidence]":
    """An organization's evidence that exists for the viewer, newest first."""
    return visible_evidence(viewer).filter(organization=organization)


def visible_experience(viewer: Viewer) -> "models.QuerySet[Experience]":
    """Past projects that exist for the viewer, newest first.

    `visible_participations` of each holds those participants that the viewer may know of.
    """
    parts = Participation.objects.select_related("organization").order_by("role", "id")
    if not viewer.is_curator:
        parts = parts.filter(experience_visibility(viewer))
    shown = models.Prefetch("participations", parts, to_attr="visible_participations")
    rows = Experience.objects.prefetch_related("technologies", shown)
    if viewer.is_curator:
        return rows
    # A subquery, not a join: a project with two visible participants stands in the list once.
    return rows.filter(pk__in=Participation.objects.filter(experience_visibility(viewer)).values("experience_id"))


def experience_for(viewer: Viewer, public_id: UUID) -> Experience:
    """One past project by its public id.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    return first_or_not_found(visible_experience(viewer).filter(public_id=public_id), _("There is no such project."))


def experience_of(viewer: Viewer, organization: Organization) -> "models.QuerySet[Experience]":
    """An organization's past projects that exist for the viewer, newest first."""
    took_part = Participation.objects.filter(organization=organization)
    return visible_experience(viewer).filter(pk__in=took_part.values("experience_id"))


def past_partners(
    *, organization_ids: Collection[int] | None = None, before: date | None = None
) -> Iterator[tuple[int, int, float]]:
    """Who worked with whom in past projects, for the engine and so regardless of viewers.

    Projects of more than `LARGEST_PARTNERSHIP` participants do not count, and of each organization's partners only
    the `MOST_PARTNERS` with the most shared projects are given.

    Args:
        organization_ids: only partners of these; None takes all organizations.
        before: only projects signed before this day.

    Yields:
        Organization, partner, and the number of projects they shared; by organization, most shared first.
    """
    shared = _shared_projects(before)
    if organization_ids is not None:
        shared = shared.filter(organization__in=organization_ids)
    counted = shared.annotate(projects=models.Count("experience")).order_by("organization_id", "-projects", "partner")
    rows = counted.values_list("organization_id", "partner", "projects").iterator(chunk_size=PAIRS_AT_ONCE)
    for _organization, partners in groupby(rows, key=lambda row: row[0]):
        for one, other, projects in islice(partners, MOST_PARTNERS):
            yield one, other, float(projects)


def _shared_projects(before: date | None) -> Any:
    """Pairs of participants of one project, by both, ready to be counted."""
    crowded = Participation.objects.values("experience_id").annotate(size=models.Count("pk"))
    crowded = crowded.filter(size__gt=LARGEST_PARTNERSHIP)
    parts = Participation.objects.exclude(experience__in=crowded.values("experience_id"))
    if before is not None:
        parts = parts.filter(experience__signed_on__lt=before)
    pairs = parts.annotate(partner=models.F("experience__participations__organization_id"))
    return pairs.exclude(organization_id=models.F("partner")).values("organization_id", "partner")
