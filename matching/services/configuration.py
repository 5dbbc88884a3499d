"""What a run is computed with: the installation's settings and the weights in force."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from matching import engine
from matching.exposure import candidates_per_list
from matching.models import WeightSet

_OTHER_CRITERIA: Final = "other_criteria"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings of the engine, and the weight set that they take their weights from; None for the default weights."""

    settings: engine.Settings
    weight_set: WeightSet | None = None
    problems: tuple[engine.Problem, ...] = ()
    """Why an active weight set was not used, if so."""


def current_configuration() -> Configuration:
    """What a run that starts now is computed with.

    An active weight set made for other criteria than this engine's, as after an upgrade, cannot be used: runs go on
    with the default weights and say so.
    """
    active = weight_set_in_force()
    if active is None:
        return Configuration(installation_settings())
    if not fits_engine(active):
        told = f"Weight set {active.pk} knows other criteria than this engine; the default weights were used"
        problem = engine.Problem("weight_set", str(active.pk), _OTHER_CRITERIA, told)
        return Configuration(installation_settings(), problems=(problem,))
    return Configuration(installation_settings(active), active)


def current_settings() -> engine.Settings:
    """The engine's settings as a run that starts now would use them."""
    return current_configuration().settings


def weight_set_in_force() -> WeightSet | None:
    """The active weight set; None while the default weights are in force."""
    return WeightSet.objects.filter(status=WeightSet.Status.ACTIVE).first()


def fits_engine(weight_set: WeightSet) -> bool:
    """Whether a weight set names exactly the criteria of this engine."""
    return set(weight_set.weights) == set(engine.DEFAULT_WEIGHTS)


def installation_settings(weight_set: WeightSet | None = None) -> engine.Settings:
    """The engine's settings as configured here, with the weights of a set or with the default ones.

    Raises:
        matching.engine.SettingsError: the set's weights do not fit this engine.
    """
    weights = engine.DEFAULT_WEIGHTS if weight_set is None else weight_set.weights
    return engine.Settings(weights=weights, encoder=settings.MATCHING_ENCODER or None, top_k=candidates_per_list())
