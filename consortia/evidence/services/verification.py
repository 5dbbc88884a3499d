"""Adding evidence, and raising it from claimed to verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_person
from consortia.disclosure.viewer import Viewer
from consortia.evidence.models import Evidence
from consortia.evidence.policies import require_verifier
from consortia.organizations.models import Organization
from consortia.organizations.policies import require_editor, require_in_good_standing, require_visible
from consortia.technologies.models import Technology
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.validation import Faults, check_record
from ronghe.events.services import emit

MAX_TECHNOLOGIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """A document that speaks for an organization.

    Attributes:
        kind: one of `Evidence.Kind`; it decides how fast the evidence ages.
        reference: patent number, DOI, certificate number.
        issued_on: not in the future.
        valid_until: last day on which it holds; None for no end.
        assessor: the service institution that made it; assessments need one.
        technologies: what it is about; empty for the organization as a whole.
    """

    kind: str
    title: str
    issuer: str
    issued_on: date
    reference: str = ""
    valid_until: date | None = None
    link: str = ""
    assessor: Organization | None = None
    technologies: Sequence[Technology] = ()


@transaction.atomic
def add_evidence(*, actor: Viewer, organization: Organization, draft: EvidenceDraft) -> Evidence:
    """Claim that a document speaks for an organization; it counts once it is verified.

    Raises:
        NotFound, NotAllowed: the actor does not write for the organization, or may not know the assessor.
        InvalidInput: fields are at fault; all are named.
        Conflict: the organization is suspended or merged.
    """
    require_editor(actor, organization)
    require_in_good_standing(organization)
    evidence = Evidence(
        organization=organization,
        kind=draft.kind,
        title=draft.title.strip(),
        reference=draft.reference.strip(),
        issuer=draft.issuer.strip(),
        assessor=draft.assessor,
        issued_on=draft.issued_on,
        valid_until=draft.valid_until,
        link=draft.link.strip(),
    )
    _check(actor, evidence, draft)
    evidence.save()
    evidence.technologies.set(draft.technologies)
    emit(kind="evidence.added", subject=evidence, payload={"organization": organization.pk})
    return evidence


@transaction.atomic
def verify_evidence(*, actor: Viewer, evidence: Evidence) -> Evidence:
    """Confirm that a document is what it claims to be.

    Raises:
        NotFound, NotAllowed: the actor is neither a curator nor acts for the assessing service institution, or
            belongs to the organization that the evidence speaks for.
        Conflict: the evidence was decided on meanwhile.
    """
    return _decide(actor, evidence, Evidence.Status.VERIFIED)


@transaction.atomic
def refuse_evidence(*, actor: Viewer, evidence: Evidence) -> Evidence:
    """Say that a document is not what it claims to be; also after it was verified.

    Raises:
        NotFound, NotAllowed: as for `verify_evidence`.
        Conflict: the evidence was decided on meanwhile.
    """
    return _decide(actor, evidence, Evidence.Status.REFUSED)


def _decide(actor: Viewer, evidence: Evidence, status: Evidence.Status) -> Evidence:
    require_verifier(actor, evidence)
    verified = status == Evidence.Status.VERIFIED
    # Compared and set in one statement: two verifiers who disagree must not overwrite each other unseen.
    decided = Evidence.objects.filter(pk=evidence.pk, status=evidence.status).exclude(status=status)
    if not decided.update(
        status=status,
        verified_by_id=require_person(actor),
        verified_at=timezone.now() if verified else None,
        updated_at=timezone.now(),
    ):
        raise Conflict(_("This evidence was decided on meanwhile. Look at it again."), code="evidence_decided")
    evidence.refresh_from_db()
    kind = "evidence.verified" if verified else "evidence.refused"
    emit(kind=kind, subject=evidence, payload={"organization": evidence.organization_id})
    return evidence


def _check(actor: Viewer, evidence: Evidence, draft: EvidenceDraft) -> None:
    faults = Faults()
    with faults.collecting():
        check_record(evidence)
    if draft.issued_on > timezone.localdate():
        faults.add("issued_on", _("The document is from the future. Give the day on which it was issued."))
    if draft.valid_until is not None and draft.valid_until < draft.issued_on:
        faults.add("valid_until", _("It ends before it was issued. Give a later day, or none."))
    if len(draft.technologies) > MAX_TECHNOLOGIES:
        faults.add("technologies", _("Name at most %(most)d technologies.") % {"most": MAX_TECHNOLOGIES})
    with faults.collecting():
        _check_assessor(actor, evidence)
    faults.raise_if_any()


def _check_assessor(actor: Viewer, evidence: Evidence) -> None:
    message = ""
    if evidence.assessor is None:
        if evidence.kind == Evidence.Kind.ASSESSMENT:
            message = _("Name the service institution that made the assessment.")
    elif evidence.assessor.pk == evidence.organization_id:
        message = _("Nobody assesses themselves. Name another service institution.")
    else:
        require_visible(actor, evidence.assessor)
        if evidence.assessor.type != Organization.Type.SERVICE_INSTITUTION:
            message = _("This is no service institution. Name one.")
    if message:
        raise InvalidInput(message, fields={"assessor": [message]})
