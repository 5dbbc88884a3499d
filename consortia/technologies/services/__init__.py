"""What can be done with the taxonomy: curating concepts, routes and relations, proposing, releasing, importing."""

from consortia.technologies.services.concepts import (
    TechnologyDraft,
    activate_technology,
    add_label,
    deprecate_technology,
    merge_technologies,
    propose_technology,
)
from consortia.technologies.services.imported import ImportedConcept, import_concepts
from consortia.technologies.services.interfaces import register_interface
from consortia.technologies.services.proposals import propose_change, release_taxonomy, review_proposal
from consortia.technologies.services.relations import relate_technologies, unrelate_technologies
from consortia.technologies.services.routes import add_route, record_route_metric, set_convergence

__all__ = [
    "ImportedConcept",
    "TechnologyDraft",
    "activate_technology",
    "add_label",
    "add_route",
    "deprecate_technology",
    "import_concepts",
    "merge_technologies",
    "propose_change",
    "propose_technology",
    "record_route_metric",
    "register_interface",
    "relate_technologies",
    "release_taxonomy",
    "review_proposal",
    "set_convergence",
    "unrelate_technologies",
]
