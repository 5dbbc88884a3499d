"""Two sets of weights on one set of needs: the measures of both, their difference need by need, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from matching.evaluation.metrics import Scores, estimate, estimate_difference

TOLERATED_LOSS: Final = 0.01
"""A mean loss of the deciding measure beyond this is worse even where few needs leave its interval wide."""
_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """One measure before and after; the true difference lies between `low` and `high` with 95 % confidence."""

    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether it fell for certain, or further than is tolerated."""
        return self.high < 0 or self.difference < -TOLERATED_LOSS


@dataclass(frozen=True, slots=True)
class Comparison:
    """Weights against others on one reference set."""

    name: str
    """The reference set, for people."""
    needs: int
    deciding: str
    """The measure by which one set of weights ranks better than another."""
    changes: Mapping[str, MeasureChange]

    @property
    def is_worse(self) -> bool:
        """Whether the weights rank worse than the others by the deciding measure."""
        return self.changes[self.deciding].is_worse

    @property
    def verdict(self) -> MeasureChange:
        """The change of the deciding measure."""
        return self.changes[self.deciding]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` gave."""
        changes = {name: MeasureChange(**change) for name, change in values["changes"].items()}
        return cls(**{**values, "changes": changes})


def compare(name: str, *, before: Scores, after: Scores, deciding: str) -> Comparison:
    """Compare two sets of weights measured on the same needs in the same order.

    Args:
        name: the reference set, for people.
        before: every measure's value per need under the weights in force.
        after: the same under the others.
        deciding: the measure that decides.

    Raises:
        ValueError: there is no need, or the two do not have the same ones.
    """
    changes = {}
    for measure, values in after.items():
        difference = estimate_difference(values, before[measure])
        changes[measure] = MeasureChange(
            before=round(estimate(before[measure]).mean, _DECIMALS),
            after=round(estimate(values).mean, _DECIMALS),
            difference=round(difference.mean, _DECIMALS),
            low=round(difference.low, _DECIMALS),
            high=round(difference.high, _DECIMALS),
        )
    return Comparison(name, len(after[deciding]), deciding, changes)
