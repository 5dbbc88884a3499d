"""Pages of organizations: finding, registering, reading and editing them. People have pages of their own."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.disclosure.models import Reveal
from consortia.disclosure.selectors import ledger_of, titles_of
from consortia.organizations import services
from consortia.organizations.disclosed import profile_view
from consortia.organizations.filters import OrganizationFilter
from consortia.organizations.forms import (
    ClaimForm,
    DisclosureForm,
    EditForm,
    IdentifierForm,
    RegistrationForm,
    typed_from,
)
from consortia.organizations.models import Organization
from consortia.organizations.policies import (
    can_administer_organization,
    can_edit_organization,
    require_editor,
    require_owner,
)
from consortia.organizations.selectors import (
    affiliations_of,
    has_owner,
    identifier_of,
    organization_for,
    own_organizations,
    visible_organizations,
)
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.errors import Conflict, DomainError, StaleEdit
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.pages.paging import page_of


@require_safe
def organization_list(request: HttpRequest) -> HttpResponse:
    """Organizations that exist for the reader, searched and filtered."""
    viewer = viewer_of_request(request)
    filters = OrganizationFilter(request.GET, queryset=visible_organizations(viewer))
    found = filters.qs if filters.is_valid() else visible_organizations(viewer).none()
    context = {"filters": filters.form, "page": page_of(request, found), "own": own_organizations(viewer)}
    return render(request, "organizations/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_new(request: HttpRequest) -> HttpResponse:
    """Register an organization."""
    form = RegistrationForm(request.POST or None)
    duplicate = False
    if form.is_bound and form.is_valid():
        try:
            organization = services.register_organization(
                actor=viewer_of_request(request),
                profile=form.profile(),
                identifiers=form.identifiers(),
                confirm_distinct=form.cleaned_data["confirm_distinct"],
            )
        except DomainError as error:
            duplicate = isinstance(error, Conflict) and error.code == "possible_duplicate"
            add_domain_error(form, error, names=form.service_names)
        else:
            messages.success(request, _("Registered. Others see it once a curator has verified it."))
            return redirect("organizations:detail", public_id=organization.public_id)
    # Nobody needs to answer the question before there is a namesake.
    if not duplicate and "confirm_distinct" not in request.POST:
        del form.fields["confirm_distinct"]
    return render(request, "organizations/new.html", {"form": form})


@require_safe
def organization_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One organization's profile, as far as the reader may see it."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    context = {
        "organization": organization,
        "profile": profile_view(viewer, organization, surface=Reveal.Surface.PAGE),
        "affiliations": affiliations_of(viewer, organization),
        "can_edit": can_edit_organization(viewer, organization),
        "can_administer": can_administer_organization(viewer, organization),
        "is_own": organization.pk in viewer.organization_ids,
        "is_claimable": not has_owner(organization),
    }
    return render(request, "organizations/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Edit the profile; whoever was overtaken sees both versions and loses nothing."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    require_editor(viewer, organization)
    stored = services.profile_of(organization)
    form = EditForm(request.POST or None, initial={**typed_from(stored), "version": organization.version})
    overtaken_by: list[tuple[str, object, object]] = []
    if form.is_bound and form.is_valid():
        try:
            services.update_organization(
                actor=viewer,
                organization=organization,
                expected_version=form.cleaned_data["version"],
                profile=form.profile(stored),
            )
        except StaleEdit as error:
            overtaken_by = _differences(form, typed_from(stored))
            form = _for_another_try(form, organization)
            form.is_valid()
            form.add_error(None, error.message)
        except DomainError as error:
            add_domain_error(form, error, names=form.service_names)
        else:
            messages.success(request, _("Saved."))
            return redirect("organizations:detail", public_id=public_id)
    context = {"form": form, "organization": organization, "overtaken_by": overtaken_by}
    return render(request, "organizations/edit.html", context)


def _differences(form: EditForm, now: Mapping[str, object]) -> list[tuple[str, object, object]]:
    """Label, what was typed, and what is stored now, for each field in which the two differ."""
    typed = form.cleaned_data
    return [(str(form.fields[name].label), typed[name], now[name]) for name in now if typed[name] != now[name]]


def _for_another_try(form: EditForm, organization: Organization) -> EditForm:
    """The form as typed, but for the newest version: who saves it now has seen what was changed meanwhile."""
    newest = Organization.objects.values_list("version", flat=True).get(pk=organization.pk)
    return EditForm({**dict(form.data.items()), "version": str(newest)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_disclosure(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose who sees which field of the profile."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    require_owner(viewer, organization)
    form = DisclosureForm(request.POST or None, organization=organization, initial={"version": organization.version})
    if form.is_bound and form.is_valid():
        try:
            services.update_organization(
                actor=viewer,
                organization=organization,
                expected_version=form.cleaned_data["version"],
                profile=replace(services.profile_of(organization), disclosure=form.disclosure()),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("organizations:detail", public_id=public_id)
    return render(request, "organizations/disclosure.html", {"form": form, "organization": organization})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_identifiers(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Numbers in public registers: read, add."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    require_editor(viewer, organization)
    form = IdentifierForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.add_identifier(actor=viewer, organization=organization, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error, names={"identifiers": "value"})
        else:
            messages.success(request, _("Added."))
            return redirect("organizations:identifiers", public_id=public_id)
    return render(request, "organizations/identifiers.html", {"form": form, "organization": organization})


@login_required
@require_POST
def identifier_remove(request: HttpRequest, public_id: UUID, scheme: str, value: str) -> HttpResponse:
    """Take a number away."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    services.remove_identifier(actor=viewer, identifier=identifier_of(organization, scheme=scheme, value=value))
    messages.success(request, _("Removed."))
    return redirect("organizations:identifiers", public_id=public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_claim(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask to take over an organization that nobody owns."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    form = ClaimForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.claim_organization(actor=viewer, organization=organization, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("Your claim waits for a curator. You will find the organization here."))
            return redirect("organizations:detail", public_id=public_id)
    context = {"form": form, "organization": organization, "is_claimable": not has_owner(organization)}
    return render(request, "organizations/claim.html", context)


@login_required
@require_safe
def organization_ledger(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who saw which restricted fields of the organization's records, for its owners."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    page = page_of(request, ledger_of(viewer, organization.pk), per_page=50)
    titles = titles_of(page)
    lines = [(reveal, titles.get((reveal.record_type, reveal.record_id), "–")) for reveal in page]
    return render(request, "organizations/ledger.html", {"page": page, "lines": lines, "organization": organization})
