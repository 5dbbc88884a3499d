"""The taxonomy as the engine reads it."""

from collections import defaultdict
from collections.abc import Mapping

from consortia.technologies.models import Route, Technology, TechnologyLabel, TechnologyRelation
from matching import engine


def load_taxonomy() -> engine.Taxonomy:
    """All technologies and routes that are in use, with every label by which texts may name them."""
    labels: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for technology_id, language, text in TechnologyLabel.objects.order_by("kind", "pk").values_list(
        "technology_id", "language", "text"
    ):
        labels[technology_id][language].append(text)
    keys = dict(Technology.objects.exclude(status=Technology.Status.PROPOSED).values_list("pk", "key"))
    arrows: dict[tuple[int, str], list[str]] = defaultdict(list)
    for source, kind, target in TechnologyRelation.objects.order_by("pk").values_list("source_id", "kind", "target_id"):
        if target in keys:
            arrows[source, kind].append(keys[target])
    kinds = TechnologyRelation.Kind
    technologies = tuple(
        engine.Technology(
            id=key,
            labels={language: tuple(texts) for language, texts in labels[pk].items()},
            broader=tuple(arrows[pk, kinds.BROADER]),
            related=tuple(arrows[pk, kinds.RELATED]),
            depends_on=tuple(arrows[pk, kinds.DEPENDS_ON]),
        )
        for pk, key in sorted(keys.items(), key=lambda item: item[1])
    )
    routes = tuple(
        engine.Route(id=route.key, technology=keys[route.technology_id], labels=_route_labels(route))
        for route in Route.objects.filter(technology_id__in=keys).order_by("key")
    )
    return engine.Taxonomy(technologies=technologies, routes=routes)


def _route_labels(route: Route) -> Mapping[str, tuple[str, ...]]:
    languages = sorted({*route.labels, *route.aliases})
    return {
        language: tuple(text for text in [route.labels.get(language), *route.aliases.get(language, [])] if text)
        for language in languages
    }
