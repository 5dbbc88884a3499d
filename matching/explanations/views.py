"""A match as one reader sees it: the shape that pages, API and commands show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from consortia.disclosure.models import Disclosable, Reveal, Tier
from consortia.disclosure.policies import highest_tiers, may_see_field
from consortia.disclosure.services import record_reveals
from consortia.disclosure.viewer import Viewer
from consortia.listings.models import Need
from consortia.organizations.models import Organization
from matching.engine import Quote
from matching.explanations.labels import Labels, load_labels, says_enough, tells_something
from matching.explanations.records import Record, Records, load_records
from matching.explanations.sentences import (
    criterion_label,
    flag_sentence,
    gap,
    is_asked_for,
    sentence,
    strength,
    unknown_sentence,
)
from matching.models import Match
from matching.policies import Side, sides_of
from ronghe.common.text import in_reader_language

_STRENGTHS_TOLD: Final = 3
_WORDS_TOLD: Final = 3
_UNKNOWNS_TOLD: Final = 2
_GAP_POINTS: Final = 1.0
"""Points that have to be missing for a gap to be worth a sentence."""
_NAMING: Final = frozenset({"organization"})
"""The only restricted field that an explanation can show: whose record it names."""
_NEED_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "cost": frozenset({"budget"}),
    "timing": frozenset({"deadline"}),
    "region": frozenset({"regions", "organization"}),
    "past_cooperation": frozenset({"organization"}),
}
"""What a criterion tells of the need: whoever may not see these fields is not told what came of the comparison."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the waterfall: what a criterion gave, and why.

    Attributes:
        criterion: the engine's name of it.
        label: what people call it.
        points: given, out of `available`.
        available: at most.
        start: the sum of the points above this row, where its bar begins.
        sentence: why.
        evidence: the records that it was read from.
    """

    criterion: str
    label: str
    points: float
    available: float
    start: float
    sentence: str
    evidence: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """A record that speaks for the match, its share of the text evidence in percent, and the words that carried it."""

    record: Record
    percent: int
    terms: tuple[str, ...]
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A criterion that the need asks for and on which nothing is known."""

    criterion: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What is told of the columns of a match, stored or just computed."""

    summary: str
    rows: tuple[Row, ...]
    unknowns: tuple[Unknown, ...]
    supporting: tuple[Support, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match with both sides and its explanation.

    Attributes:
        match: the record, for rank, score and answers.
        need_title: in the reader's language.
        asker: the organization that has the need; None where that is not disclosed.
        told: the explanation.
        sides: the sides for which the reader may answer.
    """

    match: Match
    need_title: str
    asker: Organization | None
    told: Columns
    sides: tuple[Side, ...]

    @property
    def asker_name(self) -> str:
        """Who asks, or that it is not disclosed."""
        return str(self.asker) if self.asker else _("an organization that is not disclosed to you")


class Found(Protocol):
    """An organization that answers a search, with the columns of a match."""

    @property
    def organization(self) -> Organization:
        """Who was found."""
        ...

    @property
    def rank(self) -> int:
        """Its place, from 1."""
        ...

    @property
    def score(self) -> float:
        """Points out of 100."""
        ...

    @property
    def columns(self) -> Mapping[str, Any]:
        """As `results.encode_match` gives them."""
        ...


@dataclass(frozen=True, slots=True)
class FoundView:
    """What a search found, with its explanation."""

    organization: Organization
    rank: int
    score: float
    told: Columns


def explain_match(viewer: Viewer, match: Match, quotes: Mapping[str, Quote] | None = None) -> MatchView:
    """One match in full; whose records it names goes into the ledger where that is restricted.

    Args:
        viewer: who reads.
        match: one that exists for the viewer, with both sides fetched.
        quotes: what the supporting records say, by the engine's id of each.
    """
    [view] = explain_matches(viewer, [match])
    documents = [item["document"] for item in match.supporting]
    quoted = tuple(
        replace(support, quote=(quotes or {}).get(document) if support.record.is_disclosed else None)
        for support, document in zip(view.told.supporting, documents, strict=True)
    )
    return replace(view, told=replace(view.told, supporting=quoted))


def explain_matches(viewer: Viewer, matches: Sequence[Match]) -> list[MatchView]:
    """Many matches, in their order; the number of queries does not grow with theirs.

    Args:
        viewer: who reads.
        matches: ones that exist for the viewer, with both sides fetched.
    """
    columns = [_columns_of(match) for match in matches]
    labels, records = _loaded(viewer, columns)
    tiers = highest_tiers(viewer, (match.need.organization_id for match in matches))
    titles = _titles(matches)
    views = []
    shown: dict[Any, tuple[Disclosable, Tier]] = {(type(row), row.pk): (row, tier) for row, tier in records.naming}
    for match, column in zip(matches, columns, strict=True):
        need, reached = match.need, tiers[match.need.organization_id]
        is_named = may_see_field(need, "organization", reached=reached)
        if is_named and need.tier_of_field("organization") != Tier.PUBLIC:
            shown[Need, need.pk] = (need, reached)
        views.append(
            MatchView(
                match=match,
                need_title=titles[need.pk],
                asker=need.organization if is_named else None,
                told=_told(column, labels, records, need=need, reached=reached, organization=match.organization),
                sides=sides_of(viewer, match),
            )
        )
    record_reveals(viewer=viewer, shown=shown.values(), surface=Reveal.Surface.EXPLANATION, fields=_NAMING)
    return views


def explain_columns(viewer: Viewer, columns: Mapping[str, Any], *, need: Need, organization: Organization) -> Columns:
    """The explanation of a match that is in no list, for the need's own side.

    Args:
        viewer: who reads.
        columns: the match as `results.encode_match` gives it.
        need: the need.
        organization: the organization that was compared with it.
    """
    labels, records = _loaded(viewer, [columns])
    reached = highest_tiers(viewer, [need.organization_id])[need.organization_id]
    return _told(columns, labels, records, need=need, reached=reached, organization=organization)


