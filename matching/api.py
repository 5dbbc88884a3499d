"""Matches, match runs, weight sets and introductions in the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from consortia.listings.models import Need
from consortia.organizations.models import Organization
from consortia.organizations.selectors import organization_for
from consortia.organizations.viewing import Viewing
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
from matching.herding import herding_cells
from matching.models import Introduction, Match, MatchRun, WeightSet
from matching.selectors import (
    answered_matches,
    current_matches,
    match_for,
    need_for,
    run_for,
    visible_introductions,
    visible_runs,
    visible_weight_sets,
    weight_set_for,
)
from matching.serializers import (
    AbsenceOutput,
    AnswerInput,
    HerdingInput,
    HerdingOutput,
    IntroductionOutput,
    MatchOutput,
    MatchSummary,
    NearMissOutput,
    PairInput,
    RunOutput,
    SearchInput,
    SearchOutput,
    SideInput,
    SimilarInput,
    SimilarOutput,
    WeightSetOutput,
)
from matching.services.absence import explain_absence
from matching.services.answers import answer_match, mark_contracted
from matching.services.near_misses import find_near_miss
from matching.services.quotations import quote_supporting
from matching.services.runs import cancel_run, start_full_run
from matching.services.searching import search_partners
from matching.services.similarity import find_similar_needs
from ronghe.common.api.filtering import require_known


class MatchViewSet(Viewing, GenericViewSet[Any]):
    """Matches of the client's own organizations, on either side."""

    queryset = Match.objects.none()
    serializer_class = MatchSummary
    filterset_class = MatchFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering: ClassVar[tuple[str, ...]] = ("-score", "id")

    def get_queryset(self) -> "QuerySet[Match]":
        """Current matches; with a filter on answers also those that have left their list."""
        asked = "answer" in self.request.query_params
        return answered_matches(self.viewer) if asked else current_matches(self.viewer)

    @extend_schema(summary="List matches", responses=MatchSummary(many=True))
    def list(self, request: Request) -> Response:
        """Current matches, best first; filter by `need` for the list of one need."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(MatchSummary(explain_matches(self.viewer, page or []), many=True).data)

    @extend_schema(summary="Read a match with its explanation", responses=MatchOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """What every criterion gave and why, what is unknown, and the records that speak for it."""
        return self._answer(public_id)

    @extend_schema(summary="Answer a match", request=AnswerInput, responses=MatchOutput)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: UUID) -> Response:
        """Say that one's side is interested, declines (with a reason) or has made contact."""
        given = _checked(AnswerInput(data=request.data))
        answer_match(actor=self.viewer, match=match_for(self.viewer, public_id), **given)
        return self._answer(public_id)

    @extend_schema(summary="Report a contract", request=SideInput, responses=MatchOutput)
    @action(detail=True, methods=["post"])
    def contracted(self, request: Request, public_id: UUID) -> Response:
        """Record that a contract came of the match."""
        given = _checked(SideInput(data=request.data))
        mark_contracted(actor=self.viewer, match=match_for(self.viewer, public_id), **given)
        return self._answer(public_id)

    @extend_schema(summary="Ask why an organization is not in a list", parameters=[PairInput], responses=AbsenceOutput)
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def absence(self, request: Request) -> Response:
        """What every stage of matching made of the pair, for either side and for curators."""
        need, organization = self._pair(request)
        absence = explain_absence(actor=self.viewer, need=need, organization=organization)
        told = absence.match and explain_columns(self.viewer, absence.match, need=need, organization=organization)
        body = {
            "side": absence.side,
            "stage": absence.stage,
            "sentence": stage_label(absence.stage),
            "codes": [reason["code"] for reason in absence.reasons],
            "reasons": explain_exclusion(absence.reasons),
            "verdicts": explain_verdicts(absence.verdicts),
            "contributions": told.rows if told else (),
            "unknowns": told.unknowns if told else (),
        }
        return Response(AbsenceOutput(body).data)

    @extend_schema(
        summary="Ask what would lift an organization into a list", parameters=[PairInput], responses=NearMissOutput
    )
    @action(detail=False, methods=["get"], url_path="near-miss", filterset_class=None, pagination_class=None)
    def near_miss(self, request: Request) -> Response:
        """The smallest changes to the client's own side of the pair, each proved by scoring the changed record."""
        need, organization = self._pair(request)
        found = find_near_miss(actor=self.viewer, need=need, organization=organization)
        return Response(NearMissOutput(explain_near_miss(self.viewer, found)).data)

    @extend_schema(summary="Match a text without saving it", request=SearchInput, responses=SearchOutput)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def search(self, request: Request) -> Response:
        """Organizations that answer a text, by what everybody may read. Different texts per hour are limited."""
        given = _checked(SearchInput(data=request.data))
        search = search_partners(viewer=self.viewer, **given)
        results = explain_found(self.viewer, search.found)
        return Response(
            SearchOutput({"language": search.language, "considered": search.considered, "results": results}).data
        )

    def _pair(self, request: Request) -> tuple[Need, Organization]:
        given = _checked_query(PairInput, request)
        return need_for(self.viewer, given["need"]), organization_for(self.viewer, given["organization"])

    def _answer(self, public_id: UUID) -> Response:
        match = match_for(self.viewer, public_id)
        return Response(MatchOutput(explain_match(self.viewer, match, quote_supporting(self.viewer, match))).data)


