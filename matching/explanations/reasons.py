"""Why an organization is not in a need's list, in sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

_STAGES: Final[Mapping[str, str | Promise]] = {
    "listed": gettext_lazy("It is in the list."),
    "need_not_open": gettext_lazy("The need does not ask for partners now."),
    "not_a_candidate": gettext_lazy("It takes no part in matching."),
    "hard_rule": gettext_lazy("A rule excludes it."),
    "not_retrieved": gettext_lazy("Too little of what it says meets the need."),
    "below_cut": gettext_lazy("Others fit better."),
}

_VERDICTS: Final[Mapping[str, str | Promise]] = {
    "hard_rules": gettext_lazy("Hard rules"),
    "retrieval": gettext_lazy("Retrieval"),
    "evidence": gettext_lazy("Evidence"),
    "scorecard": gettext_lazy("Scorecard"),
    "selection": gettext_lazy("Selection"),
}

_REASONS: Final[Mapping[str, str | Promise]] = {
    "listed": gettext_lazy("It stands at place %(rank)d."),
    "no_rule": gettext_lazy("No rule excludes it."),
    "came_up": gettext_lazy("%(documents)d of its records came up for the need."),
    "text_evidence": gettext_lazy(
        "What its records say together is worth %(points).1f of %(available).0f points for the subject."
    ),
    "scored": ngettext_lazy(
        "It has %(score).1f of 100 points; %(unknown)d criterion is unknown.",
        "It has %(score).1f of 100 points; %(unknown)d criteria are unknown.",
        "unknown",
    ),
    "undisclosed_rule": gettext_lazy("A rule excludes it that the need's side does not disclose."),
    "need_not_open": gettext_lazy("The need is not open, or its deadline or validity has passed."),
    "not_a_candidate": gettext_lazy(
        "It is not verified yet, was merged into another, or is newer than the last recompute."
    ),
    "own_organization": gettext_lazy("It is the organization that has the need."),
    "affiliate": gettext_lazy("The two are affiliated."),
    "conflict_of_interest": gettext_lazy("The two belong to one group."),
    "suspended": gettext_lazy("It is suspended."),
    "declined": gettext_lazy("One of the two sides declined, or a curator took it out."),
    "country_not_eligible": gettext_lazy("Its country is not among the eligible ones, or not known."),
    "export_gate": gettext_lazy("Export control keeps the need from its country, or its country is not known."),
    "certificate_missing": gettext_lazy("A required certificate has not been verified for it."),
    "listing_expired": ngettext_lazy(
        "%(documents)d of its records has expired.", "%(documents)d of its records have expired.", "documents"
    ),
    "not_disclosed": ngettext_lazy(
        "%(documents)d of its records is not open to everybody.",
        "%(documents)d of its records are not open to everybody.",
        "documents",
    ),
    "out_of_reach": gettext_lazy("Some of what it says is kept out of searches."),
    "route_locked": ngettext_lazy(
        "%(documents)d of its records takes another route, and the need is locked to its routes.",
        "%(documents)d of its records take another route, and the need is locked to its routes.",
        "documents",
    ),
    "no_documents": gettext_lazy("It has no open capability, no facility and no past project."),
    "too_little_in_common": gettext_lazy("Its records share too few words and technologies with the need."),
    "below_shortlist": gettext_lazy(
        "It came up at place %(position)d; the first %(shortlist)d are compared in detail."
    ),
    "below_cut": gettext_lazy(
        "It stands at place %(rank)d with %(score).1f points; the last in the list has %(cut).1f."
    ),
    "withheld": gettext_lazy(
        "By score alone it would stand at place %(rank)d, but the list is full or it is in as many lists as one"
        " organization may be."
    ),
    "need_closed": gettext_lazy("The need is closed."),
    "need_expired": gettext_lazy("The deadline has passed."),
    "invalid": gettext_lazy("The need cannot be matched as it is; a curator has been shown why."),
}


def stage_label(stage: str) -> str:
    """In one sentence, at which stage it ended."""
    return str(_STAGES.get(stage, stage))


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What one stage of matching made of a pair, in words; `passed` is None for one that was not reached."""

    stage: str
    label: str
    passed: bool | None
    codes: tuple[str, ...]
    reasons: tuple[str, ...]


class Verdict(Protocol):
    """What one stage of matching made of a pair."""

    @property
    def stage(self) -> str:
        """The engine's name of it."""
        ...

    @property
    def passed(self) -> bool | None:
        """None for a stage that was not reached."""
        ...

    @property
    def reasons(self) -> Sequence[Mapping[str, Any]]:
        """Codes with arguments."""
        ...


def explain_verdicts(verdicts: Iterable[Verdict]) -> list[VerdictView]:
    """Every stage in order, with its figures or the reasons why it ended there."""
    return [
        VerdictView(
            stage=verdict.stage,
            label=str(_VERDICTS.get(verdict.stage, verdict.stage)),
            passed=verdict.passed,
            codes=tuple(reason["code"] for reason in verdict.reasons),
            reasons=tuple(explain_exclusion(verdict.reasons)),
        )
        for verdict in verdicts
    ]


def explain_exclusion(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each reason as a sentence.

    Args:
        reasons: codes with arguments, as stored or as the engine's answer encodes them.
    """
    return [_sentence(reason["code"], reason["args"]) for reason in reasons]


def knows(code: str) -> bool:
    """Whether there is a sentence for a code."""
    return code in _REASONS


def _sentence(code: str, args: Mapping[str, Any]) -> str:
    template = _REASONS.get(code)
    if template is None:
        return code
    try:
        return str(template % args)
    except KeyError:
        # A rule on documents that dropped the organization as a whole tells no number.
        return str(template % {"documents": 1})
