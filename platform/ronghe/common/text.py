"""Text in a language: which languages there are, and what is accepted as clean text."""

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

CHINESE: Final = "zh-Hans"
ENGLISH: Final = "en"
INTERFACE_LANGUAGES: Final = ((CHINESE, "中文"), (ENGLISH, "English"))

# BCP 47, as far as tags of texts go: primary language, then script, region or variant.
validate_language_tag = RegexValidator(
    r"^[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Z]{2}|[0-9]{3}))?$",
    _("Give a BCP 47 language tag such as zh-Hans or en."),
    code="language_tag",
)

_ALLOWED_CONTROLS: Final = frozenset("\n\t\r")
_WITHOUT_SPACES: Final = str.maketrans("", "", "\n\t\r\u00a0\u2009\u202f\u3000")


@deconstructible
class CleanTextValidator:
    """Refuses control characters, lone surrogates and other code points that are no text."""

    def __call__(self, value: str) -> None:
        """Raise ValidationError naming the first offending code point and its place."""
        if value.translate(_WITHOUT_SPACES).isprintable():  # most texts are, and looking at each character is slow
            return
        for place, char in enumerate(value):
            if char not in _ALLOWED_CONTROLS and unicodedata.category(char) in {"Cc", "Cs", "Cn"}:
                raise ValidationError(
                    _("Character %(place)d (U+%(code)s) is not text. Remove it."),
                    code="control_character",
                    params={"place": place + 1, "code": f"{ord(char):04X}"},
                )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CleanTextValidator)

    def __hash__(self) -> int:
        return hash(CleanTextValidator)


validate_clean_text = CleanTextValidator()


if TYPE_CHECKING:
    TextField = models.CharField[str, str]
else:
    TextField = models.CharField


class LanguageTagField(TextField):
    """A BCP 47 language tag."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 16)
        kwargs.setdefault("validators", [validate_language_tag])
        super().__init__(*args, **kwargs)


def primary_subtag(tag: str) -> str:
    """`zh` of `zh-Hans-CN`."""
    return tag.split("-", 1)[0].lower()


def in_reader_language(texts: Mapping[str, str], *, language: str | None = None) -> str:
    """The text in the reader's language, else in English, else in whatever language there is; '' when there is none.

    Args:
        texts: language tag → text.
        language: the reader's language; None takes the one active for the request.
    """
    wanted = primary_subtag(language or get_language() or ENGLISH)
    for target in (wanted, "en", "zh"):
        for tag, text in texts.items():
            if text and primary_subtag(tag) == target:
                return text
    return next((text for text in texts.values() if text), "")


def fold(text: str) -> str:
    """The key under which two spellings of a name are the same, whatever their case, accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = (char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(kept).split())


# Chinese packs about three letters of English into one character, so a fifth of the letters is already mostly Chinese.
_CHINESE_SHARE: Final = 0.2


def guess_language(text: str) -> str:
    """`zh-Hans` where at least a fifth of the letters are Chinese characters, else `en`.

    Only the two languages of the interface are told apart; a text in any other language needs its tag given.
    """
    letters = [char for char in text if char.isalpha()]
    chinese = sum("\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" for char in letters)
    return CHINESE if letters and chinese / len(letters) >= _CHINESE_SHARE else ENGLISH
