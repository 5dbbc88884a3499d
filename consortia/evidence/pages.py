"""Pages of an organization's evidence and past projects."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.evidence import services
from consortia.evidence.ageing import evidence_strength
from consortia.evidence.forms import EvidenceForm
from consortia.evidence.policies import can_verify_evidence
from consortia.evidence.selectors import evidence_for, evidence_of, experience_of
from consortia.organizations.models import Organization
from consortia.organizations.policies import can_edit_organization, require_editor
from consortia.organizations.selectors import organization_for, visible_organizations
from consortia.organizations.viewing import viewer_of_request
from consortia.technologies.models import Technology
from consortia.technologies.selectors import visible_technologies
from ronghe.common.errors import DomainError
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.pages.paging import page_of

PER_PAGE = 10


@require_safe
def organization_evidence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What speaks for an organization: evidence with its age, and past projects. A fragment when htmx asks."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    today = timezone.localdate()
    evidence = page_of(request, evidence_of(viewer, organization), per_page=PER_PAGE, name="evidence")
    context = {
        "organization": organization,
        "evidence": evidence,
        "rows": [
            (one, round(100 * evidence_strength(one, on=today)), can_verify_evidence(viewer, one)) for one in evidence
        ],
        "experience": page_of(request, experience_of(viewer, organization), per_page=PER_PAGE, name="experience"),
        "can_edit": can_edit_organization(viewer, organization),
    }
    template = "evidence/lists.html" if request.headers.get("HX-Request") else "evidence/organization.html"
    return render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Claim evidence for an organization."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    require_editor(viewer, organization)
    form = EvidenceForm(
        request.POST or None,
        technologies=visible_technologies(viewer).filter(status=Technology.Status.ACTIVE),
        assessors=visible_organizations(viewer).filter(type=Organization.Type.SERVICE_INSTITUTION),
    )
    if form.is_bound and form.is_valid():
        try:
            services.add_evidence(actor=viewer, organization=organization, draft=form.draft())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Added. It counts once a curator or the assessor has verified it."))
            return redirect("evidence:organization", public_id=public_id)
    return render(request, "evidence/new.html", {"form": form, "organization": organization})


@login_required
@require_POST
def evidence_verify(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm that a document is what it claims to be."""
    viewer = viewer_of_request(request)
    evidence = services.verify_evidence(actor=viewer, evidence=evidence_for(viewer, public_id))
    messages.success(request, _("Verified."))
    return redirect("evidence:organization", public_id=evidence.organization.public_id)


@login_required
@require_POST
def evidence_refuse(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say that a document is not what it claims to be."""
    viewer = viewer_of_request(request)
    evidence = services.refuse_evidence(actor=viewer, evidence=evidence_for(viewer, public_id))
    messages.success(request, _("Refused."))
    return redirect("evidence:organization", public_id=evidence.organization.public_id)
