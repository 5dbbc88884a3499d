"""Interfaces: the standards that listings conform to or require."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from consortia.disclosure.policies import require_curator
from consortia.disclosure.viewer import Viewer
from consortia.technologies.models import Interface, Technology
from ronghe.common.validation import Faults, check_record, checked_texts, unique_or_conflict
from ronghe.events.services import emit

LONGEST_NAME: Final = 200


@transaction.atomic
def register_interface(
    *,
    actor: Viewer,
    key: str,
    names: Mapping[str, str],
    standard: str = "",
    technologies: Iterable[Technology] = (),
) -> Interface:
    """Register a standard or de-facto interface with the technologies that use it.

    Raises:
        NotAllowed: the actor is no curator.
        InvalidInput: fields are at fault; all are named.
        Conflict: another interface has this key.
    """
    require_curator(actor)
    faults = Faults()
    interface = Interface(key=key.strip(), standard=standard.strip())
    with faults.collecting():
        interface.names = checked_texts(names, field="names", longest=LONGEST_NAME, required=True)
    with faults.collecting():
        check_record(interface, exclude=["names"])
    faults.raise_if_any()
    with unique_or_conflict(_("Another interface has this key. Choose another one."), field="key", code="key_taken"):
        interface.save()
    interface.technologies.set(technologies)
    emit(kind="technology.interface_registered", subject=interface)
    return interface
