"""What can be done with foreign archives: importing them, and stopping an import."""

from consortia.imports.services.calls import import_calls
from consortia.imports.services.cordis import import_cordis, inspect_cordis
from consortia.imports.services.outcome import ImportOutcome, Progress
from consortia.imports.services.runs import cancel_run

__all__ = ["ImportOutcome", "Progress", "cancel_run", "import_calls", "import_cordis", "inspect_cordis"]
