"""The matching engine: needs in, explained lists of organizations out.

A library of its own that knows neither a framework nor a clock nor the network. Build an `Index` with `build_index`,
ask it with `Index.match`; `types` describes the records, `settings` what can be tuned.
"""

from matching.engine.analysis.labelling import TechnologyFinder
from matching.engine.analysis.normalisation import written_language
from matching.engine.building import Progress
from matching.engine.errors import EncoderError, EngineError, IndexCorruptError, SettingsError, UnknownOrganizationError
from matching.engine.exposure import Candidate, Exposure, ExposureLimits, Place, limit_exposure
from matching.engine.index import Index, build_index
from matching.engine.near_miss import Change, NearMiss, Way, near_miss
from matching.engine.quotation import Fragment, Quote
from matching.engine.scorecard import POINT_STEPS, Assessed, Ranking
from matching.engine.settings import DEFAULT_WEIGHTS, ENGINE_VERSION, Settings
from matching.engine.similarity import Comparer, Marks
from matching.engine.types import (
    Contribution,
    Detail,
    Document,
    Exclusion,
    Match,
    MatchList,
    Need,
    Organization,
    Parameter,
    Problem,
    Reason,
    Route,
    Supporting,
    Taxonomy,
    Technology,
    TechnologyUse,
    Text,
)
from matching.engine.vector_cache import VectorCache
from matching.engine.watching import Moved, Watches, latest_of_each

__all__ = [
    "DEFAULT_WEIGHTS",
    "ENGINE_VERSION",
    "POINT_STEPS",
    "Assessed",
    "Candidate",
    "Change",
    "Comparer",
    "Contribution",
    "Detail",
    "Document",
    "EncoderError",
    "EngineError",
    "Exclusion",
    "Exposure",
    "ExposureLimits",
    "Fragment",
    "Index",
    "IndexCorruptError",
    "Marks",
    "Match",
    "MatchList",
    "Moved",
    "NearMiss",
    "Need",
    "Organization",
    "Parameter",
    "Place",
    "Problem",
    "Progress",
    "Quote",
    "Ranking",
    "Reason",
    "Route",
    "Settings",
    "SettingsError",
    "Supporting",
    "Taxonomy",
    "Technology",
    "TechnologyFinder",
    "TechnologyUse",
    "Text",
    "UnknownOrganizationError",
    "VectorCache",
    "Watches",
    "Way",
    "build_index",
    "latest_of_each",
    "limit_exposure",
    "near_miss",
    "written_language",
]
