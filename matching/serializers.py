"""The shapes in which the API takes and gives matches."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from matching.explanations import MatchView, Row
from matching.explanations.records import Record
from matching.explanations.views import Support, Unknown
from matching.models import Introduction, Match, MatchRun, WeightSet
from matching.services.searching import SEARCH_LENGTH


class RecordOutput(serializers.Serializer[Record]):
    """A record that speaks for a match; without an id where it is not disclosed."""

    kind = serializers.ChoiceField(choices=["capability", "facility", "experience"])
    id = serializers.SerializerMethodField()
    title = serializers.CharField()
    is_disclosed = serializers.BooleanField()

    @extend_schema_field({"type": ["string", "null"], "format": "uuid"})
    def get_id(self, record: Record) -> str | None:
        """Its public id."""
        return record.public_id or None


class ContributionOutput(serializers.Serializer[Row]):
    """What one criterion gave, and why. The points of all sum to the score."""

    criterion = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # hides the caption of the field itself, unused here
    points = serializers.FloatField()
    available = serializers.FloatField()
    start = serializers.FloatField(help_text="The sum of the points before it: where its bar begins in a waterfall.")
    sentence = serializers.CharField()
    evidence = RecordOutput(many=True)


class UnknownOutput(serializers.Serializer[Unknown]):
    """A criterion that the need asks for and on which nothing is known."""

    criterion = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # hides the caption of the field itself, unused here
    sentence = serializers.CharField()


class FragmentOutput(serializers.Serializer[Any]):
    """A part of a quoted sentence; marked where it says what the need asks for."""

    text = serializers.CharField()
    is_marked = serializers.BooleanField()


class QuoteOutput(serializers.Serializer[Any]):
    """The sentence of a record that says most of what the need asks for, by its words or by its meaning alone."""

    fragments = FragmentOutput(many=True)
    by_meaning = serializers.BooleanField()


class SupportOutput(serializers.Serializer[Support]):
    """A record that speaks for the match, its share of the text evidence, and the words that carried it."""

    record = RecordOutput()
    percent = serializers.IntegerField(min_value=0, max_value=100)
    terms = serializers.ListField(child=serializers.CharField())
    quote = QuoteOutput(allow_null=True)


class PartyOutput(serializers.Serializer[Any]):
    """An organization in short."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="*")
    type = serializers.CharField()
    country = serializers.CharField()


class NeedInShort(serializers.Serializer[MatchView]):
    """The need of a match. `organization` is null where whose need it is is not disclosed."""

    id = serializers.UUIDField(source="match.need.public_id")
    title = serializers.CharField(source="need_title")
    organization = PartyOutput(source="asker", allow_null=True)


class AnswerOutput(serializers.Serializer[Match]):
    """What both sides have said so far."""

    need = serializers.CharField(source="need_answer")
    need_decline_reason = serializers.CharField()
    organization = serializers.CharField(source="organization_answer")
    organization_decline_reason = serializers.CharField()


class MatchSummary(serializers.Serializer[Any]):
    """A match in a list. `rank` is null when the organization has left the need's list."""

    id = serializers.UUIDField(source="match.public_id")
    need = NeedInShort(source="*")
    organization = PartyOutput(source="match.organization")
    rank = serializers.IntegerField(source="match.rank", allow_null=True)
    score = serializers.FloatField(source="match.score", min_value=0, max_value=100)
    is_newcomer_place = serializers.BooleanField(
        source="match.has_newcomer_place", help_text="Whether a place kept for newcomers brought it into the list."
    )
    summary = serializers.CharField(source="told.summary")
    answers = AnswerOutput(source="match")
    my_sides = serializers.ListField(child=serializers.ChoiceField(choices=["need", "organization"]), source="sides")
    updated_at = serializers.DateTimeField(source="match.updated_at")


class MatchOutput(MatchSummary):
    """A match in full."""

    contributions = ContributionOutput(source="told.rows", many=True)
    unknowns = UnknownOutput(source="told.unknowns", many=True)
    supporting = SupportOutput(source="told.supporting", many=True)
    flags = serializers.ListField(child=serializers.CharField(), source="told.flags")


class SideInput(serializers.Serializer[Any]):
    """For which side the client acts, where it belongs to both."""

    side = serializers.ChoiceField(choices=["need", "organization"], required=False)


class AnswerInput(SideInput):
    """An answer; a refusal needs a reason."""

    answer = serializers.ChoiceField(
        choices=[Match.Answer.SEEN, Match.Answer.INTERESTED, Match.Answer.DECLINED, Match.Answer.CONTACTED]
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=True)


class PairInput(serializers.Serializer[Any]):
    """Which pair is asked about, by somebody who belongs to one of the two."""

    need = serializers.UUIDField(help_text="Public id of the need.")
    organization = serializers.UUIDField(help_text="Public id of the organization that is missed in its list.")


class VerdictOutput(serializers.Serializer[Any]):
    """What one stage of matching made of the pair; `passed` is null for a stage that was not reached."""

    stage = serializers.ChoiceField(choices=["hard_rules", "retrieval", "evidence", "scorecard", "selection"])
    label = serializers.CharField()  # type: ignore[assignment]  # hides the caption of the field itself, unused here
    passed = serializers.BooleanField(allow_null=True)
    codes = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())


class AbsenceOutput(serializers.Serializer[Any]):
    """Why an organization is not in a need's list, stage by stage; contributions where it was compared in detail."""

    side = serializers.ChoiceField(choices=["need", "organization"], help_text="From which side it is told.")
    stage = serializers.ChoiceField(
        choices=["listed", "need_not_open", "not_a_candidate", "hard_rule", "not_retrieved", "below_cut"]
    )
    sentence = serializers.CharField()
    codes = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())
    verdicts = VerdictOutput(many=True)
    contributions = ContributionOutput(many=True)
    unknowns = UnknownOutput(many=True)


