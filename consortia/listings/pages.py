"""Pages of needs and capabilities: finding, reading, writing, and moving them through their lifecycle."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortia.disclosure.models import Reveal
from consortia.disclosure.viewer import Viewer
from consortia.listings import editor, selectors, services
from consortia.listings.disclosed import cards_of, view_of
from consortia.listings.drafts import ListingDraft, NeedDraft
from consortia.listings.editor import Editor, differences, with_more_rows
from consortia.listings.filters import CapabilityFilter, ListingFilter, NeedFilter
from consortia.listings.lifecycle import Step
from consortia.listings.models import Capability, Listing, Need
from consortia.listings.policies import require_can_edit
from consortia.listings.steps import STEP_LABELS, take_step
from consortia.listings.wording import coded_facts, in_words
from consortia.organizations.models import Organization
from consortia.organizations.selectors import own_organizations
from consortia.organizations.viewing import viewer_of_request
from consortia.technologies.selectors import search_technologies
from ronghe.common.errors import DomainError, StaleEdit
from ronghe.common.filters import filter_groups
from ronghe.common.pages.paging import page_of

MOST_OPTIONS: Final = 50
_USUAL_FILTERS: Final = ("q", "kind", "trl", "technology")


@dataclass(frozen=True, slots=True)
class Side:
    """What differs between the pages of needs and those of capabilities.

    Attributes:
        model: the record.
        noun: what one is called on the page.
        plural: what many are called.
        invitation: the label of the button that writes a new one.
        found: every record that exists for a viewer.
        one: the record behind a public id.
        filters: the filter set.
        editing: the form and the draft.
    """

    model: type[Listing]
    noun: str | Promise
    plural: str | Promise
    invitation: str | Promise
    found: Callable[[Viewer], Any]
    one: Callable[[Viewer, UUID], Any]
    filters: type[ListingFilter]
    editing: editor.Side

    @property
    def name(self) -> str:
        """`need` or `capability`: the root of its addresses' names."""
        return self.model._meta.model_name or ""


SIDES: Final = {
    "need": Side(
        model=Need,
        noun=gettext_lazy("Need"),
        plural=gettext_lazy("Needs"),
        invitation=gettext_lazy("Write a need"),
        found=selectors.visible_needs,
        one=selectors.need_for,
        filters=NeedFilter,
        editing=editor.NEED,
    ),
    "capability": Side(
        model=Capability,
        noun=gettext_lazy("Capability"),
        plural=gettext_lazy("Capabilities"),
        invitation=gettext_lazy("Offer a capability"),
        found=selectors.visible_capabilities,
        one=selectors.capability_for,
        filters=CapabilityFilter,
        editing=editor.CAPABILITY,
    ),
}


@require_safe
def listing_list(request: HttpRequest, side: str) -> HttpResponse:
    """Those that exist for the reader, filtered."""
    pages = SIDES[side]
    viewer = viewer_of_request(request)
    filters = pages.filters(request.GET, queryset=pages.found(viewer), request=request)
    found = filters.qs if filters.is_valid() else pages.found(viewer).none()
    page = page_of(request, found)
    context = {
        "side": pages,
        "page": page,
        "cards": cards_of(viewer, page.object_list),
        **filter_groups(filters.form, usual=_USUAL_FILTERS),
    }
    return render(request, "listings/list.html", context)


