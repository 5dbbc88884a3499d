"""Endpoints of needs and capabilities."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from consortia.disclosure.models import Reveal
from consortia.listings import selectors, services
from consortia.listings.disclosed import view_of, views_of
from consortia.listings.drafts import CapabilityDraft, ListingDraft, NeedDraft
from consortia.listings.filters import CapabilityFilter, NeedFilter
from consortia.listings.lifecycle import Step
from consortia.listings.models import Capability, Need
from consortia.listings.policies import require_can_edit
from consortia.listings.serializers import (
    CapabilityInputSerializer,
    CapabilityRevisionSerializer,
    CapabilitySerializer,
    ListingInputSerializer,
    ListingOutputSerializer,
    NeedInputSerializer,
    NeedRevisionSerializer,
    NeedSerializer,
    StepSerializer,
    changed_draft,
    new_draft,
)
from consortia.listings.steps import take_step
from consortia.organizations.models import Organization
from consortia.organizations.selectors import organization_for
from consortia.organizations.viewing import Viewing
from ronghe.common.errors import InvalidInput, NotFound

ViewT = TypeVar("ViewT", bound=type["ListingViewSet"])
_STEP_ACTIONS = ("submit", "publish", "open", "pause", "mark_matched", "close", "withdraw", "renew")


class ListingViewSet(Viewing, GenericViewSet[Any]):
    """What the endpoints of needs and capabilities share."""

    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = "-id"
    input_serializer_class: ClassVar[type[ListingInputSerializer]]
    revision_serializer_class: ClassVar[type[ListingInputSerializer]]
    draft_class: ClassVar[type[ListingDraft]]

    def list(self, request: Request) -> Response:
        """Those that exist for the client, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        views = views_of(self.viewer, page or [], surface=Reveal.Surface.API)
        return self.get_paginated_response(self.get_serializer(views, many=True).data)

    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One of them, as far as the client may see it."""
        return self._answer(self.listing(public_id))

    def create(self, request: Request) -> Response:
        """Write a draft; publish it with the action `publish`."""
        given = self._checked(self.input_serializer_class(data=request.data))
        organization = self._organization(given["organization"])
        listing = self.draft(organization, new_draft(self.draft_class, given))
        return self._answer(self.listing(listing.public_id), status=status.HTTP_201_CREATED)

    def update(self, request: Request, public_id: UUID) -> Response:
        """Replace everything; what is not given becomes empty. `version` is the one that was read."""
        given = self._checked(self.revision_serializer_class(data=request.data))
        return self._revised(self.listing(public_id), new_draft(self.draft_class, given), given)

    def partial_update(self, request: Request, public_id: UUID) -> Response:
        """Replace what is given; lists are replaced as a whole. `version` is the one that was read."""
        listing = self.listing(public_id)
        given = self._checked(self.revision_serializer_class(data=request.data, partial=True))
        # Before the record's own text is read into a draft, for it holds fields that others may not see.
        require_can_edit(self.viewer, listing)
        return self._revised(listing, changed_draft(selectors.draft_of(listing), given), given)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, public_id: UUID) -> Response:
        """Hand a draft in for review inside its organization."""
        return self._step(Step.SUBMIT, public_id)

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, public_id: UUID) -> Response:
        """Show it to others and open it for interest."""
        return self._step(Step.PUBLISH, public_id)

    @action(detail=True, methods=["post"])
    def open(self, request: Request, public_id: UUID) -> Response:
        """Ask for interest again."""
        return self._step(Step.OPEN, public_id)

    @action(detail=True, methods=["post"])
    def pause(self, request: Request, public_id: UUID) -> Response:
        """Stop asking for interest for a while."""
        return self._step(Step.PAUSE, public_id)

    @action(detail=True, methods=["post"])
    def mark_matched(self, request: Request, public_id: UUID) -> Response:
        """Note that a partner was found."""
        return self._step(Step.MATCH, public_id)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: UUID) -> Response:
        """End what has served its purpose."""
        return self._step(Step.CLOSE, public_id)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: UUID) -> Response:
        """Take it back."""
        return self._step(Step.WITHDRAW, public_id)

    @action(detail=True, methods=["post"])
    def renew(self, request: Request, public_id: UUID) -> Response:
        """Make it valid for 365 days from today."""
        return self._step(Step.RENEW, public_id)

    def listing(self, public_id: UUID) -> Any:
        """The record behind the address, with its parts."""
        raise NotImplementedError

    def draft(self, organization: Organization, draft: Any) -> Any:
        """Store a new draft."""
        raise NotImplementedError

    def _step(self, step: Step, public_id: UUID) -> Response:
        given = self._checked(StepSerializer(data=self.request.data))
        take_step(step, actor=self.viewer, listing=self.listing(public_id), expected_version=given.get("version"))
        return self._answer(self.listing(public_id))

    def _revised(self, listing: Any, draft: ListingDraft, given: Mapping[str, Any]) -> Response:
        if "version" not in given:
            message = _("Give the version that you read, so that nobody's work is overwritten.")
            raise InvalidInput(message, fields={"version": [message]})
        services.revise_listing(actor=self.viewer, listing=listing, draft=draft, expected_version=given["version"])
        return self._answer(self.listing(listing.public_id))

    def _answer(self, listing: Any, *, status: int = status.HTTP_200_OK) -> Response:
        view = view_of(self.viewer, listing, surface=Reveal.Surface.API)
        return Response(self.get_serializer(view).data, status=status)

    def _organization(self, public_id: UUID) -> Organization:
        try:
            return organization_for(self.viewer, public_id)
        except NotFound as error:
            message = _("There is no such organization, or you may not see it.")
            raise InvalidInput(message, fields={"organization": [message]}) from error

    @staticmethod
    def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def _documented(
    written: type[ListingInputSerializer],
    revised: type[ListingInputSerializer],
    shown: type[ListingOutputSerializer],
) -> Callable[[ViewT], ViewT]:
    """What the OpenAPI document says of bodies, which the shared methods cannot know."""
    steps = {name: extend_schema(request=StepSerializer, responses=shown) for name in _STEP_ACTIONS}
    return extend_schema_view(
        create=extend_schema(request=written, responses={201: shown}),
        update=extend_schema(request=revised, responses=shown),
        partial_update=extend_schema(request=revised, responses=shown),
        list=extend_schema(responses=shown(many=True)),
        **steps,
    )


@_documented(NeedInputSerializer, NeedRevisionSerializer, NeedSerializer)
class NeedViewSet(ListingViewSet):
    """What organizations lack."""

    queryset = Need.objects.none()
    serializer_class = NeedSerializer
    input_serializer_class = NeedInputSerializer
    revision_serializer_class = NeedRevisionSerializer
    draft_class = NeedDraft
    filterset_class = NeedFilter

    def get_queryset(self) -> QuerySet[Need]:
        """Those that exist for the client."""
        return selectors.visible_needs(self.viewer)

    def listing(self, public_id: UUID) -> Need:
        """The need behind the address."""
        return selectors.need_for(self.viewer, public_id)

    def draft(self, organization: Organization, draft: NeedDraft) -> Need:
        """Store a new need."""
        return services.draft_need(actor=self.viewer, organization=organization, draft=draft)


@_documented(CapabilityInputSerializer, CapabilityRevisionSerializer, CapabilitySerializer)
class CapabilityViewSet(ListingViewSet):
    """What organizations can do or supply."""

    queryset = Capability.objects.none()
    serializer_class = CapabilitySerializer
    input_serializer_class = CapabilityInputSerializer
    revision_serializer_class = CapabilityRevisionSerializer
    draft_class = CapabilityDraft
    filterset_class = CapabilityFilter

    def get_queryset(self) -> QuerySet[Capability]:
        """Those that exist for the client."""
        return selectors.visible_capabilities(self.viewer)

    def listing(self, public_id: UUID) -> Capability:
        """The capability behind the address."""
        return selectors.capability_for(self.viewer, public_id)

    def draft(self, organization: Organization, draft: CapabilityDraft) -> Capability:
        """Store a new capability."""
        return services.draft_capability(actor=self.viewer, organization=organization, draft=draft)


api_routes = [("needs", NeedViewSet, "need"), ("capabilities", CapabilityViewSet, "capability")]
