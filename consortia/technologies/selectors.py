"""What can be read about technologies. Active and deprecated ones are for everybody, proposed ones for curators."""

from django.db import models
from django.utils.translation import gettext as _

from consortia.disclosure.viewer import Viewer
from consortia.technologies.models import (
    Interface,
    Route,
    RouteMetric,
    Technology,
    TechnologyLabel,
    TechnologyRedirect,
    TechnologyRelation,
)
from ronghe.common.errors import NotFound
from ronghe.common.lookups import first_or_not_found
from ronghe.common.text import fold

# Nobody replaces so often; the bound keeps a circle written past the services from hanging a request.
MAX_REPLACEMENTS = 50


def technology_for(key: str) -> Technology:
    """One technology by its own key, whatever its status.

    Raises:
        NotFound: no technology has this key.
    """
    return first_or_not_found(
        Technology.objects.filter(key=key),
        _("There is no technology “%(key)s”.") % {"key": key[:80]},
        code="unknown_technology",
    )


def resolve_key(key: str) -> Technology:
    """The technology in use that a key leads to today, through replacements and redirects.

    A technology that was deprecated without a replacement is returned itself.

    Raises:
        NotFound: nothing has, or had, this key; or it was split, and the message names the parts.
    """
    technology = Technology.objects.select_related("replaced_by").filter(key=key).first()
    if technology is None:
        technology = _redirected(key)
    for _step in range(MAX_REPLACEMENTS):
        if technology.replaced_by is None:
            return technology
        technology = technology.replaced_by
    raise NotFound(_("The replacements of “%(key)s” do not end. Ask a curator.") % {"key": key[:80]})


def moved_to(key: str) -> Technology | None:
    """Where a former key leads today, or None when the key is a technology's own that nothing has replaced.

    Raises:
        NotFound: nothing has, or had, this key; or it was split.
    """
    technology = resolve_key(key)
    return technology if technology.key != key else None


def _redirected(key: str) -> Technology:
    redirects = TechnologyRedirect.objects.filter(key=key).select_related("target__replaced_by").order_by("target__key")
    targets = [redirect.target for redirect in redirects]
    if len(targets) == 1:
        return targets[0]
    if not targets:
        message = _("There is no technology “%(key)s”.") % {"key": key[:80]}
        raise NotFound(message, code="unknown_technology")
    parts = ", ".join(target.key for target in targets)
    message = _("“%(key)s” was split. Choose one of: %(parts)s.") % {"key": key[:80], "parts": parts}
    raise NotFound(message, code="split_technology")


def visible_technologies(viewer: Viewer) -> "models.QuerySet[Technology]":
    """Every technology that exists for the viewer, by key."""
    if viewer.is_curator:
        return Technology.objects.all()
    return Technology.objects.exclude(status=Technology.Status.PROPOSED)


def technology_page_for(viewer: Viewer, key: str) -> Technology:
    """One technology with its labels, routes and metrics, relations and interfaces; a bounded number of queries.

    Raises:
        NotFound: no technology that exists for the viewer has exactly this key.
    """
    relations = TechnologyRelation.objects.order_by("kind", "target__key")
    found = visible_technologies(viewer).select_related("replaced_by")
    technology = found.prefetch_related(
        models.Prefetch("known_labels", TechnologyLabel.objects.order_by("-kind", "language", "text")),
        models.Prefetch("routes", Route.objects.order_by("key")),
        models.Prefetch("routes__metrics", RouteMetric.objects.order_by("-date", "id")),
        models.Prefetch("relations", relations.select_related("target")),
        models.Prefetch("related_from", relations.select_related("source").order_by("kind", "source__key")),
        models.Prefetch("interfaces", Interface.objects.order_by("key")),
    )
    message = _("There is no technology “%(key)s”.") % {"key": key[:80]}
    return first_or_not_found(technology.filter(key=key), message, code="unknown_technology")


def search_technologies(viewer: Viewer, text: str) -> "models.QuerySet[Technology]":
    """Technologies in use any of whose labels contains the text, whatever the case, accents and punctuation."""
    in_use = visible_technologies(viewer).exclude(status=Technology.Status.DEPRECATED)
    return in_use.filter(labelled_like(text))


def labelled_like(text: str) -> models.Q:
    """The condition that a label contains the text; every technology meets an empty one."""
    folded = fold(text)
    if not folded:
        return models.Q()
    # A subquery, not a join: a technology with two fitting labels stands in the list once.
    return models.Q(pk__in=TechnologyLabel.objects.filter(folded__contains=folded).values("technology_id"))


def fields_with_technologies(viewer: Viewer) -> list[tuple[Technology, list[Technology]]]:
    """The future-industry fields, each with the technologies in use directly under it; two queries."""
    in_use = visible_technologies(viewer).exclude(status=Technology.Status.DEPRECATED)
    fields = list(in_use.filter(is_field=True).order_by("key"))
    arrows = TechnologyRelation.objects.filter(
        kind=TechnologyRelation.Kind.BROADER, target__in=fields, source__in=in_use.values("pk")
    ).select_related("source")
    under: dict[int, list[Technology]] = {field.pk: [] for field in fields}
    for arrow in arrows.order_by("source__key"):
        under[arrow.target_id].append(arrow.source)
    return [(field, under[field.pk]) for field in fields]
