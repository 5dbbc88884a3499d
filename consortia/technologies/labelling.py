"""Labels of technologies as rows, so that texts and people find a technology by any of its names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from consortia.technologies.models import OWN_SCHEME, Technology, TechnologyLabel
from ronghe.common.text import fold
from ronghe.common.validation import Faults, checked_texts

LONGEST_LABEL: Final = 200
MAX_ALIASES: Final = 50


def label_row(technology: Technology, kind: TechnologyLabel.Kind, language: str, text: str) -> TechnologyLabel:
    """An unsaved label with its folded form."""
    return TechnologyLabel(
        technology=technology, kind=kind, language=language, text=text, folded=fold(text)[:LONGEST_LABEL]
    )


def label_rows(technology: Technology, aliases: Mapping[str, Sequence[str]]) -> Iterator[TechnologyLabel]:
    """Unsaved rows for the preferred labels and the aliases; an alias that repeats the label is left out."""
    preferred = set(technology.labels.items())
    for language, text in technology.labels.items():
        yield label_row(technology, TechnologyLabel.Kind.PREFERRED, language, text)
    for language, texts in aliases.items():
        for text in dict.fromkeys(texts):
            if (language, text) not in preferred:
                yield label_row(technology, TechnologyLabel.Kind.ALIAS, language, text)


def checked_aliases(aliases: Mapping[str, Sequence[str]], *, field: str = "aliases") -> dict[str, list[str]]:
    """Lists of aliases by language tag, stripped, each once.

    Raises:
        InvalidInput: a tag is none, an alias is too long or no text, or there are too many.
    """
    faults = Faults()
    kept: dict[str, list[str]] = {}
    for language, texts in aliases.items():
        for text in texts:
            with faults.collecting():
                for clean in checked_texts({language: text}, field=field, longest=LONGEST_LABEL).values():
                    kept.setdefault(language, []).append(clean)
    if sum(map(len, kept.values())) > MAX_ALIASES:
        faults.add(field, _("Give at most %(most)d aliases.") % {"most": MAX_ALIASES})
    faults.raise_if_any()
    return {language: list(dict.fromkeys(texts)) for language, texts in kept.items()}


def keys_by_label(texts: Iterable[str]) -> dict[str, str]:
    """Key of the active technology that each of these texts names in full, by folded text; for importers.

    Of several technologies with one label, the platform's own comes before those of other schemes, then the first key.
    """
    wanted = {fold(text) for text in texts} - {""}
    labels = TechnologyLabel.objects.filter(folded__in=wanted, technology__status=Technology.Status.ACTIVE)
    rows = labels.values_list("folded", "technology__key", "technology__scheme")
    found: dict[str, str] = {}
    for folded, key, _scheme in sorted(rows, key=lambda row: (row[2] != OWN_SCHEME, row[1])):
        found.setdefault(folded, key)
    return found
