"""The import command as a process of its own, on the database of the running test."""

import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.services.worker import command_environment


def start_import(archive: Path, *arguments: str) -> "subprocess.Popen[str]":
    manage = str(Path(settings.PROJECT_ROOT) / "manage.py")
    return subprocess.Popen(
        [sys.executable, manage, "import_cordis", str(archive), *arguments],
        env=command_environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heed_interrupts,
    )


def _heed_interrupts() -> None:
    """Undo what a shell does to programs in its background, the suite among them: they and theirs ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
