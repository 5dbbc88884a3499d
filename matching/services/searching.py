"""Matches for a text that nobody saved: a search is a match with a need that was not saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_person, visible
from consortia.disclosure.viewer import Viewer
from consortia.organizations.models import Organization
from matching import engine
from matching.loading import organization_key
from matching.results import encode_match
from matching.services.budgets import spend_search
from matching.services.newest_index import open_newest_index
from ronghe.common.text import guess_language, validate_clean_text, validate_language_tag
from ronghe.common.validation import Faults

SEARCH_LENGTH: Final = 5000
TITLE_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """An organization that answers a search; `columns` are those of a match."""

    organization: Organization
    rank: int
    score: float
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """What a text found, best first, and the language that it was taken for."""

    language: str
    found: tuple[Found, ...]
    considered: int


def search_partners(*, viewer: Viewer, text: str, language: str = "") -> Search:
    """Match a text with everything that everybody may read, and save nothing.

    Args:
        viewer: who asks; their own organization stays out of the answer where they belong to one alone.
        text: what is looked for, at most 5,000 characters; its first line counts as the title.
        language: BCP 47 tag; empty guesses Chinese or English from the script.

    Raises:
        NotAllowed: nobody signed in.
        InvalidInput: the text is empty, overlong or no clean text, or the language is no tag.
        TooMany: the person's budget of searches is used up.
        Conflict: no recompute has finished yet.
    """
    user_id = require_person(viewer)
    text = text.strip()
    check_text(text, language)
    index, as_of = open_newest_index()
    spend_search(user_id=user_id, text=text)
    tag = language or guess_language(text)
    title, _newline, body = text.partition("\n")
    answer = index.match_text(
        title[:TITLE_LENGTH],
        title[TITLE_LENGTH:] + body,
        lang=tag,
        organization=organization_key(*viewer.organization_ids) if len(viewer.organization_ids) == 1 else None,
        as_of=as_of.toordinal(),
    )
    return Search(language=tag, found=_visible(viewer, answer), considered=answer.considered)


def _visible(viewer: Viewer, answer: engine.MatchList) -> tuple[Found, ...]:
    """The matches whose organization exists for the viewer now, whatever it was when the index was built."""
    rows = visible(viewer, Organization.objects.filter(pk__in=[int(match.organization) for match in answer.matches]))
    by_key = {organization_key(row.pk): row for row in rows}
    kept = [match for match in answer.matches if match.organization in by_key]
    return tuple(
        Found(by_key[match.organization], rank, float(match.score), encode_match(match))
        for rank, match in enumerate(kept, start=1)
    )


def check_text(text: str, language: str) -> None:
    """Refuse what is no text to search by.

    Raises:
        InvalidInput: the text is empty, overlong or no clean text, or the language is no tag.
    """
    faults = Faults()
    if not text:
        faults.add("text", _("Say in a few words what you are looking for."))
    if len(text) > SEARCH_LENGTH:
        faults.add("text", _("Use at most %(most)d characters.") % {"most": SEARCH_LENGTH})
    for name, value, validate in (("text", text, validate_clean_text), ("language", language, validate_language_tag)):
        try:
            if value:
                validate(value)
        except ValidationError as error:
            faults.add(name, error.messages[0])
    faults.raise_if_any()
