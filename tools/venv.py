"""Makes .venv and keeps it in step with a pinned requirements file; `make` calls it before everything else.

It is run by whatever Python the machine has, so it uses the standard library only and no recent syntax. A file in the
environment holds the digest of what was installed, written last: an interrupted installation is simply done again.

    python3 tools/venv.py requirements.txt
    python3 tools/venv.py requirements-dev.txt requirements.txt    the first holds all of the second
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
# The newest first, but those that every requirement has a wheel for before the others.
CANDIDATES = ("python3.12", "python3.11", "python3.13", "python3.14", "python3")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOG = os.path.join(VENV, "install.log")


class Remedy(Exception):
    """The environment cannot be made; the message is one sentence and what to do."""


def main(names):
    """Install the first of the named files, which holds all that the others hold."""
    if all(_installed(name) for name in names):
        return
    if not _usable():
        _make_environment(_find_python())
    _install(names[0])
    for name in names:
        with open(_stamp(name), "w") as stamp:
            stamp.write(_digest(name))


def _digest(name):
    with open(os.path.join(ROOT, name), "rb") as requirements:
        return hashlib.sha256(requirements.read()).hexdigest()


def _stamp(name):
    return os.path.join(VENV, "installed-" + name)


def _installed(name):
    try:
        with open(_stamp(name)) as stamp:
            return stamp.read() == _digest(name) and os.path.exists(PYTHON)
    except OSError:
        return False


def _usable():
    """Whether there is an environment whose Python runs, is new enough and has pip."""
    return _runs([PYTHON, "-c", "import pip, sys; sys.exit(sys.version_info < %r)" % (OLDEST,)])


def _runs(command):
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _find_python():
    wanted = os.environ.get("PYTHON")
    for name in (wanted,) if wanted else CANDIDATES:
        # A name on the path may be a version manager's placeholder: only running it tells.
        if _runs([name, "-c", "import sys; sys.exit(sys.version_info < %r)" % (OLDEST,)]):
            return name
    raise Remedy(
        "Ronghe needs Python %d.%d or newer and found none. Install it (Debian: apt-get install python3.11), "
        "or name one: make PYTHON=/path/to/python3.11 ..." % OLDEST
    )


def _make_environment(python):
    shutil.rmtree(VENV, ignore_errors=True)
    if _runs([python, "-m", "venv", VENV]):
        return
    # Debian splits ensurepip off into python3-venv. A pip of the system's can do its work.
    shutil.rmtree(VENV, ignore_errors=True)
    bare = _runs([python, "-m", "venv", "--without-pip", VENV])
    if bare and _runs([python, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if not os.access(ROOT, os.W_OK):
        raise Remedy("The folder %s cannot be written to. Make it writable, or clone into one that is." % ROOT)
    raise Remedy(
        "This Python cannot make a virtual environment, because Debian keeps a part of it in a package of its own. "
        "Run: apt-get install python3-venv"
    )


def _install(name):
    total = sum(1 for line in open(os.path.join(ROOT, name)) if line[:1].isalnum())
    say = "Installing %d packages from %s into .venv" % (total, name)
    print(say, end="" if sys.stdout.isatty() else "\n", flush=True)
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--progress-bar=off", "--disable-pip-version-check"]
    command += ["--requirement", os.path.join(ROOT, name)]
    done = 0
    with open(LOG, "w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        for line in process.stdout:
            log.write(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                done += 1
                if sys.stdout.isatty():
                    print("\r%s: %d/%d " % (say, min(done, total), total), end="", flush=True)
        code = process.wait()
    if sys.stdout.isatty():
        print()
    if code:
        raise Remedy(_why_pip_failed())


def _why_pip_failed():
    with open(LOG) as log:
        text = log.read()
    if "No space left" in text:
        return "The disk is full. Free some space and run make again."
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in text:
        return "A downloaded package is not the one that was pinned. Do not use it; see %s." % LOG
    unreachable = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "Could not find a version")
    if any(sign in text for sign in unreachable):
        return (
            "The packages could not be downloaded. Check the network, a proxy (HTTPS_PROXY) or pip's index settings, "
            "and run make again; %s has the details." % LOG
        )
    return "The packages could not be installed; the end of %s says why. Then run make again." % LOG


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Remedy as remedy:
        sys.exit("make: " + str(remedy))
    except KeyboardInterrupt:
        sys.exit("make: interrupted; the next run goes on from here.")
