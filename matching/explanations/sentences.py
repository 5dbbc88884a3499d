"""Codes of the engine → sentences. Every code has one here; a test goes through the engine's codes."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext

from matching.explanations.labels import Labels

Sentence = str | Promise

RESTRICTED: Final = gettext_lazy("This was compared with something that is not disclosed; only the points are told.")
_NO_DETAIL: Final = gettext_lazy("There is no further detail.")

_CRITERIA: Final[Mapping[str, Sentence]] = {
    "text": gettext_lazy("Subject"),
    "technology": gettext_lazy("Technology"),
    "route": gettext_lazy("Route"),
    "trl": gettext_lazy("Technology readiness"),
    "mrl": gettext_lazy("Manufacturing readiness"),
    "parameters": gettext_lazy("Parameters"),
    "supply_role": gettext_lazy("Supply role"),
    "partner_type": gettext_lazy("Type of partner"),
    "region": gettext_lazy("Place"),
    "timing": gettext_lazy("Timing and capacity"),
    "cost": gettext_lazy("Cost"),
    "cooperation": gettext_lazy("Kind of cooperation"),
    "interfaces": gettext_lazy("Interfaces"),
    "languages": gettext_lazy("Languages"),
    "track_record": gettext_lazy("Track record"),
    "verified_evidence": gettext_lazy("Verified evidence"),
    "past_cooperation": gettext_lazy("Past cooperation"),
    "freshness": gettext_lazy("Freshness"),
}

_SENTENCES: Final[Mapping[str, Sentence]] = {
    "text.same_language": ngettext_lazy(
        "%(documents)d record speaks about what is needed.",
        "%(documents)d records speak about what is needed.",
        "documents",
    ),
    "text.across_languages": ngettext_lazy(
        "%(documents)d record speaks about what is needed, in another language.",
        "%(documents)d records speak about what is needed, the strongest in another language.",
        "documents",
    ),
    "technology.met": gettext_lazy("It works on %(offered)s, which the need names."),
    "technology.partly": gettext_lazy("It works on %(offered)s; the need names %(wanted)s (%(relation)s)."),
    "technology.not_met": gettext_lazy("None of its records is on a technology that the need names."),
    "route.met": gettext_lazy("It takes the route that is asked for: %(routes)s."),
    "route.partly": gettext_lazy("It takes the route that is asked for in part: %(routes)s."),
    "route.not_met": gettext_lazy("It takes another route than the one asked for: %(routes)s."),
    "trl.met": gettext_lazy("TRL %(span)s covers the target, %(target)s."),
    "trl.partly": gettext_lazy("TRL %(span)s is near the target, %(target)s."),
    "trl.not_met": gettext_lazy("TRL %(span)s is far from the target, %(target)s."),
    "mrl.met": gettext_lazy("MRL %(span)s covers the target, %(target)s."),
    "mrl.partly": gettext_lazy("MRL %(span)s is near the target, %(target)s."),
    "mrl.not_met": gettext_lazy("MRL %(span)s is far from the target, %(target)s."),
    "parameters.met": gettext_lazy("It meets %(met)d of %(of)d parameters. %(margin)s"),
    "parameters.partly": gettext_lazy("It meets %(met)d of %(of)d parameters; unknown: %(unknown)d. %(margin)s"),
    "parameters.not_met": gettext_lazy("It meets none of %(of)d parameters; unknown: %(unknown)d. %(margin)s"),
    "supply_role.met": gettext_lazy("It supplies what is sought: %(offered)s."),
    "supply_role.partly": gettext_lazy("It supplies %(offered)s, which is close to what is sought: %(sought)s."),
    "supply_role.not_met": gettext_lazy("It supplies %(offered)s; what is sought is %(sought)s."),
    "partner_type.met": gettext_lazy("It is a partner of the type sought: %(type)s."),
    "partner_type.partly": gettext_lazy("It is close to the type sought: %(type)s."),
    "partner_type.not_met": gettext_lazy("Its type is not among those sought: %(type)s."),
    "region.met": gettext_lazy("The place fits: %(place)s."),
    "region.partly": gettext_lazy("The place fits in part: %(place)s."),
    "region.not_met": gettext_lazy("The place does not fit: %(place)s."),
    "timing.met": gettext_lazy("It can be had in time. %(when)s"),
    "timing.partly": gettext_lazy("It can be had in time, but is partly taken. %(when)s"),
    "timing.not_met": gettext_lazy("It cannot be had in time. %(when)s"),
    "cost.met": gettext_lazy("The price lies within the budget."),
    "cost.partly": gettext_lazy("The budget pays a part of the price."),
    "cost.not_met": gettext_lazy("The price is far above the budget."),
    "cooperation.met": gettext_lazy("The kind of cooperation fits: %(met)s."),
    "cooperation.partly": gettext_lazy("The kind of cooperation fits in part: %(met)s."),
    "cooperation.not_met": gettext_lazy("It offers none of the kinds of cooperation that are sought."),
    "interfaces.met": gettext_lazy("It conforms to every interface that is required: %(met)s."),
    "interfaces.partly": gettext_lazy("It conforms to some of the %(of)d interfaces required: %(met)s."),
    "interfaces.not_met": gettext_lazy("It conforms to none of the %(of)d interfaces required."),
    "languages.met": gettext_lazy("There is a working language in common: %(met)s."),
    "languages.partly": gettext_lazy("There is a working language in common: %(met)s."),
    "languages.not_met": gettext_lazy("There is no working language in common."),
    "track_record.projects": ngettext_lazy(
        "%(projects)d past project on the subject.", "%(projects)d past projects on the subject.", "projects"
    ),
    "verified_evidence.met": gettext_lazy("Others have verified it, and recently."),
    "verified_evidence.partly": gettext_lazy("Others have verified some of it, or it has aged since."),
    "verified_evidence.not_met": gettext_lazy("Nobody has verified it yet."),
    "past_cooperation.projects": ngettext_lazy(
        "The two were in %(projects)d past project together.",
        "The two were in %(projects)d past projects together.",
        "projects",
    ),
    "past_cooperation.indirect": gettext_lazy("It has worked with partners of earlier projects on the subject."),
    "past_cooperation.met": gettext_lazy("The two have worked together often."),
    "past_cooperation.partly": gettext_lazy("The two have worked together before."),
    "past_cooperation.not_met": gettext_lazy("The two have not worked together before."),
    "freshness.met": gettext_lazy("Its record was confirmed just now."),
    "freshness.partly": ngettext_lazy(
        "Its record was last confirmed %(days)d day ago.", "Its record was last confirmed %(days)d days ago.", "days"
    ),
    "freshness.not_met": gettext_lazy("Its record has not been confirmed for years."),
}

_STRENGTHS: Final[Mapping[str, Sentence]] = {
    "text": ngettext_lazy("%(documents)d record on the subject", "%(documents)d records on the subject", "documents"),
    "technology": gettext_lazy("works on %(offered)s"),
    "route": gettext_lazy("on the route %(routes)s"),
    "trl": gettext_lazy("TRL %(span)s for a target of %(target)s"),
    "mrl": gettext_lazy("MRL %(span)s for a target of %(target)s"),
    "parameters": gettext_lazy("meets %(met)d of %(of)d parameters"),
    "supply_role": gettext_lazy("supplies %(offered)s"),
    "partner_type": gettext_lazy("a %(type)s, as sought"),
    "region": gettext_lazy("well placed"),
    "timing": gettext_lazy("available in time"),
    "cost": gettext_lazy("affordable"),
    "cooperation": gettext_lazy("open to %(met)s"),
    "interfaces": gettext_lazy("conforms to %(met)s"),
    "languages": gettext_lazy("speaks %(met)s"),
    "track_record": ngettext_lazy("%(projects)d past project on it", "%(projects)d past projects on it", "projects"),
    "verified_evidence": gettext_lazy("with verified evidence"),
    "past_cooperation": gettext_lazy("a partner of earlier projects"),
    "freshness": gettext_lazy("confirmed recently"),
}
"""For the one sentence on top: what a criterion that gave points says in a few words."""

_TEXT_WITH_WORDS: Final = ngettext_lazy(
    "%(documents)d record on %(words)s", "%(documents)d records on %(words)s", "documents"
)
_ALWAYS_COMPARED: Final = frozenset({"text", "track_record", "verified_evidence", "past_cooperation", "freshness"})

_GAPS: Final[Mapping[str, Sentence]] = {
    "technology.partly": gettext_lazy("works on %(offered)s, not on %(wanted)s itself"),
    "technology.not_met": gettext_lazy("works on none of the technologies named"),
    "route.not_met": gettext_lazy("takes another route"),
    "trl.partly": gettext_lazy("TRL %(span)s where %(target)s is asked for"),
    "trl.not_met": gettext_lazy("TRL %(span)s where %(target)s is asked for"),
    "mrl.partly": gettext_lazy("MRL %(span)s where %(target)s is asked for"),
    "mrl.not_met": gettext_lazy("MRL %(span)s where %(target)s is asked for"),
    "parameters.partly": gettext_lazy("meets only %(met)d of %(of)d parameters"),
    "parameters.not_met": gettext_lazy("meets none of %(of)d parameters"),
    "supply_role.partly": gettext_lazy("supplies %(offered)s where %(sought)s is sought"),
    "supply_role.not_met": gettext_lazy("supplies %(offered)s where %(sought)s is sought"),
    "partner_type.not_met": gettext_lazy("is not of a type that is sought"),
    "region.not_met": gettext_lazy("is in another place"),
    "timing.not_met": gettext_lazy("is not to be had in time"),
    "cost.partly": gettext_lazy("costs more than the budget"),
    "cost.not_met": gettext_lazy("costs more than the budget"),
    "cooperation.not_met": gettext_lazy("seeks another kind of cooperation"),
    "interfaces.partly": gettext_lazy("lacks some of the interfaces required"),
    "interfaces.not_met": gettext_lazy("lacks the interfaces required"),
    "languages.not_met": gettext_lazy("has no working language in common"),
}
"""For the sentence after it: what cost points, in a few words; not every loss is a gap."""

_UNKNOWNS: Final[Mapping[str, Sentence]] = {
    "text": gettext_lazy("There is no text to compare."),
    "technology": gettext_lazy("No record names its technologies."),
    "route": gettext_lazy("No record says which route it takes."),
    "trl": gettext_lazy("No record says which TRL it has reached."),
    "mrl": gettext_lazy("No record says which MRL it has reached."),
    "parameters": gettext_lazy("No record measures any of the parameters asked for."),
    "supply_role": gettext_lazy("No record says what it supplies."),
    "partner_type": gettext_lazy("Its type is not known."),
    "region": gettext_lazy("Its place is not known."),
    "timing": gettext_lazy("No record says when it can be had."),
    "cost": gettext_lazy("No record gives a price for the whole work."),
    "cooperation": gettext_lazy("No record says how it would work together."),
    "interfaces": gettext_lazy("No record names the interfaces it conforms to."),
    "languages": gettext_lazy("No record says which languages it works in."),
    "track_record": gettext_lazy("No past project on the subject is known."),
    "verified_evidence": gettext_lazy("Nothing is known of verified evidence."),
    "past_cooperation": gettext_lazy("Nothing is known of earlier partners."),
    "freshness": gettext_lazy("It is not known when its record was last confirmed."),
}

_FLAGS: Final[Mapping[str, Sentence]] = {
    "lexical_only": gettext_lazy("Compared by words and technologies only: no sentence encoder took part."),
    "pinned": gettext_lazy("A curator put it on top."),
    "demoted": gettext_lazy("A curator put it at the end."),
}

_RELATIONS: Final[Mapping[str, Sentence]] = {
    "same": gettext_lazy("one of several"),
    "narrower": gettext_lazy("more special"),
    "broader": gettext_lazy("more general"),
    "related": gettext_lazy("a neighbour"),
    "dependency": gettext_lazy("it builds on it"),
}


def criterion_label(criterion: str) -> str:
    """What people call a criterion."""
    return str(_CRITERIA.get(criterion, criterion))


def sentence(code: str, args: Mapping[str, Any], labels: Labels) -> str:
    """What a criterion found, as a sentence."""
    if code.endswith(".restricted"):
        return str(RESTRICTED)
    return _filled(_SENTENCES.get(code), code, args, labels).strip()


def strength(code: str, args: Mapping[str, Any], labels: Labels) -> str:
    """What a criterion found in a few words; empty where nothing may be told."""
    criterion = code.split(".", 1)[0]
    if code.endswith(".restricted"):
        return ""
    template = _TEXT_WITH_WORDS if criterion == "text" and "words" in args else _STRENGTHS.get(criterion)
    return _filled(template, code, args, labels)


def gap(code: str, args: Mapping[str, Any], labels: Labels) -> str:
    """What cost points in a few words; empty where nothing may or need be told."""
    return _filled(_GAPS[code], code, args, labels) if code in _GAPS else ""


def is_asked_for(criterion: str) -> bool:
    """Whether a need asks for a criterion of its own accord, so that its absence is worth a word on top."""
    return criterion not in _ALWAYS_COMPARED


def unknown_sentence(criterion: str) -> str:
    """What it means that nothing is known on a criterion."""
    return str(_UNKNOWNS.get(criterion, _NO_DETAIL))


def flag_sentence(flag: str) -> str:
    """What was unusual about how a match came to be."""
    return str(_FLAGS.get(flag, flag))


def knows(code: str) -> bool:
    """Whether there is a sentence of its own for a code."""
    return code in _SENTENCES or code.endswith(".restricted")


def _filled(template: Sentence | None, code: str, args: Mapping[str, Any], labels: Labels) -> str:
    if template is None:
        return str(_NO_DETAIL)
    try:
        return str(template % _values(code.split(".", 1)[0], args, labels))
    except KeyError:
        # Kept from a run of an engine that told less.
        return str(_NO_DETAIL)


def _values(criterion: str, args: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: labels.of(value) if isinstance(value, str) else value for name, value in args.items()
    }
    values |= {name: labels.of_all(args[name]) for name in ("met", "routes") if isinstance(args.get(name), str)}
    compose = _COMPOSED.get(criterion)
    return {**values, **compose(args)} if compose else values


def _readiness(args: Mapping[str, Any]) -> dict[str, str]:
    low, high = args["from"], args["to"]
    span = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return {"span": span, "target": f"{args['target']:g}"}


def _technology(args: Mapping[str, Any]) -> dict[str, str]:
    return {"relation": str(_RELATIONS.get(args.get("relation", ""), ""))}


def _place(args: Mapping[str, Any]) -> dict[str, str]:
    parts = [args.get("region") or args.get("country") or ""]
    if args.get("kilometres") is not None:
        parts.append(_("%(kilometres)d km away") % {"kilometres": args["kilometres"]})
    return {"place": ", ".join(filter(None, parts)) or _("not stated")}


def _timing(args: Mapping[str, Any]) -> dict[str, str]:
    said = []
    if args.get("from_day") is not None and args.get("to_day") is not None:
        days = {"first": _day(args["from_day"]), "last": _day(args["to_day"])}
        said.append(_("Slots from %(first)s to %(last)s.") % days)
    if args.get("capacity") is not None:
        said.append(_("%(share)d %% of it is free.") % {"share": round(100 * args["capacity"])})
    return {"when": pgettext("between sentences", " ").join(said)}


def _tightest(args: Mapping[str, Any]) -> dict[str, str]:
    margin = args.get("margin")
    if margin is None:
        return {"margin": ""}
    if margin < 0:
        return {"margin": _("One is missed by %(percent)d %%.") % {"percent": -margin}}
    return {"margin": _("The tightest is met with %(percent)d %% to spare.") % {"percent": margin}}


def _freshness(args: Mapping[str, Any]) -> dict[str, int]:
    return {"days": round(args["days"] or 0)}


def _day(ordinal: float) -> str:
    return date_format(date.fromordinal(int(ordinal)), "DATE_FORMAT")


_COMPOSED: Final[Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]] = {
    "trl": _readiness,
    "mrl": _readiness,
    "technology": _technology,
    "region": _place,
    "parameters": _tightest,
    "timing": _timing,
    "freshness": _freshness,
}
