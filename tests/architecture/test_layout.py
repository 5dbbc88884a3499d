"""The house keeps its shape: rooms alike, no drawers for odds and ends, nothing that names a machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.PROJECT_ROOT)
ROOMS = [
    *(path for path in sorted((ROOT / "consortia").iterdir()) if (path / "apps.py").exists()),
    ROOT / "matching",
    *(path for path in sorted((ROOT / "platform" / "ronghe").iterdir()) if (path / "apps.py").exists()),
]
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "managers", "info", "data", "misc", "extras", "tools"}
LONGEST_MODULE = 450
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".in", ".html", ".css", ".po", ".json", ".cfg", "", ".example"}
# A home or a workplace of somebody's, and addresses of package registries.
MACHINE = re.compile(
    r"/(?:root|home/\w+|Users/\w+|work)/|\b(?:pypi\.org|pythonhosted|registry\.npmjs)\b", re.IGNORECASE
)
# Made elsewhere and kept as published.
FOREIGN = re.compile(r"/static/(?:vendor|.*\.min\.)|/vendor/|^LICENSE$")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


TRACKED = tracked()
MODULES = [path for path in TRACKED if path.suffix == ".py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_says_what_it_is(room):
    docstring = (room / "__init__.py").read_text(encoding="utf-8").strip()
    assert docstring.startswith('"""'), "the package has no docstring"


def test_a_room_with_tables_has_migrations():
    own = [config for config in apps.get_app_configs() if Path(config.path) in ROOMS and list(config.get_models())]
    assert own
    without = [config.label for config in own if not (Path(config.path) / "migrations" / "0001_initial.py").exists()]
    assert without == []


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_with_pages_has_addresses_and_templates(room):
    has_pages = (room / "pages.py").exists() or (room / "pages").is_dir()
    # The bottom layer's pages are the shell that the others fill.
    if has_pages and room.name != "common":
        assert (room / "urls.py").exists()
        assert (room / "templates" / room.name).is_dir()


def test_no_drawer_for_odds_and_ends():
    names = {path: path.stem if path.name != "__init__.py" else path.parent.name for path in MODULES}
    # tools/ beside the Makefile holds its programs and no code of the platform.
    drawers = [name_of(path) for path, name in names.items() if name in DRAWERS]
    assert drawers == []


def test_modules_fit_a_head():
    code = [path for path in MODULES if "/migrations/" not in path.as_posix()]
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_MODULE} == {}


def test_nothing_names_a_machine():
    own = [
        path for path in TRACKED if path.suffix in TEXT and not FOREIGN.search(name_of(path)) and path != Path(__file__)
    ]
    named = {
        name_of(path): found.group(0)
        for path in own
        if (found := MACHINE.search(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert named == {}


def test_every_migration_is_named():
    nameless = [name_of(path) for path in MODULES if re.search(r"/migrations/\d{4}_auto", path.as_posix())]
    assert nameless == []


def test_every_setting_of_the_environment_is_explained():
    source = (ROOT / "platform" / "ronghe" / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env\.\w+|number)\(\s*"([A-Z_]+)"', source))
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert read == explained


def test_every_direct_dependency_has_its_reason():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for listing in ("requirements.in", "requirements-dev.in", "requirements-bench.in"):
        for line in (ROOT / listing).read_text(encoding="utf-8").splitlines():
            name = re.match(r"[A-Za-z][\w-]*", line)
            if name:
                assert name.group(0).lower() in page, f"{name.group(0)} of {listing}"


def test_types_are_checked_alike_with_and_without_what_only_benchmarks_need():
    listed = (ROOT / "requirements-bench.in").read_text(encoding="utf-8").splitlines()
    peers = {line.strip() for line in listed if re.match(r"[A-Za-z]", line)}
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["overrides"]
    may_be_missing = {name for part in overrides if part.get("ignore_missing_imports") for name in part["module"]}
    assert peers
    assert {f"{name.replace('-', '_')}.*" for name in peers} <= may_be_missing
