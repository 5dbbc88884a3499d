import json
from dataclasses import fields

import pytest

from matching.engine import DEFAULT_WEIGHTS, Settings, SettingsError
from matching.engine.criteria import CRITERIA
from tests.matching.engine.builders import only

pytestmark = pytest.mark.database_free


def test_every_criterion_has_a_weight_and_they_sum_to_100() -> None:
    assert [criterion.name for criterion in CRITERIA] == list(DEFAULT_WEIGHTS)
    assert sum(DEFAULT_WEIGHTS.values()) == 100


def test_they_survive_json() -> None:
    settings = Settings(weights=only("text"), top_k=7, encoder=None)
    assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_all_faults_are_named_at_once() -> None:
    weights = {**DEFAULT_WEIGHTS, "text": float("nan"), "luck": 1.0}
    del weights["trl"]
    with pytest.raises(SettingsError) as caught:
        Settings(weights=weights, top_k=0, b=2, evidence_power=float("inf"), encoder="nodots")
    named = " ".join(caught.value.faults)
    assert all(word in named for word in ("text", "luck", "trl", "top_k", "b is 2", "evidence_power", "nodots"))
    assert len(caught.value.faults) == 7


@pytest.mark.parametrize("name", [item.name for item in fields(Settings) if item.type in {"int", "float"}])
def test_every_number_is_validated(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: float("nan")})
    [fault] = caught.value.faults
    assert fault.startswith(f"{name} is nan")


def test_weights_must_sum_to_100() -> None:
    with pytest.raises(SettingsError, match="sum to 60"):
        Settings(weights={**DEFAULT_WEIGHTS, "text": 0.0})


def test_a_list_cannot_be_longer_than_its_shortlist() -> None:
    with pytest.raises(SettingsError, match="raise shortlist"):
        Settings(top_k=30, shortlist=20)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="speed is not a setting"):
        Settings.from_json({"speed": 11})


def test_settings_cannot_be_changed_afterwards() -> None:
    weights = dict(DEFAULT_WEIGHTS)
    settings = Settings(weights=weights)
    weights["text"] = 0.0
    assert settings.weights["text"] == 40
