"""How the OpenAPI document describes what every operation shares: the shape of its errors."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from ronghe.common.api.problems import CONTENT_TYPE

_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "description": "What went wrong and how to mend it (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The HTTP status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "For people, in the language of the request."},
        "code": {"type": "string", "description": "For programs; never changes.", "examples": ["stale_edit"]},
        "request_id": {"type": "string", "description": "Tell us this when you report the problem."},
        "fields": {
            "type": "object",
            "description": "For each field at fault, by dotted path, what is wrong and how to mend it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_ALWAYS: Final = {
    "400": "What was sent cannot be accepted; `fields` names each culprit.",
    "401": "There is no valid token.",
    "403": "The record may be seen, but not changed this way; or the token lacks the scope.",
    "429": "Too many requests; `Retry-After` says when to come back.",
}
_NOT_FOUND: Final = "There is no such record, or the client may not know that there is."
_CONFLICT: Final = "The record is in a state, or holds a value, that excludes the change; or somebody else saved first."


class ProblemAwareSchema(AutoSchema):
    """Adds the problem document to every operation, so that no room has to repeat it."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with its errors."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            content = {CONTENT_TYPE: {"schema": self._problem_component().ref}}
            for status, description in self._error_descriptions().items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
        return operation

    def _error_descriptions(self) -> dict[str, str]:
        descriptions = dict(_ALWAYS)
        if "{" in self.path:
            descriptions["404"] = _NOT_FOUND
        if self.method in {"POST", "PUT", "PATCH", "DELETE"}:
            descriptions["409"] = _CONFLICT
        return descriptions

    def _problem_component(self) -> ResolvedComponent:
        component: ResolvedComponent = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=_PROBLEM_SCHEMA
        )
        self.registry.register_on_missing(component)
        return component
