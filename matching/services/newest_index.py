"""The index that answers questions at once: the one that made the lists people read now."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from matching import engine, indexes
from matching.models import MatchRun
from ronghe.common.errors import Conflict


def newest_run() -> MatchRun | None:
    """The newest run that has ended well and made an index; None before the first one has."""
    return MatchRun.objects.filter(status=MatchRun.Status.DONE).exclude(index_name="").order_by("-id").first()


def open_newest_index() -> tuple[engine.Index, date]:
    """The index of the newest run that has ended, and the day that it takes for today.

    Raises:
        Conflict: no recompute has finished yet, or its index is not on this host.
    """
    run = newest_run()
    if run is None:
        raise _no_index()
    try:
        return indexes.load(run.index_name), run.as_of or timezone.localdate()
    except engine.IndexCorruptError as error:
        # A newer run may just have replaced it.
        raise _no_index() from error


def _no_index() -> Conflict:
    return Conflict(_("The matches are being computed. Ask again in a minute."), code="no_index")