class MatchRunViewSet(Viewing, GenericViewSet[MatchRun]):
    """Recomputes of matches; for curators."""

    queryset = MatchRun.objects.none()
    serializer_class = RunOutput
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = "-id"

    @extend_schema(summary="List match runs", responses=RunOutput(many=True))
    def list(self, request: Request) -> Response:
        """Runs, newest first."""
        page = self.paginate_queryset(self.filter_queryset(visible_runs(self.viewer)))
        return self.get_paginated_response(RunOutput(page, many=True).data)

    @extend_schema(summary="Read a match run", responses=RunOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """Progress, log and error of one run."""
        return Response(RunOutput(run_for(self.viewer, public_id)).data)

    @extend_schema(summary="Start a full recompute", request=None, responses={202: RunOutput})
    def create(self, request: Request) -> Response:
        """Queue a recompute of everything, or join the one that waits already."""
        return Response(RunOutput(start_full_run(actor=self.viewer)).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(summary="Cancel a match run", request=None, responses={202: RunOutput})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: UUID) -> Response:
        """Stop a run; lists that it has already published stay."""
        cancel_run(actor=self.viewer, run=run_for(self.viewer, public_id))
        return Response(RunOutput(run_for(self.viewer, public_id)).data, status=status.HTTP_202_ACCEPTED)


class WeightSetViewSet(Viewing, GenericViewSet[WeightSet]):
    """Learned weights of the scorecard; for curators."""

    queryset = WeightSet.objects.none()
    serializer_class = WeightSetOutput
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    ordering = "-id"

    @extend_schema(summary="List weight sets", responses=WeightSetOutput(many=True))
    def list(self, request: Request) -> Response:
        """Weight sets, newest first."""
        page = self.paginate_queryset(self.filter_queryset(visible_weight_sets(self.viewer)))
        return self.get_paginated_response(WeightSetOutput(page, many=True).data)

    @extend_schema(summary="Read a weight set", responses=WeightSetOutput)
    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """Points, provenance and evaluation of one weight set."""
        return Response(WeightSetOutput(weight_set_for(self.viewer, public_id)).data)


class IntroductionViewSet(Viewing, GenericViewSet[Introduction]):
    """Introductions of the client's own organizations."""

    queryset = Introduction.objects.none()
    serializer_class = IntroductionOutput
    ordering: ClassVar[tuple[str, ...]] = ("respond_by", "id")

    @extend_schema(summary="List introductions", responses=IntroductionOutput(many=True))
    def list(self, request: Request) -> Response:
        """Introductions, the most urgent first."""
        page = self.paginate_queryset(self.filter_queryset(visible_introductions(self.viewer)))
        return self.get_paginated_response(IntroductionOutput(page, many=True).data)


class SimilarNeedViewSet(Viewing, GenericViewSet[Any]):
    """Published needs that a draft is nearly the same as."""

    queryset = Need.objects.none()
    serializer_class = SimilarOutput
    pagination_class = None

    @extend_schema(summary="Find needs like a draft", request=SimilarInput, responses={200: SimilarOutput(many=True)})
    def create(self, request: Request) -> Response:
        """At most ten, most similar first, by what the client may read of them; nothing is saved."""
        given = _checked(SimilarInput(data=request.data))
        own = given.pop("need")
        found = find_similar_needs(viewer=self.viewer, but=need_for(self.viewer, own) if own else None, **given)
        return Response(SimilarOutput(found, many=True).data)


class HerdingViewSet(Viewing, GenericViewSet[Any]):
    """Where needs and capabilities pile up."""

    queryset = Need.objects.none()
    serializer_class = HerdingOutput
    pagination_class = None

    @extend_schema(
        summary="Count listings by technology, route and region",
        parameters=[HerdingInput],
        responses=HerdingOutput(many=True),
    )
    def list(self, request: Request) -> Response:
        """Cells that hold published listings that exist for the client: the 1,000 fullest, the fullest first."""
        cells = herding_cells(self.viewer, **_checked_query(HerdingInput, request))
        return Response(HerdingOutput(cells, many=True).data)


def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _checked_query(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.query_params)
    require_known(request, given.fields)
    return _checked(given)


api_routes = [
    ("matches", MatchViewSet, "match"),
    ("match-runs", MatchRunViewSet, "match-run"),
    ("weight-sets", WeightSetViewSet, "weight-set"),
    ("introductions", IntroductionViewSet, "introduction"),
    ("similar-needs", SimilarNeedViewSet, "similar-need"),
    ("herding", HerdingViewSet, "herding"),
]
