"""Fields, technologies, routes and interfaces of the demo network.

Labels, aliases, definitions and the state of routes follow the files. Nothing is taken away: what curators have added
to a technology since stays.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from consortia.imports.demo.records import FutureField, RouteEntry, TechnologyEntry
from consortia.imports.demo.work import Work
from consortia.technologies.models import (
    Interface,
    Route,
    TaxonomyProposal,
    Technology,
    TechnologyLabel,
    TechnologyRelation,
)
from consortia.technologies.services import (
    TechnologyDraft,
    activate_technology,
    add_label,
    add_route,
    deprecate_technology,
    propose_change,
    propose_technology,
    record_route_metric,
    register_interface,
    relate_technologies,
    review_proposal,
    set_convergence,
)

METRIC_SOURCE: Final = "演示数值，非引文 · demonstration value, not a citation"
_REASON: Final = "The demo network describes it otherwise by now."


def load_taxonomy(work: Work) -> None:
    """Bring the taxonomy to the state of the files."""
    technologies = _load_technologies(work)
    _relate(work, technologies)
    _load_interfaces(work, technologies)
    for entry in work.network.technologies:
        if entry.id in technologies:
            _load_routes(work, technologies[entry.id], entry)
    _replace(work, technologies)


def _load_technologies(work: Work) -> dict[str, Technology]:
    """The technologies by id, without those that were refused."""
    entries: list[FutureField | TechnologyEntry] = [*work.network.fields, *work.network.technologies]
    stored = Technology.objects.filter(key__in=[entry.id for entry in entries]).prefetch_related("known_labels")
    technologies = {technology.key: technology for technology in stored}
    work.progress.begin("technologies", total=len(entries))
    for entry in entries:
        with work.log.collecting(entry.id):
            known = technologies.get(entry.id)
            if known is None:
                draft = _draft(entry)
                proposed = propose_technology(actor=work.actor, draft=draft)
                technologies[entry.id] = activate_technology(actor=work.actor, technology=proposed)
            changed = known is not None and _update(work, known, _draft(entry))
            work.tally("technologies").count(created=known is None, updated=changed)
        work.progress.advance(1)
    return technologies


def _draft(entry: FutureField | TechnologyEntry) -> TechnologyDraft:
    if isinstance(entry, FutureField):
        return TechnologyDraft(key=entry.id, labels=entry.labels, is_field=True)
    return TechnologyDraft(
        key=entry.id,
        labels=entry.labels,
        aliases=entry.aliases,
        definitions=entry.definition,
        is_key_common=entry.key_common,
    )


def _update(work: Work, technology: Technology, draft: TechnologyDraft) -> bool:
    """Put the labels and definitions of the draft into a technology; whether anything changed."""
    missing = list(_missing_labels(technology, draft))
    for kind, language, text in missing:
        add_label(actor=work.actor, technology=technology, language=language, text=text, kind=kind)
    definitions = {tag: text for tag, text in draft.definitions.items() if technology.definitions.get(tag) != text}
    if definitions:
        proposal = propose_change(
            actor=work.actor,
            kind=TaxonomyProposal.Kind.CHANGE,
            technology=technology,
            content={"definitions": definitions},
            reason=_REASON,
        )
        review_proposal(actor=work.actor, proposal=proposal, accept=True)
    return bool(missing or definitions)


def _missing_labels(technology: Technology, draft: TechnologyDraft) -> Iterator[tuple[TechnologyLabel.Kind, str, str]]:
    for language, text in draft.labels.items():
        if technology.labels.get(language) != text:
            yield TechnologyLabel.Kind.PREFERRED, language, text
    known = {(label.language, label.text) for label in technology.known_labels.all()} | set(draft.labels.items())
    for language, texts in draft.aliases.items():
        for text in texts:
            if (language, text) not in known:
                yield TechnologyLabel.Kind.ALIAS, language, text


def _relate(work: Work, technologies: Mapping[str, Technology]) -> None:
    kinds = TechnologyRelation.Kind
    arrows = [(source, target, kinds.BROADER) for source, target in work.network.broader_ids()]
    for entry in work.network.technologies:
        arrows += [(entry.id, target, kinds.RELATED) for target in entry.related]
        arrows += [(entry.id, target, kinds.DEPENDS_ON) for target in entry.depends_on]
    drawn = TechnologyRelation.objects.filter(source__in=technologies.values())
    known = set(drawn.values_list("source__key", "target__key", "kind"))
    for source, target, kind in arrows:
        if source not in technologies or target not in technologies:
            continue
        is_new = (source, target, kind) not in known
        if is_new:
            with work.log.collecting(source):
                relate_technologies(
                    actor=work.actor, source=technologies[source], target=technologies[target], kind=kind
                )
        work.tally("relations").count(created=is_new)


def _load_interfaces(work: Work, technologies: Mapping[str, Technology]) -> None:
    known = set(Interface.objects.values_list("key", flat=True))
    for entry in work.network.interfaces:
        users = [
            technologies[technology.id]
            for technology in work.network.technologies
            if entry.id in technology.uses_interfaces and technology.id in technologies
        ]
        if entry.id not in known:
            with work.log.collecting(entry.id):
                register_interface(
                    actor=work.actor, key=entry.id, names=entry.name, standard=entry.standard, technologies=users
                )
        work.tally("interfaces").count(created=entry.id not in known)


def _load_routes(work: Work, technology: Technology, entry: TechnologyEntry) -> None:
    stored = {route.key: route for route in technology.routes.prefetch_related("metrics")}
    for number, given in enumerate(entry.routes):
        with work.log.collecting(entry.id, prefix=f"routes.{number}."):
            route = stored.get(given.id)
            is_new = route is None
            if route is None:
                route = add_route(
                    actor=work.actor,
                    technology=technology,
                    key=given.id,
                    labels=given.labels,
                    convergence=given.convergence,
                )
            changed = route.convergence != given.convergence
            if changed:
                set_convergence(actor=work.actor, route=route, convergence=given.convergence)
            changed |= _record_metrics(work, route, given)
            work.tally("routes").count(created=is_new, updated=changed)


def _record_metrics(work: Work, route: Route, given: RouteEntry) -> bool:
    """Record the figures that are not there yet, for a dated figure never changes; whether there were any."""
    known = [(row.names, row.value, row.unit, row.date) for row in route.metrics.all()]
    missing = [metric for metric in given.metrics if (metric.name, metric.value, metric.unit, metric.date) not in known]
    for metric in missing:
        record_route_metric(
            actor=work.actor,
            route=route,
            names=metric.name,
            value=metric.value,
            unit=metric.unit,
            date=metric.date,
            source=METRIC_SOURCE,
        )
    return bool(missing)


def _replace(work: Work, technologies: Mapping[str, Technology]) -> None:
    for entry in work.network.technologies:
        old, new = technologies.get(entry.id), technologies.get(entry.replaced_by or "")
        if old is not None and new is not None and old.status != Technology.Status.DEPRECATED:
            with work.log.collecting(entry.id, prefix="replaced_by "):
                deprecate_technology(actor=work.actor, technology=old, replaced_by=new)