@require_safe
def listing_detail(request: HttpRequest, side: str, public_id: UUID) -> HttpResponse:
    """One of them, as far as the reader may see it."""
    pages = SIDES[side]
    viewer = viewer_of_request(request)
    listing = pages.one(viewer, public_id)
    view = view_of(viewer, listing, surface=Reveal.Surface.PAGE)
    context = {
        "side": pages,
        "listing": view,
        "kind": listing.get_kind_display(),
        "coded": coded_facts(view),
        "hidden_labels": [pages.editing.form.disclosed[name] for name in view.hidden],
        "tiers": _tiers_shown_to_owner(listing) if view.may_edit else [],
        "steps": [(step.value, STEP_LABELS[step]) for step in view.steps],
        "matches_address": _matches_address(listing) if _may_have_matches(viewer, listing) else "",
    }
    return render(request, "listings/detail.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_new(request: HttpRequest, side: str) -> HttpResponse:
    """Write a new one; with the button *publish*, show it to others at once."""
    pages = SIDES[side]
    viewer = viewer_of_request(request)
    organizations = list(own_organizations(viewer).filter(pk__in=viewer.editable_ids))
    if not organizations:
        messages.info(request, _("Register an organization first: listings are written for one."))
        return redirect("organizations:new")
    writing = Editor(pages.editing, _sent(request), organizations=organizations)
    if _is_saving(request) and writing.is_valid():
        try:
            listing = _draft(viewer, writing.organization(), writing.draft())
        except DomainError as error:
            writing.show(error)
        else:
            return _after_saving(request, pages, viewer, listing)
    return _editing_page(request, pages, writing)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_edit(request: HttpRequest, side: str, public_id: UUID) -> HttpResponse:
    """Change one; whoever was overtaken sees both versions and loses nothing."""
    pages = SIDES[side]
    viewer = viewer_of_request(request)
    listing = pages.one(viewer, public_id)
    require_can_edit(viewer, listing)
    stored = selectors.draft_of(listing)
    writing = Editor(pages.editing, _sent(request), draft=stored, version=listing.version)
    if _is_saving(request) and writing.is_valid():
        try:
            services.revise_listing(
                actor=viewer, listing=listing, draft=writing.draft(), expected_version=writing.version
            )
        except StaleEdit as error:
            return _overtaken_page(request, pages, pages.one(viewer, public_id), writing, error)
        except DomainError as error:
            writing.show(error)
        else:
            return _after_saving(request, pages, viewer, listing)
    return _editing_page(request, pages, writing, listing=listing)


@login_required
@require_POST
def listing_step(request: HttpRequest, side: str, public_id: UUID) -> HttpResponse:
    """Take a step with a listing as a whole; a step that is not allowed comes back as a message."""
    pages = SIDES[side]
    viewer = viewer_of_request(request)
    listing = pages.one(viewer, public_id)
    try:
        step = Step(request.POST.get("step", ""))
        label = STEP_LABELS[step]
    except (ValueError, KeyError) as error:
        raise Http404 from error
    version = request.POST.get("version", "")
    take_step(step, actor=viewer, listing=listing, expected_version=int(version) if version.isdecimal() else None)
    messages.success(request, _("Done: %(step)s.") % {"step": label})
    return redirect(f"listings:{pages.name}", public_id=public_id)


@require_safe
def technology_options(request: HttpRequest) -> HttpResponse:
    """Technologies whose labels contain what is being typed, as options for the field."""
    typed = next((str(value) for key, value in request.GET.items() if key.endswith("-technology")), "")[:200]
    found = search_technologies(viewer_of_request(request), typed)[:MOST_OPTIONS]
    return render(request, "listings/technology_options.html", {"technologies": found})


def _sent(request: HttpRequest) -> QueryDict | None:
    if request.method != "POST":
        return None
    return with_more_rows(request.POST, request.POST["more"]) if "more" in request.POST else request.POST


def _is_saving(request: HttpRequest) -> bool:
    return request.method == "POST" and "more" not in request.POST


def _draft(viewer: Viewer, organization: Organization, draft: ListingDraft) -> Listing:
    if isinstance(draft, NeedDraft):
        return services.draft_need(actor=viewer, organization=organization, draft=draft)
    return services.draft_capability(actor=viewer, organization=organization, draft=draft)  # type: ignore[arg-type]


def _after_saving(request: HttpRequest, pages: Side, viewer: Viewer, listing: Any) -> HttpResponse:
    messages.success(request, _("Saved."))
    if "publish" in request.POST:
        try:
            take_step(Step.PUBLISH, actor=viewer, listing=listing)
        except DomainError as error:
            # The text is saved all the same; what is missing can be added from its page.
            for text in [error.message, *(text for texts in error.fields.values() for text in texts)]:
                messages.error(request, text)
        else:
            messages.success(request, _("Published and open for interest."))
    return redirect(f"listings:{pages.name}", public_id=listing.public_id)


def _editing_page(
    request: HttpRequest, pages: Side, writing: Editor, *, listing: Listing | None = None, **more: Any
) -> HttpResponse:
    context = {
        "side": pages,
        "editor": writing,
        "form": writing.form,
        "listing": listing,
        "technologies": search_technologies(viewer_of_request(request), "").filter(scheme="ronghe"),
        "tier_fields": [writing.form[f"tier_{name}"] for name in writing.form.disclosed],
        **more,
    }
    status = HTTPStatus.OK
    if more:
        status = HTTPStatus.CONFLICT
    elif _is_saving(request) and (writing.form.errors or writing.has_row_errors):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "listings/edit.html", context, status=status)


def _overtaken_page(request: HttpRequest, pages: Side, current: Any, writing: Editor, error: StaleEdit) -> HttpResponse:
    """What was typed stays in the form, with the newest version: saving again is a decision made in full sight."""
    overtaken_by = [
        (_label(pages, name), in_words(mine), in_words(theirs))
        for name, mine, theirs in differences(writing.draft(), selectors.draft_of(current))
    ]
    data = request.POST.copy()
    data["version"] = str(current.version)
    again = Editor(pages.editing, data, draft=selectors.draft_of(current), version=current.version)
    again.is_valid()
    again.form.add_error(None, error.message)
    return _editing_page(request, pages, again, listing=current, overtaken_by=overtaken_by)


def _label(pages: Side, name: str) -> str:
    declared = pages.editing.form.base_fields.get(name)
    return str(declared.label if declared else name.replace("_", " "))


def _tiers_shown_to_owner(listing: Listing) -> list[tuple[str, str]]:
    """Each field whose readers can be chosen, with those who see it now."""
    names = sorted(listing.DISCLOSURE_CHOICES | set(listing.DISCLOSURE_DEFAULTS))
    form = SIDES[listing.side].editing.form
    return [(str(form.disclosed[name]), str(listing.tier_of_field(name).label)) for name in names]


def _may_have_matches(viewer: Viewer, listing: Listing) -> bool:
    """Matches concern the owner; of a need that is open also whoever could answer it, who sees its own match alone."""
    is_asking = isinstance(listing, Need) and listing.status == Listing.Status.OPEN
    return listing.organization_id in viewer.organization_ids or (is_asking and bool(viewer.organization_ids))


def _matches_address(listing: Listing) -> str:
    """Where the matches of a listing are; they live in another room, which may not be there."""
    side = "need" if isinstance(listing, Need) else "capability"
    try:
        return reverse(f"matching:{side}_matches", kwargs={"public_id": listing.public_id})
    except NoReverseMatch:
        return ""