class WayOutput(serializers.Serializer[Any]):
    """Changes that together suffice, none of which can be left out, and what follows from them."""

    steps = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField(min_value=0, max_value=100)
    rank = serializers.IntegerField(min_value=1)


class NearMissOutput(serializers.Serializer[Any]):
    """How near an organization is to a need's list, and the ways in for the side that asks, the smallest first."""

    side = serializers.ChoiceField(choices=["need", "organization"], help_text="Whose records would change.")
    needed = serializers.FloatField(allow_null=True, help_text="Points that are missing.")
    ways = WayOutput(many=True)


class SearchInput(serializers.Serializer[Any]):
    """What is looked for, in one's own words."""

    text = serializers.CharField(max_length=SEARCH_LENGTH, help_text="The first line counts as the title.")
    language = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="BCP 47 tag; Chinese or English is guessed without it."
    )


class FoundOutput(serializers.Serializer[Any]):
    """An organization that answers a search."""

    organization = PartyOutput()
    rank = serializers.IntegerField(min_value=1)
    score = serializers.FloatField(min_value=0, max_value=100)
    summary = serializers.CharField(source="told.summary")
    contributions = ContributionOutput(source="told.rows", many=True)
    unknowns = UnknownOutput(source="told.unknowns", many=True)
    supporting = SupportOutput(source="told.supporting", many=True)
    flags = serializers.ListField(child=serializers.CharField(), source="told.flags")


class SearchOutput(serializers.Serializer[Any]):
    """What a search found, best first. Nothing of it is kept, and nothing restricted took part in it."""

    language = serializers.CharField(help_text="The language that the text was taken for.")
    considered = serializers.IntegerField(help_text="How many organizations were compared in detail.")
    results = FoundOutput(many=True)


class SimilarInput(SearchInput):
    """A need that is being written."""

    technologies = serializers.ListField(
        child=serializers.CharField(max_length=120),
        required=False,
        default=list,
        max_length=20,
        help_text="Keys of technologies that it names, beside those found in its text.",
    )
    need = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Public id of the need that is changed, left out."
    )


class SimilarOutput(serializers.Serializer[Any]):
    """A published need that says nearly the same."""

    id = serializers.UUIDField(source="need.facts.public_id")
    title = serializers.CharField(source="need.title")
    similarity = serializers.FloatField(min_value=0, max_value=1)
    is_duplicate = serializers.BooleanField()


class HerdingInput(serializers.Serializer[Any]):
    """Of which technology."""

    technology = serializers.CharField(required=False, default="", allow_blank=True, help_text="Key; all without it.")


class HerdingOutput(serializers.Serializer[Any]):
    """What is published on one route to one technology in one region."""

    technology = serializers.CharField()
    technology_label = serializers.CharField()
    route = serializers.CharField(help_text="Empty for listings that name none.")
    route_label = serializers.CharField()
    region = serializers.CharField(help_text="ISO 3166-2; empty where it is not known or not disclosed.")
    needs = serializers.IntegerField(min_value=0)
    capabilities = serializers.IntegerField(min_value=0)
    need_share = serializers.FloatField(min_value=0, max_value=1, help_text="Of all needs on the technology.")
    capability_share = serializers.FloatField(min_value=0, max_value=1)
    is_herd = serializers.BooleanField(help_text="Whether one side crowds here.")


class RunOutput(serializers.ModelSerializer[MatchRun]):
    """A match run: its state is its progress."""

    id = serializers.UUIDField(source="public_id")
    problems = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    timings = serializers.DictField(child=serializers.FloatField())
    figures = serializers.DictField(
        child=serializers.FloatField(), help_text="What limits on exposure changed and cost; empty without limits."
    )
    weight_set: "serializers.SlugRelatedField[WeightSet]" = serializers.SlugRelatedField(
        slug_field="public_id",
        read_only=True,
        allow_null=True,
        help_text="The learned weights that were used; null for the default ones.",
    )

    class Meta:
        model = MatchRun
        fields = [
            "id",
            "scope",
            "status",
            "reason",
            "as_of",
            "stage",
            "stage_done",
            "stage_total",
            "needs_total",
            "needs_done",
            "matches_written",
            "problems",
            "timings",
            "figures",
            "engine_version",
            "weight_set",
            "created_at",
            "started_at",
            "finished_at",
            "error",
        ]


class WeightSetOutput(serializers.ModelSerializer[WeightSet]):
    """Learned weights, with what they were learned from and how they rank beside the weights in force."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField(source="pk")
    weights = serializers.DictField(child=serializers.FloatField(min_value=0, max_value=100))
    provenance = serializers.DictField()
    evaluation = serializers.DictField()

    class Meta:
        model = WeightSet
        fields = [
            "id",
            "number",
            "status",
            "weights",
            "provenance",
            "evaluation",
            "engine_version",
            "sign_off_reason",
            "created_at",
            "signed_off_at",
            "activated_at",
            "retired_at",
        ]


class IntroductionOutput(serializers.ModelSerializer[Introduction]):
    """Two organizations that were introduced, and until when they are to respond."""

    id = serializers.UUIDField(source="public_id")
    match = serializers.UUIDField(source="match.public_id")

    class Meta:
        model = Introduction
        fields = ["id", "match", "status", "respond_by", "answered_at", "created_at"]
