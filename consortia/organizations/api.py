"""Organizations in the API."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from consortia.disclosure.models import Reveal
from consortia.disclosure.selectors import ledger_of
from consortia.organizations import services
from consortia.organizations.disclosed import profile_view
from consortia.organizations.filters import OrganizationFilter
from consortia.organizations.models import Organization
from consortia.organizations.selectors import (
    identifier_of,
    members_of,
    organization_for,
    own_organizations,
    visible_organizations,
)
from consortia.organizations.serializers import (
    ClaimInput,
    ClaimOutput,
    IdentifierInput,
    IdentifierOutput,
    MembershipOutput,
    OrganizationOutput,
    OrganizationSummary,
    RegistrationInput,
    RevealOutput,
    UpdateInput,
)
from consortia.organizations.viewing import Viewing
from ronghe.common.errors import InvalidInput


class OrganizationViewSet(Viewing, GenericViewSet[Organization]):
    """Organizations that exist for the client."""

    serializer_class = OrganizationSummary
    filterset_class = OrganizationFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    queryset = Organization.objects.none()

    def get_queryset(self) -> Any:
        """What exists for the client."""
        return visible_organizations(self.viewer)

    @extend_schema(summary="List organizations", responses=OrganizationSummary(many=True))
    def list(self, request: Request) -> Response:
        """Organizations by name, a page at a time."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OrganizationSummary(page, many=True).data)

    @extend_schema(summary="Read an organization", responses=OrganizationOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One organization, as far as the client may see it."""
        return self._answer(organization_for(self.viewer, public_id))

    @extend_schema(summary="Register an organization", request=RegistrationInput, responses={201: OrganizationOutput})
    def create(self, request: Request) -> Response:
        """Register an organization; the client's person becomes its owner."""
        given = RegistrationInput(data=request.data)
        given.is_valid(raise_exception=True)
        organization = services.register_organization(
            actor=self.viewer,
            profile=given.profile(),
            identifiers=given.identifier_pairs(),
            confirm_distinct=given.validated_data["confirm_distinct"],
        )
        self.forget_viewer()
        return self._answer(organization, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change an organization", request=UpdateInput, responses=OrganizationOutput)
    def partial_update(self, request: Request, public_id: UUID) -> Response:
        """Change what is given; `version` must be the newest one."""
        organization = organization_for(self.viewer, public_id)
        given = UpdateInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        if "version" not in given.validated_data:
            message = _("Give the version that you read, so that nobody's work is overwritten.")
            raise InvalidInput(message, fields={"version": [message]})
        services.update_organization(
            actor=self.viewer,
            organization=organization,
            expected_version=given.validated_data["version"],
            profile=given.changed(services.profile_of(organization)),
        )
        return self._answer(organization_for(self.viewer, public_id))

    @extend_schema(summary="List one's own organizations", responses=OrganizationSummary(many=True))
    @action(detail=False, methods=["get"], filterset_class=None)
    def mine(self, request: Request) -> Response:
        """The organizations that the client's person belongs to."""
        page = self.paginate_queryset(self.filter_queryset(own_organizations(self.viewer)))
        return self.get_paginated_response(OrganizationSummary(page, many=True).data)

    @extend_schema(summary="Add an identifier", request=IdentifierInput, responses={201: IdentifierOutput})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def identifiers(self, request: Request, public_id: UUID) -> Response:
        """Give the organization a number of a public register."""
        organization = organization_for(self.viewer, public_id)
        given = IdentifierInput(data=request.data)
        given.is_valid(raise_exception=True)
        identifier = services.add_identifier(actor=self.viewer, organization=organization, **given.validated_data)
        return Response(IdentifierOutput(identifier).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Remove an identifier", responses={204: None})
    @action(
        detail=True,
        methods=["delete"],
        url_path="identifiers/<str:scheme>/<str:value>",
        filterset_class=None,
        pagination_class=None,
    )
    def identifier(self, request: Request, public_id: UUID, scheme: str, value: str) -> Response:
        """Take a number of a public register away."""
        organization = organization_for(self.viewer, public_id)
        services.remove_identifier(
            actor=self.viewer, identifier=identifier_of(organization, scheme=scheme, value=value)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="List members", responses=MembershipOutput(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def members(self, request: Request, public_id: UUID) -> Response:
        """The people of an organization, for those who belong to it."""
        rows: Any = members_of(self.viewer, organization_for(self.viewer, public_id))
        page: Any = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(MembershipOutput(page, many=True).data)

    @extend_schema(summary="Read the disclosure ledger", responses=RevealOutput(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def ledger(self, request: Request, public_id: UUID) -> Response:
        """Who saw which restricted fields of the organization's records, for its owners."""
        organization = organization_for(self.viewer, public_id)
        rows: Any = ledger_of(self.viewer, organization.pk)
        page: Any = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(RevealOutput(page, many=True).data)

    @extend_schema(summary="Claim an organization", request=ClaimInput, responses={201: ClaimOutput})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def claim(self, request: Request, public_id: UUID) -> Response:
        """Ask to take over an organization that nobody owns; a curator decides."""
        organization = organization_for(self.viewer, public_id)
        given = ClaimInput(data=request.data)
        given.is_valid(raise_exception=True)
        claim = services.claim_organization(
            actor=self.viewer, organization=organization, statement=given.validated_data["statement"]
        )
        return Response(ClaimOutput(claim).data, status=status.HTTP_201_CREATED)

    def _answer(self, organization: Organization, *, status: int = status.HTTP_200_OK) -> Response:
        view = profile_view(self.viewer, organization, surface=Reveal.Surface.API)
        return Response(OrganizationOutput(view).data, status=status)


api_routes = [("organizations", OrganizationViewSet, "organization")]
