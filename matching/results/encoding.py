"""What the engine says, as the plain values and the JSON that rows hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from matching import engine

JSON_COLUMNS: Final = ("contributions", "supporting", "unknowns", "flags")
_UNTOLD: Final = {"cost": frozenset({"price", "budget"})}
"""Arguments that no explanation shows: amounts in the currency of comparison, converted by rough rates."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A match as it is to be stored."""

    organization_id: int
    rank: int
    score: float
    texts: tuple[str, ...]
    """JSON, in the order of `JSON_COLUMNS`."""
    fingerprint: int
    """Of everything but the rank."""


def draft_row(match: engine.Match, rank: int) -> RowDraft:
    """The row of a match that takes this rank."""
    score = float(match.score)
    texts = _json_columns(match)
    return RowDraft(int(match.organization), rank, score, texts, fingerprint((repr(score), *texts)))


def encode_match(match: engine.Match) -> dict[str, Any]:
    """The engine's match as the columns of a row; points have four decimals, exact in JSON and in a float's print."""
    return {"score": float(match.score), **decode_columns(_json_columns(match))}


def decode_columns(texts: Sequence[str]) -> dict[str, Any]:
    """What the JSON of a row means, by column."""
    return {name: json.loads(text) for name, text in zip(JSON_COLUMNS, texts, strict=True)}


def encode_reasons(exclusion: engine.Exclusion) -> list[dict[str, Any]]:
    """The reasons of an exclusion as plain JSON."""
    return [{"code": reason.code, "args": dict(reason.args)} for reason in exclusion.reasons]


def encode_problem(problem: engine.Problem) -> dict[str, str]:
    """A skipped record, named with the reason, as plain JSON."""
    return {"record": problem.record, "id": problem.id, "code": problem.code, "message": problem.message}


def fingerprint(parts: Iterable[object]) -> int:
    """A number that differs where the parts differ; it fits the database's signed integer of 64 bits."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


def _json_columns(match: engine.Match) -> tuple[str, ...]:
    # A full run passes here a million times, so nothing is copied that the encoder can read as it is.
    contributions = [
        {
            "criterion": contribution.criterion,
            "points": float(contribution.points),
            "available": float(contribution.available),
            "evidence": contribution.evidence,
            "code": contribution.detail.code,
            "args": _told(contribution),
        }
        for contribution in match.contributions
    ]
    supporting = [
        {"document": item.document, "share": round(item.share, 4), "terms": item.terms} for item in match.supporting
    ]
    encode = _JSON.encode
    return encode(contributions), encode(supporting), encode(match.unknowns), encode(match.flags)


def _told(contribution: engine.Contribution) -> Mapping[str, Any]:
    untold = _UNTOLD.get(contribution.criterion)
    args = contribution.detail.args
    return args if untold is None else {name: value for name, value in args.items() if name not in untold}
