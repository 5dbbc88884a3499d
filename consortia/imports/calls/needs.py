"""From a funding topic to the need that it states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from consortia.disclosure.models import Tier
from consortia.imports.calls.readiness import trl_span
from consortia.imports.calls.texts import cut_at_sentence, description_of, summary_of, tidied
from consortia.imports.calls.topics import Topic
from consortia.listings.drafts import NeedDraft, TechnologyUseDraft
from consortia.listings.models import DESCRIPTION_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH, CooperationType, Need

SOURCE: Final = "eu_calls"
LANGUAGE: Final = "en"
CURRENCY: Final = "EUR"
MOST_TECHNOLOGIES: Final = 8
_LONGEST_ENDING: Final = 1000

_Kind = Need.Kind
# By type of action, as the Horizon Europe work programmes define them: innovation, deployment and infrastructure bring
# proven technology to scale; support actions are services; procurement of innovation buys what exists.
_KINDS: Final[Mapping[str, str]] = {
    "RIA": _Kind.RND_PROBLEM,
    "MSCA": _Kind.RND_PROBLEM,
    "MSCA-SE": _Kind.RND_PROBLEM,
    "EDF-RA": _Kind.RND_PROBLEM,
    "HORIZON-PCP": _Kind.RND_PROBLEM,
    "CoFund": _Kind.RND_PROBLEM,
    "IA": _Kind.SCALE_UP,
    "EDF-DA": _Kind.SCALE_UP,
    "CEF-INFRA": _Kind.SCALE_UP,
    "HORIZON-EIC-EQU": _Kind.SCALE_UP,
    "CSA": _Kind.SERVICE,
    "PPI": _Kind.SUPPLY,
}
_RESEARCH_PROGRAMMES: Final = frozenset({"Horizon Europe", "Euratom", "European Defence Fund", "RFCS"})
_COOPERATION: Final[Mapping[str, tuple[str, ...]]] = {
    _Kind.RND_PROBLEM: (CooperationType.RND_COOPERATION,),
    _Kind.SCALE_UP: (CooperationType.RND_COOPERATION, CooperationType.TECHNOLOGY_DEVELOPMENT),
    _Kind.SUPPLY: (CooperationType.SUPPLIER,),
    _Kind.SERVICE: (CooperationType.TECHNICAL_SERVICE,),
}


@dataclass(frozen=True, slots=True)
class StatedNeed:
    """A topic's need, and which of its texts had to be cut."""

    draft: NeedDraft
    title_is_cut: bool
    description_is_cut: bool


def kind_of(topic: Topic) -> str:
    """What is sought, by type of action; else research programmes ask for research, and other ones for services."""
    by_programme = _Kind.RND_PROBLEM if topic.programme in _RESEARCH_PROGRAMMES else _Kind.SERVICE
    return _KINDS.get(topic.action_type, by_programme)


def need_of(topic: Topic, *, as_of: date, today: date, technology_keys: Mapping[str, str]) -> StatedNeed:
    """The need that a topic states.

    Args:
        topic: the topic.
        as_of: the day on which the archive is looked at: a topic is valid for as long as it was then.
        today: the day on which it is imported.
        technology_keys: key of the technology that a keyword names.
    """
    text = tidied(topic.description)
    ending = _ending(topic)
    room = DESCRIPTION_LENGTH - len(ending)
    kind = kind_of(topic)
    low, high = trl_span(text)
    if (low, high) == (None, None):
        low, high = trl_span(tidied(topic.conditions))
    draft = NeedDraft(
        kind=kind,
        title=cut_at_sentence(topic.title, TITLE_LENGTH),
        language=LANGUAGE,
        summary=summary_of(text, SUMMARY_LENGTH) or cut_at_sentence(topic.call_title, SUMMARY_LENGTH),
        description=description_of(text, room) + ending,
        trl_low=low,
        trl_high=high,
        cooperation_types=_COOPERATION[kind],
        languages_spoken=(LANGUAGE,),
        valid_until=None if topic.deadline is None else today + (topic.deadline - as_of),
        # The portal publishes budgets, so there is nothing to hide.
        disclosure={"budget": Tier.PUBLIC.value},
        technologies=_uses(topic.keywords, technology_keys),
        source_id=topic.topic_id,
        deadline=topic.deadline,
        budget_min=topic.budget_min,
        budget_max=topic.budget_max,
        currency=CURRENCY if topic.budget_min is not None or topic.budget_max is not None else "",
    )
    return StatedNeed(draft=draft, title_is_cut=len(topic.title) > TITLE_LENGTH, description_is_cut=len(text) > room)


def _ending(topic: Topic) -> str:
    """What stands below the text however much of it is cut: the keywords and where the whole text is."""
    lines = []
    if topic.keywords:
        lines.append("Keywords: " + ", ".join(topic.keywords))
    if topic.address:
        lines.append(topic.address)
    ending = "\n\n" + "\n".join(lines) if lines else ""
    return ending if len(ending) <= _LONGEST_ENDING else f"\n\n{topic.address}"


def _uses(keywords: Sequence[str], technology_keys: Mapping[str, str]) -> tuple[TechnologyUseDraft, ...]:
    """The technologies that the topic names among its keywords; labels found in running text mislead."""
    keys = dict.fromkeys(technology_keys[keyword] for keyword in keywords if keyword in technology_keys)
    return tuple(TechnologyUseDraft(technology=key) for key in list(keys)[:MOST_TECHNOLOGIES])
