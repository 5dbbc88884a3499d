"""Who may verify evidence, and whose evidence exists for whom."""

from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.evidence.models import Evidence
from consortia.organizations.models import Organization
from ronghe.common.errors import NotAllowed, NotFound


def evidence_visibility(viewer: Viewer) -> models.Q:
    """Verified evidence of organizations that everybody may know of, and one's own whatever its status."""
    own = models.Q(organization__in=viewer.organization_ids) | models.Q(assessor__in=viewer.organization_ids)
    return own | (models.Q(status=Evidence.Status.VERIFIED) & Organization.listed("organization__"))


def experience_visibility(viewer: Viewer) -> models.Q:
    """Participations that make a past project exist for the viewer: of those that they may know of."""
    return models.Q(organization__in=viewer.organization_ids) | Organization.listed("organization__")


def can_verify_evidence(viewer: Viewer, evidence: Evidence) -> bool:
    """Curators verify, and so does the verified service institution that assessed it; nobody verifies their own."""
    if evidence.organization_id in viewer.organization_ids:
        return False
    return viewer.is_curator or _is_assessing(viewer, evidence)


def require_verifier(viewer: Viewer, evidence: Evidence) -> None:
    """Refuse whoever may not verify this evidence.

    Raises:
        NotFound: the viewer may not know that it exists.
        NotAllowed: the viewer sees it but may not verify it.
    """
    if can_verify_evidence(viewer, evidence):
        return
    if evidence.organization_id in viewer.organization_ids:
        raise NotAllowed(_("Nobody verifies evidence of their own organization. Ask a curator."))
    seen = Evidence.objects.filter(evidence_visibility(viewer), pk=evidence.pk).exists()
    if not seen:
        raise NotFound(_("There is no such evidence."))
    raise NotAllowed(_("Curators and the assessing service institution verify evidence."))


def _is_assessing(viewer: Viewer, evidence: Evidence) -> bool:
    assessor = evidence.assessor
    return (
        assessor is not None
        and assessor.pk in viewer.editable_ids
        and assessor.type == Organization.Type.SERVICE_INSTITUTION
        and assessor.status == Organization.Status.VERIFIED
    )
