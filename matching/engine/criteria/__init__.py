"""The criteria of the scorecard. To add one: a class here, a weight in the settings, tests."""

from matching.engine.criteria.base import Assessment, Criterion
from matching.engine.criteria.circumstances import CostCriterion, PartnerTypeCriterion, RegionCriterion, TimingCriterion
from matching.engine.criteria.offer import (
    CooperationCriterion,
    InterfaceCriterion,
    LanguageCriterion,
    SupplyRoleCriterion,
)
from matching.engine.criteria.parameters import ParameterCriterion
from matching.engine.criteria.readiness import MrlCriterion, TrlCriterion
from matching.engine.criteria.subject import RouteCriterion, TechnologyCriterion, TextCriterion
from matching.engine.criteria.trust import (
    FreshnessCriterion,
    PastCooperationCriterion,
    TrackRecordCriterion,
    VerifiedEvidenceCriterion,
)

CRITERIA: tuple[Criterion, ...] = (
    TextCriterion(),
    TechnologyCriterion(),
    RouteCriterion(),
    TrlCriterion(),
    MrlCriterion(),
    ParameterCriterion(),
    SupplyRoleCriterion(),
    PartnerTypeCriterion(),
    RegionCriterion(),
    TimingCriterion(),
    CostCriterion(),
    CooperationCriterion(),
    InterfaceCriterion(),
    LanguageCriterion(),
    TrackRecordCriterion(),
    VerifiedEvidenceCriterion(),
    PastCooperationCriterion(),
    FreshnessCriterion(),
)

__all__ = ["CRITERIA", "Assessment", "Criterion"]
