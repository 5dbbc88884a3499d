"""The editing page as one thing: a form, its repeatable rows, the draft they describe, and the errors they show."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from django import forms
from django.http import QueryDict

from consortia.listings.drafts import (
    CapabilityDraft,
    InterfaceUseDraft,
    ListingDraft,
    NeedDraft,
    ParameterDraft,
    TechnologyUseDraft,
    TranslationDraft,
)
from consortia.listings.forms import (
    CapabilityForm,
    InterfaceRow,
    ListingForm,
    NeedForm,
    ParameterRow,
    TechnologyRow,
    TranslationRow,
    interface_choices,
    route_choices,
)
from consortia.listings.services.checking import (
    MOST_INTERFACES,
    MOST_PARAMETERS,
    MOST_TECHNOLOGIES,
    MOST_TRANSLATIONS,
)
from consortia.organizations.models import Organization
from consortia.technologies.labelling import keys_by_label
from ronghe.common.errors import DomainError
from ronghe.common.pages.forms import add_domain_error
from ronghe.common.text import CHINESE, ENGLISH

EMPTY_ROWS: Final = 1
_ROWS: Final[Mapping[str, tuple[type[forms.Form], int]]] = {
    "technologies": (TechnologyRow, MOST_TECHNOLOGIES),
    "parameters": (ParameterRow, MOST_PARAMETERS),
    "interfaces": (InterfaceRow, MOST_INTERFACES),
    "translations": (TranslationRow, MOST_TRANSLATIONS),
}
# What makes a row more than an empty one; the rest has a value by itself.
_ESSENTIAL: Final[Mapping[str, tuple[str, ...]]] = {
    "technologies": ("technology", "route"),
    "parameters": ("label_zh", "label_en", "value"),
    "interfaces": ("interface",),
    "translations": ("language", "title", "summary", "description"),
}
# Field of the service → field of the row, where they differ.
_ROW_FIELDS: Final[Mapping[str, str]] = {
    "labels": "label_en",
    "conditions": "condition_en",
    "methods": "method_en",
}


@dataclass(frozen=True, slots=True)
class Side:
    """What differs between editing a need and a capability."""

    form: type[ListingForm]
    draft: type[ListingDraft]


NEED: Final = Side(form=NeedForm, draft=NeedDraft)
CAPABILITY: Final = Side(form=CapabilityForm, draft=CapabilityDraft)


class Editor:
    """A listing being written.

    Args:
        side: need or capability.
        data: what was sent, or None when the page is opened.
        organizations: for which the author may write; empty when the listing has its organization already.
        draft: what editing starts from.
        version: the version that the draft was read at.
    """

    def __init__(
        self,
        side: Side,
        data: QueryDict | None,
        *,
        organizations: Iterable[Organization] = (),
        draft: ListingDraft | None = None,
        version: int | None = None,
    ) -> None:
        self.side = side
        self.organizations = list(organizations)
        self._before = draft
        initial = {**_typed(draft), "version": version} if draft else {}
        self.form = side.form(data, initial=initial, organizations=self.organizations)
        rows = _typed_rows(draft) if draft else {}
        extra = {"technologies": {"routes": route_choices()}, "interfaces": {"interfaces": interface_choices()}}
        self.rows: dict[str, Any] = {}
        for name, (row, most) in _ROWS.items():
            factory = forms.formset_factory(row, extra=EMPTY_ROWS, max_num=most, absolute_max=most + EMPTY_ROWS)
            self.rows[name] = factory(data, prefix=name, initial=rows.get(name), form_kwargs=extra.get(name, {}))
        self._places: dict[str, list[int]] = {}

    def is_valid(self) -> bool:
        """Whether what was typed can be read at all; every part is checked, so that all faults show at once."""
        valid = [part.is_valid() for part in (self.form, *self.rows.values())]
        return all(valid)

    @property
    def has_row_errors(self) -> bool:
        """Whether a row has a fault."""
        return any(rows.is_bound and rows.total_error_count() for rows in self.rows.values())

    @property
    def version(self) -> int | None:
        """The version that the author had read."""
        version: int | None = self.form.cleaned_data["version"]
        return version

    def organization(self) -> Organization:
        """The organization chosen, or the only one there is."""
        chosen = self.form.cleaned_data.get("organization")
        return next(one for one in self.organizations if chosen in {None, str(one.public_id)})

    def draft(self) -> ListingDraft:
        """The draft that the typed text describes."""
        kept = {name: getattr(self._before, name) for name in ("source", "source_id", "is_fictitious") if self._before}
        columns = {name: value for name, value in self.form.columns().items() if value is not None}
        return self.side.draft(**{**kept, **columns, **self._parts()})

    def show(self, error: DomainError) -> None:
        """Put what a service found wrong next to the fields it is about."""
        left = dict(error.fields)
        for path in list(left):
            name, _dot, rest = path.partition(".")
            place, _dot, field = rest.partition(".")
            if name in self._places and place.isdigit():
                row = self.rows[name].forms[self._places[name][int(place)]]
                field = _ROW_FIELDS.get(field.split(".")[0], field)
                row.add_error(field if field in row.fields else None, left.pop(path))
        if left or not error.fields:
            add_domain_error(self.form, DomainError(error.message, fields=left))

    def _parts(self) -> dict[str, Any]:
        typed = {name: list(self._filled(name)) for name in _ROWS}
        keys = keys_by_label(row["technology"] for row in typed["technologies"])
        return {
            "technologies": [
                TechnologyUseDraft(
                    technology=keys.get(row["technology"], row["technology"]),
                    route=row["route"] or None,
                    weight=1.0 if row["weight"] is None else row["weight"],
                )
                for row in typed["technologies"]
            ],
            "parameters": [_parameter_draft(row) for row in typed["parameters"]],
            "interfaces": [
                InterfaceUseDraft(interface=row["interface"], mode=row["mode"]) for row in typed["interfaces"]
            ],
            "translations": [TranslationDraft(**row) for row in typed["translations"]],
        }

    def _filled(self, name: str) -> Iterable[dict[str, Any]]:
        """The rows in which something was typed; where they stand is kept for the errors."""
        self._places[name] = []
        for place, row in enumerate(self.rows[name].forms):
            typed = row.cleaned_data
            if any(typed.get(field) not in (None, "") for field in _ESSENTIAL[name]):
                self._places[name].append(place)
                yield typed


def with_more_rows(data: QueryDict, name: str) -> QueryDict:
    """What was sent, with one more empty row of a kind."""
    changed = data.copy()
    key = f"{name}-TOTAL_FORMS"
    count = str(changed.get(key, ""))
    if name in _ROWS and count.isdecimal():
        changed[key] = str(min(int(count) + 1, _ROWS[name][1]))
    return changed


def differences(typed: ListingDraft, now: ListingDraft) -> list[tuple[str, Any, Any]]:
    """Name, what was typed and what is stored, for each field in which two drafts differ."""
    pairs = ((item.name, getattr(typed, item.name), getattr(now, item.name)) for item in fields(now))
    return [(name, mine, theirs) for name, mine, theirs in pairs if _plain(mine) != _plain(theirs)]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _parameter_draft(row: Mapping[str, Any]) -> ParameterDraft:
    return ParameterDraft(
        labels=_texts(row, "label"),
        operator=row["operator"],
        value=row["value"],
        value_high=row["value_high"],
        unit=row["unit"],
        tolerance=row["tolerance"],
        conditions=_texts(row, "condition"),
        methods=_texts(row, "method"),
        tier=row["tier"] or None,
    )


def _texts(row: Mapping[str, Any], name: str) -> dict[str, str]:
    texts = {CHINESE: row[f"{name}_zh"], ENGLISH: row[f"{name}_en"]}
    return {tag: text for tag, text in texts.items() if text}


def _typed_texts(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}_zh": texts.get(CHINESE, ""), f"{name}_en": texts.get(ENGLISH, "")}


def _typed(draft: ListingDraft) -> dict[str, Any]:
    """A draft as it stands in the form."""
    typed = {item.name: getattr(draft, item.name) for item in fields(draft) if item.name not in _ROWS}
    typed.update({f"tier_{name}": tier for name, tier in draft.disclosure.items()})
    if isinstance(draft, CapabilityDraft):
        typed.update(_typed_texts("capacity", draft.capacities))
    return typed


def _typed_rows(draft: ListingDraft) -> dict[str, list[dict[str, Any]]]:
    return {
        "technologies": [
            {"technology": use.technology, "route": use.route or "", "weight": use.weight} for use in draft.technologies
        ],
        "parameters": [
            {
                **_typed_texts("label", row.labels),
                "operator": row.operator,
                "value": row.value,
                "value_high": row.value_high,
                "unit": row.unit,
                "tolerance": row.tolerance,
                **_typed_texts("condition", row.conditions),
                **_typed_texts("method", row.methods),
                "tier": row.tier or "",
            }
            for row in draft.parameters
        ],
        "interfaces": [{"interface": use.interface, "mode": use.mode} for use in draft.interfaces],
        "translations": [asdict(row) for row in draft.translations],
    }
