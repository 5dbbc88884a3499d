"""Who is looking: the one argument that every selector takes."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person or API client, with the organizations they act for.

    Attributes:
        user_id: primary key of the person, or None for a stranger.
        organization_ids: primary keys of the organizations they belong to.
        editable_ids: those of them that they may write for (owners and editors).
        owned_ids: those of them whose people and status they administer.
        is_member: at least one of the organizations is verified, which opens the *members* tier.
        is_curator: sees and curates everything; what they see is written to the ledger as well.
    """

    user_id: int | None = None
    organization_ids: frozenset[int] = field(default_factory=frozenset)
    editable_ids: frozenset[int] = field(default_factory=frozenset)
    owned_ids: frozenset[int] = field(default_factory=frozenset)
    is_member: bool = False
    is_curator: bool = False


STRANGER: Final = Viewer()
# Whoever can run commands on a host of the platform can do everything a curator can.
OPERATOR: Final = Viewer(is_curator=True)
