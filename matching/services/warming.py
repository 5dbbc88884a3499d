"""Making a worker ready before its first task: what the first match would else wait for is loaded ahead."""

import threading

import structlog
from django.db import connection

from matching import indexes, watches
from matching.services.newest_index import newest_run

log = structlog.get_logger(__name__)


def warm_in_background() -> threading.Thread:
    """Start to load what matching needs, while this process may take tasks already; a failure is logged only."""
    thread = threading.Thread(target=_warm_and_close, name="matching-warming", daemon=True)
    thread.start()
    return thread


def warm() -> bool:
    """Load the newest index with its watches, compiled code and word lists; False where there is no index yet.

    Raises:
        IndexCorruptError: this host does not have the index, or it is damaged.
    """
    newest = newest_run()
    if newest is None:
        return False
    index = indexes.load(newest.index_name)
    watches.open_watches(newest.index_name)
    # Compiled code and the word lists of a language are only loaded where a text in it is matched.
    index.match_text("energy storage", "a cell", lang="en")
    index.match_text("储能材料", lang="zh")
    return True


def _warm_and_close() -> None:
    try:
        warm()
    except Exception:  # whoever has not loaded it ahead loads it when it is needed
        log.warning("matching.warming_failed", exc_info=True)
    finally:
        connection.close()
