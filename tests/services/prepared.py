"""A migrated platform folder, made once per run of the suite: migrating takes a quarter of a minute."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

MANAGE = Path(settings.PROJECT_ROOT) / "manage.py"
SECONDS = 300
# What the suite set for itself must not reach a platform that finds its own way.
SUITE_SETTINGS = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "RONGHE_VAR_DIR", "LOG_LEVEL", "EMAIL_URL"}
PREPARE = """
from django.core.management import call_command
from consortia.organizations.models import Organization
call_command("prepare", "--no-demo")
Organization.objects.create(names={"en": "Only"}, display_name="Only", type="firm")
"""


def platform_environment(var_dir: Path, **more: str) -> dict[str, str]:
    """The environment in which a command works on a platform folder of its own."""
    inherited: Mapping[str, str] = {name: value for name, value in os.environ.items() if name not in SUITE_SETTINGS}
    # Nothing here looks at matches, so nothing has to load the sentence encoder.
    return {**inherited, "RONGHE_VAR_DIR": str(var_dir), "MATCHING_ENCODER": "", **more}


def prepare_once(shared: Path) -> Path:
    """A folder with a migrated SQLite database and one organization in it, so that no demo is loaded.

    Args:
        shared: a folder that all processes of this run of the suite have in common; the first makes it, others wait.
    """
    folder = shared / "prepared"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = shared / "prepared.draft"
            draft.mkdir()
            command = [sys.executable, str(MANAGE), "shell", "-v0", "-c", PREPARE]
            environment = platform_environment(draft, SECRET_KEY="x" * 50)
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            assert done.returncode == 0, done.stderr
            draft.rename(folder)
    return folder
