"""Technologies in the API: everybody reads, curators write, anybody who signed in proposes."""

from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from consortia.organizations.viewing import Viewing
from consortia.technologies import services
from consortia.technologies.filters import TechnologyFilter
from consortia.technologies.models import Technology
from consortia.technologies.selectors import moved_to, technology_for, technology_page_for, visible_technologies
from consortia.technologies.serializers import (
    DeprecationInput,
    ProposalInput,
    ProposalOutput,
    RelationInput,
    RelationOutput,
    TechnologyInput,
    TechnologyOutput,
    TechnologySummary,
)

_KEY = OpenApiParameter("key", OpenApiTypes.STR, OpenApiParameter.PATH, description="Stable public id.")


class TechnologyViewSet(Viewing, GenericViewSet[Technology]):
    """The taxonomy."""

    serializer_class = TechnologySummary
    filterset_class = TechnologyFilter
    lookup_field = "key"
    lookup_value_converter = "slug"
    queryset = Technology.objects.none()
    ordering: ClassVar[tuple[str, ...]] = ("key",)

    def get_queryset(self) -> Any:
        """What exists for the client."""
        return visible_technologies(self.viewer).select_related("replaced_by")

    @extend_schema(summary="List technologies", responses=TechnologySummary(many=True))
    def list(self, request: Request) -> Response:
        """Technologies by key, a page at a time."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(TechnologySummary(page, many=True).data)

    @extend_schema(
        summary="Read a technology",
        parameters=[_KEY],
        responses={200: TechnologyOutput, 301: OpenApiResponse(description="The key leads to another technology.")},
    )
    def retrieve(self, request: Request, key: str) -> Response:
        """One technology with labels, routes, relations and interfaces; a key that moved answers 301."""
        target = moved_to(key)
        if target is not None:
            address = reverse("v1:technology-detail", kwargs={"key": target.key})
            return Response(status=status.HTTP_301_MOVED_PERMANENTLY, headers={"Location": address})
        return self._answer(key)

    @extend_schema(summary="Propose a technology", request=TechnologyInput, responses={201: TechnologyOutput})
    def create(self, request: Request) -> Response:
        """Add a technology that only curators see until it is activated."""
        given = TechnologyInput(data=request.data)
        given.is_valid(raise_exception=True)
        technology = services.propose_technology(
            actor=self.viewer, draft=services.TechnologyDraft(**given.validated_data)
        )
        return self._answer(technology.key, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Activate a technology", parameters=[_KEY], request=None, responses=TechnologyOutput)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def activate(self, request: Request, key: str) -> Response:
        """Open a proposed technology to everybody."""
        services.activate_technology(actor=self.viewer, technology=technology_page_for(self.viewer, key))
        return self._answer(key)

    @extend_schema(
        summary="Deprecate a technology", parameters=[_KEY], request=DeprecationInput, responses=TechnologyOutput
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def deprecate(self, request: Request, key: str) -> Response:
        """Take a technology out of use; its key leads to the replacement."""
        given = DeprecationInput(data=request.data)
        given.is_valid(raise_exception=True)
        heir = given.validated_data.get("replaced_by")
        services.deprecate_technology(
            actor=self.viewer,
            technology=technology_page_for(self.viewer, key),
            replaced_by=technology_for(heir) if heir else None,
        )
        return self._answer(key)

    @extend_schema(
        summary="Relate two technologies", parameters=[_KEY], request=RelationInput, responses={201: RelationOutput}
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def relations(self, request: Request, key: str) -> Response:
        """Draw an arrow from this technology to another."""
        given = RelationInput(data=request.data)
        given.is_valid(raise_exception=True)
        relation = services.relate_technologies(
            actor=self.viewer,
            source=technology_page_for(self.viewer, key),
            target=technology_for(given.validated_data["technology"]),
            kind=given.validated_data["kind"],
        )
        return Response(RelationOutput(relation).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Propose a change", request=ProposalInput, responses={201: ProposalOutput})
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def proposals(self, request: Request) -> Response:
        """Propose a change to the taxonomy; a curator reviews it."""
        given = ProposalInput(data=request.data)
        given.is_valid(raise_exception=True)
        key = given.validated_data.get("technology")
        proposal = services.propose_change(
            actor=self.viewer,
            kind=given.validated_data["kind"],
            technology=technology_page_for(self.viewer, key) if key else None,
            content=given.validated_data["content"],
            reason=given.validated_data["reason"],
        )
        return Response(ProposalOutput(proposal).data, status=status.HTTP_201_CREATED)

    def _answer(self, key: str, *, status: int = status.HTTP_200_OK) -> Response:
        return Response(TechnologyOutput(technology_page_for(self.viewer, key)).data, status=status)


api_routes = [("technologies", TechnologyViewSet, "technology")]
