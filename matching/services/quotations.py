"""What the supporting records of a match say, in their own words: the sentence that carried it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from consortia.disclosure.policies import restricted_fields, visible
from consortia.disclosure.viewer import Viewer
from consortia.evidence.models import Experience
from consortia.evidence.selectors import visible_experience
from consortia.facilities.models import Facility
from consortia.listings.disclosed import ListingView, cards_of
from consortia.listings.selectors import visible_capabilities, visible_needs
from matching import engine
from matching.models import Match
from matching.services.newest_index import open_newest_index
from ronghe.common.errors import Conflict

_MOST: Final = 3
"""Records of a match that are quoted: those that speak loudest."""


def quote_supporting(viewer: Viewer, match: Match) -> Mapping[str, engine.Quote]:
    """By the engine's id of a supporting record, the sentence that says most of what the need asks for.

    Only what everybody may read is quoted and compared, and all that is the viewer's own. Nothing is quoted while no
    index is at hand.
    """
    documents = [item["document"] for item in match.supporting][:_MOST]
    asked = [text for card in cards_of(viewer, visible_needs(viewer).filter(pk=match.need_id)) for text in _texts(card)]
    if not documents or not asked:
        return {}
    try:
        index, _as_of = open_newest_index()
    except Conflict:
        return {}
    offered = _offered(viewer, documents)
    quotes = {document: index.comparer.quote(asked, offered.get(_record(document), ())) for document in documents}
    return {document: quote for document, quote in quotes.items() if quote is not None}


def _offered(viewer: Viewer, documents: Iterable[str]) -> dict[str, list[engine.Text]]:
    """The texts of records, as far as the viewer may read them; by the record's name without its participant."""
    ids: dict[str, list[int]] = {"capability": [], "facility": [], "experience": []}
    for document in documents:
        kind, _colon, pk = _record(document).partition(":")
        ids[kind].append(int(pk))
    found: dict[str, list[engine.Text]] = {}
    if ids["capability"]:
        rows = list(visible_capabilities(viewer).filter(pk__in=ids["capability"]))
        for row, card in zip(rows, cards_of(viewer, rows), strict=True):
            if "organization" not in card.hidden:
                found[f"capability:{row.pk}"] = _texts(card)
    if ids["facility"]:
        for facility in visible(viewer, Facility.objects.filter(pk__in=ids["facility"])):
            found[f"facility:{facility.pk}"] = _texts_of_facility(viewer, facility)
    if ids["experience"]:
        for project in visible_experience(viewer).filter(pk__in=ids["experience"]).prefetch_related(None):
            found[f"experience:{project.pk}"] = [_text_of_experience(project)]
    return found


def _texts(card: ListingView) -> list[engine.Text]:
    return [
        engine.Text(tag, parts["title"], "\n".join(parts[name] for name in ("summary", "description") if name in parts))
        for tag, parts in card.texts.items()
    ]


def _text_of_experience(row: Experience) -> engine.Text:
    """What a project says; the code of its call on a line of its own that says what it is."""
    call = _("Call: %(code)s") % {"code": row.call} if row.call else ""
    return engine.Text(row.language, row.title, "\n".join(filter(None, (row.abstract, call))))


def _texts_of_facility(viewer: Viewer, row: Any) -> list[engine.Text]:
    is_shown = row.organization_id in viewer.organization_ids or "description" not in restricted_fields(row)
    named = [engine.Text(tag, name) for tag, name in row.names.items()]
    return [*named, engine.Text(row.language, "", row.description)] if is_shown and row.description else named


def _record(document: str) -> str:
    """``experience:7`` of ``experience:7/12``."""
    return document.partition("/")[0]