def explain_found(viewer: Viewer, found: Sequence[Found]) -> list[FoundView]:
    """What a search found, in its order: there is no need whose fields could be hidden."""
    columns = [item.columns for item in found]
    labels, records = _loaded(viewer, columns)
    return [
        FoundView(item.organization, item.rank, item.score, _put(column, column["contributions"], labels, records))
        for item, column in zip(found, columns, strict=True)
    ]


def _columns_of(match: Match) -> dict[str, Any]:
    names = ("contributions", "supporting", "unknowns", "flags")
    return {name: getattr(match, name) for name in names}


def _loaded(viewer: Viewer, columns: Sequence[Mapping[str, Any]]) -> tuple[Labels, Records]:
    documents = {
        document for column in columns for item in column["contributions"] for document in item["evidence"]
    } | {item["document"] for column in columns for item in column["supporting"]}
    return load_labels(columns), load_records(viewer, documents)


def _titles(matches: Iterable[Match]) -> dict[int, str]:
    titles = {}
    for match in matches:
        need = match.need
        texts = {need.language: need.title, **{row.language: row.title for row in need.translations.all()}}
        titles[need.pk] = in_reader_language(texts)
    return titles


def _told(
    column: Mapping[str, Any],
    labels: Labels,
    records: Records,
    *,
    need: Need,
    reached: Tier,
    organization: Organization,
) -> Columns:
    contributions = [_open(item, need, reached, organization) for item in column["contributions"]]
    return _put(column, contributions, labels, records)


def _put(
    column: Mapping[str, Any], contributions: Sequence[Mapping[str, Any]], labels: Labels, records: Records
) -> Columns:
    """Put what may be told into words."""
    return Columns(
        summary=_summary(column, contributions, labels),
        rows=tuple(_rows(contributions, labels, records)),
        unknowns=tuple(Unknown(name, criterion_label(name), unknown_sentence(name)) for name in column["unknowns"]),
        supporting=tuple(
            Support(
                record=records.of(item["document"]),
                percent=round(100 * item["share"]),
                terms=tuple(labels.of_term(term) for term in item["terms"] if tells_something(term)),
            )
            for item in column["supporting"]
        ),
        flags=tuple(map(flag_sentence, column["flags"])),
    )


def _open(item: Mapping[str, Any], need: Need, reached: Tier, organization: Organization) -> Mapping[str, Any]:
    """A contribution without what the reader may not know of the need or of where the two sides are."""
    fields = _NEED_FIELDS.get(item["criterion"], frozenset())
    if not all(may_see_field(need, name, reached=reached) for name in fields):
        return {**item, "code": f"{item['criterion']}.restricted", "args": {}}
    sides = (need.organization, organization)
    if "kilometres" in item["args"] and any(side.tier_of_field("place") != Tier.PUBLIC for side in sides):
        return {**item, "args": {**item["args"], "kilometres": None}}
    return item


def _rows(contributions: Iterable[Mapping[str, Any]], labels: Labels, records: Records) -> Iterable[Row]:
    start = 0.0
    for item in contributions:
        yield Row(
            criterion=item["criterion"],
            label=criterion_label(item["criterion"]),
            points=item["points"],
            available=item["available"],
            start=start,
            sentence=sentence(item["code"], item["args"], labels),
            evidence=tuple(map(records.of, item["evidence"])),
        )
        start += item["points"]


def _summary(column: Mapping[str, Any], contributions: Sequence[Mapping[str, Any]], labels: Labels) -> str:
    """The criteria that gave most in one sentence, and what is most missing in another."""
    earned = sorted((item for item in contributions if item["points"] > 0), key=lambda item: -item["points"])
    words = _words_in_common(column, labels)
    told = [text for item in earned if (text := strength(item["code"], {**item["args"], **words}, labels))]
    if not told:
        return " ".join(map(flag_sentence, column["flags"])) or _("Nothing in its records speaks for it.")
    text = pgettext("between strengths", "; ").join(told[:_STRENGTHS_TOLD])
    sentences = [pgettext("a sentence of strengths", "%(text)s.") % {"text": text[0].upper() + text[1:]}]
    missing = _gap(column, contributions, labels)
    if missing:
        sentences.append(pgettext("a sentence of what is missing", "But: %(text)s.") % {"text": missing})
    return pgettext("between sentences", " ").join(sentences)


def _words_in_common(column: Mapping[str, Any], labels: Labels) -> dict[str, str]:
    """The heaviest words of the record that speaks loudest."""
    terms = [term for item in column["supporting"][:1] for term in item["terms"] if tells_something(term)]
    named = [word for word in dict.fromkeys(map(labels.of_term, terms)) if says_enough(word)][:_WORDS_TOLD]
    return {"words": pgettext("between words", ", ").join(named)} if named else {}


def _gap(column: Mapping[str, Any], contributions: Sequence[Mapping[str, Any]], labels: Labels) -> str:
    """Where most points were lost for a reason that can be told, else what is most unknown; empty for no gap."""
    lost = sorted(contributions, key=lambda item: item["points"] - item["available"])
    for item in lost:
        if item["available"] - item["points"] >= _GAP_POINTS and (text := gap(item["code"], item["args"], labels)):
            return text
    unknown = [criterion_label(name) for name in column["unknowns"] if is_asked_for(name)][:_UNKNOWNS_TOLD]
    if not unknown:
        return ""
    return _("nothing is known about: %(criteria)s") % {"criteria": pgettext("between words", ", ").join(unknown)}
