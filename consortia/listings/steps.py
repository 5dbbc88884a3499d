"""From the name of a step, as buttons and addresses give it, to the service that takes it."""

from typing import Final, Protocol

from django.utils.translation import gettext_lazy as _

from consortia.disclosure.viewer import Viewer
from consortia.listings import services
from consortia.listings.lifecycle import Step
from consortia.listings.models import Capability, Need


class _Service(Protocol):
    def __call__(self, *, actor: Viewer, listing: Need | Capability, expected_version: int | None) -> object: ...


_SERVICES: Final[dict[Step, _Service]] = {
    Step.SUBMIT: services.submit_listing,
    Step.OPEN: services.open_listing,
    Step.PAUSE: services.pause_listing,
    Step.MATCH: services.mark_matched,
    Step.CLOSE: services.close_listing,
    Step.WITHDRAW: services.withdraw_listing,
    Step.RENEW: services.renew_listing,
}

STEP_LABELS: Final = {
    Step.SUBMIT: _("Submit for review"),
    Step.PUBLISH: _("Publish"),
    Step.OPEN: _("Open for interest"),
    Step.PAUSE: _("Pause"),
    Step.MATCH: _("Mark as matched"),
    Step.CLOSE: _("Close"),
    Step.WITHDRAW: _("Withdraw"),
    Step.RENEW: _("Renew for 365 days"),
}


def take_step(step: Step, *, actor: Viewer, listing: Need | Capability, expected_version: int | None = None) -> None:
    """Call the service of a step.

    Raises:
        DomainError: whatever the service raises.
    """
    if step is not Step.PUBLISH:
        _SERVICES[step](actor=actor, listing=listing, expected_version=expected_version)
    elif isinstance(listing, Need):
        services.publish_need(actor=actor, need=listing, expected_version=expected_version)
    else:
        services.publish_capability(actor=actor, capability=listing, expected_version=expected_version)
