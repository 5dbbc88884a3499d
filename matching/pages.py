"""Pages of matching: the inbox, the list of a need, one match with its waterfall, absences, herding, runs."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.disclosure.viewer import Viewer
from consortia.listings.selectors import capability_for
from consortia.organizations.models import Organization
from consortia.organizations.selectors import organization_for, own_organizations
from consortia.organizations.viewing import viewer_of_request
from matching import selectors
from matching.explanations import (
    explain_columns,
    explain_exclusion,
    explain_found,
    explain_match,
    explain_matches,
    explain_near_miss,
    explain_verdicts,
    stage_label,
)
from matching.filters import MatchFilter
from matching.forms import AbsenceForm, DeclineForm, PartnerSearchForm, buttons_of
from matching.herding import HERD_LISTINGS, HERD_SHARE, MOST_CELLS, herding_cells
from matching.models import Introduction, Match, MatchFeedback
from matching.policies import Side, is_on_asking_side, sides_of
from matching.services.absence import explain_absence
from matching.services.answers import answer_match, mark_contracted, mark_seen
from matching.services.near_misses import find_near_miss
from matching.services.quotations import quote_supporting
from matching.services.runs import cancel_run, retry_run, start_full_run
from matching.services.searching import search_partners
from ronghe.common.errors import DomainError, InvalidInput, TooMany
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.pages.paging import page_of

NEAR_STAGES: Final = frozenset({"hard_rule", "below_cut"})
"""Stages after which a change may lead into the list; before them the texts have too little in common."""


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """What one side can say to a match now."""

    side: Side
    organization: str
    present: str
    buttons: list[tuple[str, str]]
    decline: DeclineForm | None
    may_report_contract: bool


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Matches of the reader's own organizations, best first, and the introductions that wait."""
    viewer = viewer_of_request(request)
    asked = bool(request.GET.get("answer"))
    rows = selectors.answered_matches(viewer) if asked else selectors.inbox_of(viewer)
    filters = MatchFilter(request.GET, queryset=rows, request=request)
    page = page_of(request, filters.qs if filters.is_valid() else rows.none())
    waiting = selectors.visible_introductions(viewer).filter(status=Introduction.Status.OPEN)
    context = {
        "filters": [filters.form["side"], filters.form["answer"]],
        "page": page,
        "views": explain_matches(viewer, list(page)),
        "introductions": waiting,
        "latest": selectors.latest_run(),
    }
    return render(request, "matching/inbox.html", context)


