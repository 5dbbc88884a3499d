"""Evidence and experience in the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from consortia.evidence import services
from consortia.evidence.filters import EvidenceFilter, ExperienceFilter
from consortia.evidence.models import Evidence, Experience
from consortia.evidence.selectors import evidence_for, experience_for, visible_evidence, visible_experience
from consortia.evidence.serializers import EvidenceInput, EvidenceOutput, ExperienceInput, ExperienceOutput
from consortia.organizations.selectors import organization_for
from consortia.organizations.viewing import Viewing
from consortia.technologies.selectors import resolve_key


class EvidenceViewSet(Viewing, GenericViewSet[Evidence]):
    """Evidence that exists for the client."""

    serializer_class = EvidenceOutput
    filterset_class = EvidenceFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    queryset = Evidence.objects.none()
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    def get_queryset(self) -> Any:
        """What exists for the client."""
        return visible_evidence(self.viewer)

    @extend_schema(summary="List evidence", responses=EvidenceOutput(many=True))
    def list(self, request: Request) -> Response:
        """Evidence, newest first, a page at a time."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(EvidenceOutput(page, many=True, context=self._context()).data)

    @extend_schema(summary="Read a piece of evidence", responses=EvidenceOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One piece of evidence."""
        return self._answer(evidence_for(self.viewer, public_id))

    @extend_schema(summary="Claim evidence", request=EvidenceInput, responses={201: EvidenceOutput})
    def create(self, request: Request) -> Response:
        """Claim that a document speaks for an organization; it counts once it is verified."""
        given = EvidenceInput(data=request.data)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        organization = organization_for(self.viewer, fields.pop("organization"))
        assessor = fields.pop("assessor", None)
        draft = services.EvidenceDraft(
            assessor=organization_for(self.viewer, assessor) if assessor else None,
            technologies=[resolve_key(key) for key in fields.pop("technologies")],
            **fields,
        )
        evidence = services.add_evidence(actor=self.viewer, organization=organization, draft=draft)
        return self._answer(evidence, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Verify evidence", request=None, responses=EvidenceOutput)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def verify(self, request: Request, public_id: UUID) -> Response:
        """Confirm that a document is what it claims to be."""
        evidence = evidence_for(self.viewer, public_id)
        return self._answer(services.verify_evidence(actor=self.viewer, evidence=evidence))

    @extend_schema(summary="Refuse evidence", request=None, responses=EvidenceOutput)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def refuse(self, request: Request, public_id: UUID) -> Response:
        """Say that a document is not what it claims to be."""
        evidence = evidence_for(self.viewer, public_id)
        return self._answer(services.refuse_evidence(actor=self.viewer, evidence=evidence))

    def _answer(self, evidence: Evidence, *, status: int = status.HTTP_200_OK) -> Response:
        return Response(EvidenceOutput(evidence, context=self._context()).data, status=status)

    def _context(self) -> dict[str, Any]:
        return {**self.get_serializer_context(), "today": timezone.localdate()}


class ExperienceViewSet(Viewing, GenericViewSet[Experience]):
    """Past projects that exist for the client."""

    serializer_class = ExperienceOutput
    filterset_class = ExperienceFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    queryset = Experience.objects.none()
    ordering: ClassVar[tuple[str, ...]] = ("-id",)

    def get_queryset(self) -> Any:
        """What exists for the client."""
        return visible_experience(self.viewer)

    @extend_schema(summary="List past projects", responses=ExperienceOutput(many=True))
    def list(self, request: Request) -> Response:
        """Past projects, newest first, a page at a time."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ExperienceOutput(page, many=True).data)

    @extend_schema(summary="Read a past project", responses=ExperienceOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """One past project."""
        return Response(ExperienceOutput(experience_for(self.viewer, public_id)).data)

    @extend_schema(summary="Record a past project", request=ExperienceInput, responses={201: ExperienceOutput})
    def create(self, request: Request) -> Response:
        """Record a past project of an organization that the client writes for."""
        given = ExperienceInput(data=request.data)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        participants = [
            services.ParticipantDraft(organization=organization_for(self.viewer, one["organization"]), role=one["role"])
            for one in fields.pop("participants")
        ]
        technologies = [resolve_key(key) for key in fields.pop("technologies")]
        experience = services.record_experience(
            actor=self.viewer, participants=participants, technologies=technologies, **fields
        )
        answer = ExperienceOutput(experience_for(self.viewer, experience.public_id)).data
        return Response(answer, status=status.HTTP_201_CREATED)


api_routes = [
    ("evidence", EvidenceViewSet, "evidence"),
    ("experience", ExperienceViewSet, "experience"),
]
