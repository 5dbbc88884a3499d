"""Pages of the taxonomy."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortia.organizations.viewing import viewer_of_request
from consortia.technologies.filters import TechnologyFilter
from consortia.technologies.forms import Kind, ProposalForm
from consortia.technologies.models import Technology, TechnologyRelation
from consortia.technologies.selectors import (
    fields_with_technologies,
    moved_to,
    technology_page_for,
    visible_technologies,
)
from consortia.technologies.services import propose_change
from ronghe.common.errors import DomainError
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.pages.paging import page_of


@require_safe
def technology_list(request: HttpRequest) -> HttpResponse:
    """The fields with their technologies; a search lists what it finds in every scheme."""
    viewer = viewer_of_request(request)
    filters = TechnologyFilter(request.GET, queryset=visible_technologies(viewer))
    context = {"filters": filters.form, "is_search": bool(request.GET)}
    if context["is_search"]:
        found = filters.qs if filters.is_valid() else visible_technologies(viewer).none()
        context["page"] = page_of(request, found)
    else:
        context["fields"] = fields_with_technologies(viewer)
    return render(request, "technologies/list.html", context)


@require_safe
def technology_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One technology: definition, labels, routes side by side, relations, interfaces."""
    viewer = viewer_of_request(request)
    target = moved_to(key)
    if target is not None:
        return redirect("technologies:detail", key=target.key, permanent=True)
    technology = technology_page_for(viewer, key)
    shown = [relation for relation in technology.relations.all() if _is_open(relation.target)]
    pointing_here = [relation for relation in technology.related_from.all() if _is_open(relation.source)]
    kinds = TechnologyRelation.Kind
    related = [relation.target for relation in shown if relation.kind == kinds.RELATED]
    related += [relation.source for relation in pointing_here if relation.kind == kinds.RELATED]
    context = {
        "technology": technology,
        "broader": [relation.target for relation in shown if relation.kind == kinds.BROADER],
        "narrower": [relation.source for relation in pointing_here if relation.kind == kinds.BROADER],
        # Two that name each other are related once.
        "related": list(dict.fromkeys(related)),
        "depends_on": [relation.target for relation in shown if relation.kind == kinds.DEPENDS_ON],
        "needed_by": [relation.source for relation in pointing_here if relation.kind == kinds.DEPENDS_ON],
    }
    return render(request, "technologies/detail.html", context)


def _is_open(technology: Technology) -> bool:
    return technology.status == Technology.Status.ACTIVE


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def technology_propose(request: HttpRequest) -> HttpResponse:
    """Propose a technology that is missing; a curator reviews it."""
    form = ProposalForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            propose_change(
                actor=viewer_of_request(request),
                kind=Kind.ADD,
                technology=None,
                content=form.content(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(form, error, names=form.service_names)
        else:
            messages.success(request, _("Thank you. A curator reviews your proposal."))
            return redirect("technologies:list")
    return render(request, "technologies/propose.html", {"form": form})
