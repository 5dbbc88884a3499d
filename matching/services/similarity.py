"""Needs that say nearly the same as one that is being written: before it is published twice, or asked for together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from consortia.disclosure.policies import require_person
from consortia.disclosure.viewer import Viewer
from consortia.listings.disclosed import ListingView, cards_of
from consortia.listings.models import Need
from consortia.listings.selectors import published_needs
from matching import engine
from matching.services.budgets import spend_search
from matching.services.newest_index import open_newest_index
from matching.services.searching import check_text
from ronghe.common.text import guess_language

SIMILAR: Final = 0.38
"""From here on, two needs are about the same thing; of the demo network's unrelated pairs 999 in 1,000 lie below."""
NEARLY_THE_SAME: Final = 0.6
"""From here on, they are taken for duplicates."""
MOST_TOLD: Final = 10
_MOST_COMPARED: Final = 300
"""Newest needs that share a technology or a telling word with the text, which are compared with it."""
_TELLING_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class SimilarNeed:
    """A need that exists for the viewer, how similar it is (0 to 1), and whether it is nearly the same."""

    need: ListingView
    similarity: float
    is_duplicate: bool


def find_similar_needs(
    *,
    viewer: Viewer,
    text: str,
    language: str = "",
    technologies: Collection[str] = (),
    but: Need | None = None,
) -> list[SimilarNeed]:
    """Published needs that a draft is nearly the same as, most similar first, at most ten.

    Only what everybody may read of others' needs is compared, and all of the viewer's own: a need that the viewer may
    not see, or a restricted text, changes neither the answer nor its length.

    Args:
        viewer: who writes.
        text: the draft, at most 5,000 characters; its first line counts as the title.
        language: BCP 47 tag; empty guesses Chinese or English from the script.
        technologies: keys of technologies that the draft names, beside those found in its text.
        but: a need to leave out: the one that is being changed.

    Raises:
        NotAllowed: nobody signed in.
        InvalidInput: the text is empty, overlong or no clean text, or the language is no tag.
        TooMany: the person's budget of searches is used up.
        Conflict: no recompute has finished yet.
    """
    user_id = require_person(viewer)
    text = text.strip()
    check_text(text, language)
    index, _as_of = open_newest_index()
    spend_search(user_id=user_id, text=text)
    asked = _text(language or guess_language(text), text)
    marks = index.comparer.marks(asked, most=_TELLING_WORDS)
    candidates = _candidates(viewer, marks, technologies, but)
    texts = [(place, text) for place, card in enumerate(candidates) for text in _texts(card)]
    best = [0.0] * len(candidates)
    values = index.comparer.similarities(asked, [text for _, text in texts])
    for (place, _text_of_card), value in zip(texts, values, strict=True):
        best[place] = max(best[place], value)
    found = [
        SimilarNeed(card, round(value, 3), value >= NEARLY_THE_SAME)
        for card, value in zip(candidates, best, strict=True)
        if value >= SIMILAR
    ]
    return sorted(found, key=lambda item: -item.similarity)[:MOST_TOLD]


def _candidates(
    viewer: Viewer, marks: engine.Marks, technologies: Collection[str], but: Need | None
) -> Sequence[ListingView]:
    """What is worth comparing, as far as the viewer may see it."""
    alike = Q(uses__technology__key__in=[*technologies, *marks.technologies])
    for word in marks.words:
        alike |= Q(title__icontains=word) | Q(translations__title__icontains=word)
    chosen = Need.objects.filter(alike).values("pk")
    rows = published_needs(viewer).filter(pk__in=chosen)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return cards_of(viewer, rows[:_MOST_COMPARED])


def _texts(card: ListingView) -> list[engine.Text]:
    return [
        _text(tag, "\n".join(filter(None, (parts.get(name, "") for name in ("title", "summary", "description")))))
        for tag, parts in card.texts.items()
    ]


def _text(language: str, text: str) -> engine.Text:
    title, _newline, body = text.partition("\n")
    return engine.Text(lang=language, title=title, body=body)