@login_required
@require_safe
def need_matches(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The list of one need; as a fragment for the page of the need."""
    viewer = viewer_of_request(request)
    need = selectors.need_for(viewer, public_id)
    page = page_of(request, selectors.matches_of_need(viewer, need))
    latest = selectors.latest_run()
    context = {
        "need": need,
        "page": page,
        "views": explain_matches(viewer, list(page)),
        "is_asker": is_on_asking_side(viewer, need),
        "may_ask_for_itself": bool(viewer.organization_ids),
        "latest": latest,
        "is_awaiting": selectors.is_awaiting_list(need, latest),
    }
    template = "matching/need_list.html" if request.htmx else "matching/need.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_safe
def organization_matches(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The needs that an organization could answer."""
    viewer = viewer_of_request(request)
    organization = organization_for(viewer, public_id)
    page = page_of(request, selectors.matches_of_organization(viewer, organization))
    context = {"organization": organization, "page": page, "views": explain_matches(viewer, list(page))}
    return render(request, "matching/organization.html", context)


@login_required
@require_safe
def capability_matches(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The needs and scenarios that a capability could serve; as a fragment for the page of the capability."""
    viewer = viewer_of_request(request)
    capability = capability_for(viewer, public_id)
    page = page_of(request, selectors.matches_of_capability(viewer, capability))
    context = {
        "capability": capability,
        "page": page,
        "views": explain_matches(viewer, list(page)),
        "latest": selectors.latest_run(),
    }
    template = "matching/capability_list.html" if request.htmx else "matching/capability.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_safe
def match_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One match with its waterfall; opening it marks it as seen."""
    viewer = viewer_of_request(request)
    match = selectors.match_for(viewer, public_id)
    mark_seen(viewer=viewer, match=match)
    return _detail(request, match)


@login_required
@require_POST
def match_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer for one side; a refusal without a reason comes back with what is missing."""
    viewer = viewer_of_request(request)
    match = selectors.match_for(viewer, public_id)
    answer, side = request.POST.get("answer", ""), request.POST.get("side", "")
    form = DeclineForm(request.POST, side=side) if answer == Match.Answer.DECLINED else None  # type: ignore[arg-type]
    if form is not None and not form.is_valid():
        return _detail(request, match, refused=form)
    try:
        answer_match(actor=viewer, match=match, answer=answer, side=side, reason=request.POST.get("reason", ""))
    except DomainError as error:
        if form is None or side not in sides_of(viewer, match):
            raise
        add_domain_error(form, error)
        return _detail(request, match, refused=form)
    messages.success(request, _("Your answer is kept."))
    return redirect("matching:match", public_id=public_id)


@login_required
@require_POST
def match_contracted(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Report that a contract came of it."""
    viewer = viewer_of_request(request)
    match = selectors.match_for(viewer, public_id)
    mark_contracted(actor=viewer, match=match, side=request.POST.get("side", ""))
    messages.success(request, _("Congratulations. The contract is kept with the match."))
    return redirect("matching:match", public_id=public_id)


@login_required
@require_safe
def need_absence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Why is an organization not in the list of a need? Its own side asks for any, an organization for itself."""
    viewer = viewer_of_request(request)
    need = selectors.need_for(viewer, public_id)
    form = AbsenceForm(request.GET or None)
    is_asker = is_on_asking_side(viewer, need)
    organization, found = _missed(viewer, form, is_asker=is_asker)
    asked = form.is_bound and form.is_valid() and any(form.cleaned_data.values())
    context: dict[str, object] = {"need": need, "form": form, "is_asker": is_asker, "found": found, "asked": asked}
    if organization is not None:
        absence = explain_absence(actor=viewer, need=need, organization=organization)
        context |= {
            "organization": organization,
            "sentence": stage_label(absence.stage),
            "reasons": explain_exclusion(absence.reasons),
            "verdicts": explain_verdicts(absence.verdicts),
            "may_come_near": absence.stage in NEAR_STAGES,
        }
        if absence.match:
            told = explain_columns(viewer, absence.match, need=need, organization=organization)
            context |= {"told": told, "score": absence.match["score"]}
    return render(request, "matching/absence.html", context)


@login_required
@require_safe
def need_near_miss(request: HttpRequest, public_id: UUID, organization_id: UUID) -> HttpResponse:
    """What would lift an organization into the list of a need; as a fragment for the page of its absence."""
    viewer = viewer_of_request(request)
    need = selectors.need_for(viewer, public_id)
    organization = organization_for(viewer, organization_id)
    found = find_near_miss(actor=viewer, need=need, organization=organization)
    context = {"need": need, "organization": organization, "near_miss": explain_near_miss(viewer, found)}
    template = "matching/near_miss_part.html" if request.htmx else "matching/near_miss.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Partners for a text that is not saved; posted, so that what is looked for stands in no address and no log."""
    viewer = viewer_of_request(request)
    form = PartnerSearchForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            found = search_partners(viewer=viewer, **form.cleaned_data)
        except (InvalidInput, TooMany) as error:
            add_domain_error(form, error)
        else:
            context |= {"search": found, "views": explain_found(viewer, found.found)}
    template = "matching/search_results.html" if request.htmx else "matching/search.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_safe
def herding(request: HttpRequest) -> HttpResponse:
    """Where listings pile up, the fullest cells first, as far as the reader may know of them and of their owners."""
    technology = request.GET.get("technology", "")
    cells = herding_cells(viewer_of_request(request), technology=technology)
    herds = [cell for cell in cells if cell.is_herd]
    is_short = "herds" in request.GET
    context = {
        "page": page_of(request, herds if is_short else cells),
        "herd_count": len(herds),
        "is_short": is_short,
        "technology": technology,
        "technology_label": cells[0].technology_label if technology and cells else technology,
        "least": HERD_LISTINGS,
        "share": round(100 * HERD_SHARE),
        "most": MOST_CELLS,
        "may_be_cut": len(cells) == MOST_CELLS,
    }
    return render(request, "matching/herding.html", context)


@login_required
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """Recomputes, for curators."""
    page = page_of(request, selectors.visible_runs(viewer_of_request(request)))
    return render(request, "matching/runs.html", {"page": page})


@login_required
@require_safe
def run_row(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One row of the list of runs, which asks for itself again while the run is active."""
    run = selectors.run_for(viewer_of_request(request), public_id)
    return render(request, "matching/run_row.html", {"run": run})


@login_required
@require_POST
def run_start(request: HttpRequest) -> HttpResponse:
    """Ask for a recompute of everything."""
    start_full_run(actor=viewer_of_request(request))
    messages.success(request, _("A recompute of everything is queued."))
    return redirect("matching:runs")


@login_required
@require_POST
def run_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop a run."""
    viewer = viewer_of_request(request)
    cancel_run(actor=viewer, run=selectors.run_for(viewer, public_id))
    messages.success(request, _("The run is being cancelled."))
    return redirect("matching:runs")


@login_required
@require_POST
def run_retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask again for what a run did not do."""
    viewer = viewer_of_request(request)
    retry_run(actor=viewer, run=selectors.run_for(viewer, public_id))
    messages.success(request, _("It is queued again."))
    return redirect("matching:runs")


def _missed(viewer: Viewer, form: AbsenceForm, *, is_asker: bool) -> tuple[Organization | None, list[Organization]]:
    """The organization that is asked about, or those among which the reader is to choose."""
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["organization"]
        found = [] if chosen else form.found(viewer)
        return (organization_for(viewer, chosen) if chosen else found[0] if len(found) == 1 else None), found
    own = [] if is_asker else list(own_organizations(viewer))
    return (own[0] if len(own) == 1 else None), own


def _detail(request: HttpRequest, match: Match, *, refused: DeclineForm | None = None) -> HttpResponse:
    viewer = viewer_of_request(request)
    context = {
        "view": explain_match(viewer, match, quote_supporting(viewer, match)),
        "boxes": [_answer_box(match, side, refused) for side in sides_of(viewer, match)],
        "introduction": Introduction.objects.filter(match=match).first(),
        "contract": match.feedback.filter(outcome=MatchFeedback.Outcome.CONTRACTED).first(),
    }
    return render(request, "matching/match.html", context, status=200 if refused is None else 400)


def _answer_box(match: Match, side: Side, refused: DeclineForm | None) -> AnswerBox:
    organization = match.need.organization if side == "need" else match.organization
    answer = Match.Answer(getattr(match, f"{side}_answer"))
    form = refused if refused is not None and refused.data.get("side") == side else DeclineForm(side=side)
    return AnswerBox(
        side=side,
        organization=str(organization),
        present=str(answer.label),
        buttons=buttons_of(match, side),
        decline=None if answer == Match.Answer.DECLINED else form,
        may_report_contract=Introduction.objects.filter(match=match).exists(),
    )
