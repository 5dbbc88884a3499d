"""Database → engine: reads rows in a few large queries and encodes them as the engine's records.

The engine takes part in everything, including restricted fields: what may be *shown* is asked later. What the engine
must not repeat in an explanation is marked as restricted here.
"""

from matching.loading.documents import load_documents
from matching.loading.needs import load_needs, open_needs
from matching.loading.organizations import load_organizations, with_affiliates
from matching.loading.records import need_key, organization_key
from matching.loading.taxonomy import load_taxonomy

__all__ = [
    "load_documents",
    "load_needs",
    "load_organizations",
    "load_taxonomy",
    "need_key",
    "open_needs",
    "organization_key",
    "with_affiliates",
]
