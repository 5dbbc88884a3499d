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
    """For each text that names a technology in use in full, whatever the language, the technology's key.

    A label of the platform's own comes before those of other schemes; one that several technologies of a scheme share
    names none of them.
    """
    folded = {text: fold(text) for text in texts}
    labels = TechnologyLabel.objects.filter(
        folded__in=set(folded.values()) - {""}, technology__status=Technology.Status.ACTIVE
    )
    named: dict[str, dict[bool, set[str]]] = {}
    for label, key, scheme in labels.values_list("folded", "technology__key", "technology__scheme"):
        named.setdefault(label, {}).setdefault(scheme != OWN_SCHEME, set()).add(key)
    found = {}
    for text, label in folded.items():
        ranks = named.get(label, {})
        nearest = ranks[min(ranks)] if ranks else set()
        if len(nearest) == 1:
            found[text] = next(iter(nearest))
    return found
