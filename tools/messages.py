"""Keeps the Chinese catalogue in step with the source: finds every translatable string, without GNU gettext.

python tools/messages.py update   add new strings (untranslated), drop those gone, compile
python tools/messages.py check    list what is wrong; exit 1 when anything is
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ("platform", "consortia", "matching")
CATALOGUE: Final = ROOT / "platform" / "ronghe" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

# For each function, the positions of context, text and plural among its arguments.
_ARGUMENTS: Final[dict[str, tuple[int | None, int, int | None]]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_STRING: Final = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_TEMPLATE_CALL: Final = re.compile(rf"\b(_|n?p?gettext)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[-+ #0.\d]*[a-z]|%[a-z](?![a-z])|\{\w*\}")


@dataclass(frozen=True, slots=True)
class Message:
    """A translatable string, as gettext knows it."""

    text: str
    plural: str = ""
    context: str | None = None


@dataclass(slots=True)
class Harvest:
    """Every translatable string with the files it stands in."""

    places: dict[Message, set[str]] = field(default_factory=dict)

    def add(self, message: Message, place: str) -> None:
        """Note that the string stands in a file."""
        self.places.setdefault(message, set()).add(place)


def harvest() -> Harvest:
    """Read every source file and template of the platform."""
    found = Harvest()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or not path.is_file() or "migrations" in path.parts:
                continue
            if path.suffix != ".py" and "templates" not in path.parts:
                continue
            read = _in_python if path.suffix == ".py" else _in_template
            for message in read(path.read_text(encoding="utf-8")):
                found.add(message, path.relative_to(ROOT).as_posix())
    return found


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            yield from _message(name.removesuffix("_lazy"), texts)


def _in_template(source: str) -> Iterator[Message]:
    for name, arguments in _TEMPLATE_CALL.findall(templatize(source)):
        yield from _message(name, list(ast.literal_eval(f"({arguments},)")))


def _message(function: str, texts: Sequence[object]) -> Iterator[Message]:
    if function not in _ARGUMENTS:
        return
    context_at, text_at, plural_at = _ARGUMENTS[function]
    wanted = [texts[at] if at is not None and at < len(texts) else None for at in (text_at, plural_at, context_at)]
    text, plural, context = (value if isinstance(value, str) else None for value in wanted)
    if text:
        yield Message(text, plural or "", context)


def update(catalogue: polib.POFile, found: Harvest) -> None:
    """Bring the catalogue's entries in step with what was found; translations of strings that stayed are kept."""
    known = {_message_of(entry): entry for entry in catalogue}
    for message in known.keys() - found.places.keys():
        catalogue.remove(known[message])
    for message in found.places.keys() - known.keys():
        catalogue.append(_entry_of(message))
    for entry in catalogue:
        entry.occurrences = [(place, "") for place in sorted(found.places[_message_of(entry)])]
    catalogue.sort(key=lambda entry: (entry.occurrences[0][0], entry.msgid, entry.msgctxt or ""))


def _message_of(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt)


def _entry_of(message: Message) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgid_plural=message.plural, msgctxt=message.context)
    if message.plural:
        entry.msgstr_plural = {0: ""}
    if _PLACEHOLDER.search(message.text):
        entry.flags.append("python-format")
    return entry


def problems_of(catalogue: polib.POFile, found: Harvest, compiled: bytes) -> list[str]:
    """What is wrong with the catalogue, one sentence each."""
    known = {_message_of(entry) for entry in catalogue}
    problems = [f"Not in the catalogue: {message.text!r}" for message in found.places.keys() - known]
    problems += [f"No longer in the source: {message.text!r}" for message in known - found.places.keys()]
    for entry in catalogue:
        problems += _problems_of_entry(entry)
    if compiled != catalogue.to_binary():
        problems.append("The .mo file does not match the .po file. Run: python tools/messages.py update")
    return sorted(problems)


def _problems_of_entry(entry: polib.POEntry) -> Iterator[str]:
    if entry.obsolete or entry.fuzzy or not entry.translated():
        yield f"Not translated: {entry.msgid!r}"
        return
    expected = set(_PLACEHOLDER.findall(entry.msgid)) | set(_PLACEHOLDER.findall(entry.msgid_plural or ""))
    for translation in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        if set(_PLACEHOLDER.findall(translation)) != expected:
            yield f"Placeholders differ: {entry.msgid!r} and {translation!r}"


def load() -> tuple[polib.POFile, bytes]:
    """The catalogue and its compiled form."""
    # templatize asks whether comments for translators are wanted, which is a setting.
    if not settings.configured:
        settings.configure()
    compiled = CATALOGUE.with_suffix(".mo")
    return polib.pofile(str(CATALOGUE), wrapwidth=118), compiled.read_bytes() if compiled.exists() else b""


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["update", "check"])
    action = parser.parse_args().action
    catalogue, compiled = load()
    found = harvest()
    if action == "update":
        update(catalogue, found)
        catalogue.save()
        compiled = catalogue.to_binary()
        CATALOGUE.with_suffix(".mo").write_bytes(compiled)
    problems = problems_of(catalogue, found, compiled)
    for problem in problems:
        print(problem)
    print(f"{len(found.places)} strings, {len(problems)} problems.")
    return 1 if problems and action == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
