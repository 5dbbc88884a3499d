"""Pages of the people who act for an organization: members, roles, invitations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.organizations import services
from consortia.organizations.forms import InvitationForm, RoleForm
from consortia.organizations.models import Organization
from consortia.organizations.policies import can_administer_organization
from consortia.organizations.selectors import (
    invitation_by_token,
    invitation_for,
    members_of,
    membership_for,
    open_invitations_of,
    organization_for,
)
from consortia.organizations.viewing import viewer_of_request
from ronghe.common.errors import DomainError, InvalidInput
from ronghe.common.pages.forms import add_domain_error


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who acts for the organization; owners invite, and copy the secret link the one time it is shown."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    form = InvitationForm(request.POST or None)
    link = ""
    if form.is_bound and form.is_valid():
        try:
            _invitation, token = services.invite_member(actor=viewer, organization=organization, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            link = request.build_absolute_uri(reverse("organizations:invitation", kwargs={"token": token}))
            form = InvitationForm()
    return _member_page(request, organization, form, link)


def _member_page(request: HttpRequest, organization: Organization, form: InvitationForm, link: str) -> HttpResponse:
    viewer = viewer_of_request(request)
    can_administer = can_administer_organization(viewer, organization)
    context = {
        "organization": organization,
        "members": members_of(viewer, organization),
        "invitations": open_invitations_of(viewer, organization) if can_administer else [],
        "can_administer": can_administer,
        "form": form,
        "link": link,
        "roles": RoleForm.base_fields["role"].choices,  # type: ignore[attr-defined]
    }
    return render(request, "organizations/members.html", context)


@login_required
@require_POST
def member_role(request: HttpRequest, public_id: UUID, person: UUID) -> HttpResponse:
    """Give a member another role."""
    viewer = viewer_of_request(request)
    membership = membership_for(viewer, organization_for(viewer, public_id), person)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("Choose a role out of the list."))
    services.change_role(actor=viewer, membership=membership, role=form.cleaned_data["role"])
    messages.success(request, _("Saved."))
    return redirect("organizations:members", public_id=public_id)


@login_required
@require_POST
def member_remove(request: HttpRequest, public_id: UUID, person: UUID) -> HttpResponse:
    """End somebody's membership, or one's own."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    membership = membership_for(viewer, organization, person)
    if membership.user_id == viewer.user_id:
        services.leave_organization(actor=viewer, organization=organization)
        messages.success(request, _("You have left the organization."))
        return redirect("organizations:list")
    services.remove_member(actor=viewer, membership=membership)
    messages.success(request, _("Removed."))
    return redirect("organizations:members", public_id=public_id)


@login_required
@require_POST
def invitation_withdraw(request: HttpRequest, public_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Make the link of an invitation useless."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    services.withdraw_invitation(actor=viewer, invitation=invitation_for(viewer, organization, invitation_id))
    messages.success(request, _("Withdrawn. The link leads nowhere any longer."))
    return redirect("organizations:members", public_id=public_id)


@login_required
@never_cache
@require_safe
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation is to; a person joins by a button, so that no mail scanner joins for them."""
    return render(request, "organizations/invitation.html", {"invitation": invitation_by_token(token), "token": token})


@login_required
@require_POST
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Become a member."""
    membership = services.accept_invitation(actor=viewer_of_request(request), token=token)
    messages.success(request, _("You are a member now."))
    return redirect("organizations:detail", public_id=membership.organization.public_id)
