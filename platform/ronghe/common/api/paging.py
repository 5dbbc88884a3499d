"""Paging by cursor: pages stay stable while records come and go, however deep a client reads."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ronghe.common.errors import InvalidInput

MOST_PER_PAGE: Final = 200


class CursorPages(CursorPagination):
    """Pages of 50 to 200 records, with addresses of the neighbours in the body and in the Link header (RFC 8288).

    The order is the view's `ordering`, else the query's own, else the model's; the primary key is always its last term,
    so that no two records ever tie.
    """

    page_size = 50
    max_page_size = MOST_PER_PAGE
    page_size_query_param = "limit"
    page_size_query_description = gettext_lazy("How many records per page, 1 to 200.")  # type: ignore[assignment]

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        """The records of the page that the request asks for.

        Raises:
            InvalidInput: `limit` or `cursor` is none that we gave.
        """
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            # The position inside a cursor is the client's to forge, and may not even be of the column's type.
            raise _not_our_cursor() from error

    def get_page_size(self, request: Request) -> int:
        """The `limit` of the request, or the default."""
        given = request.query_params.get(self.page_size_query_param or "")
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MOST_PER_PAGE):
            message = _("Give a whole number from 1 to %(most)d.") % {"most": MOST_PER_PAGE}
            raise InvalidInput(message, code="invalid_limit", fields={"limit": [message]})
        return int(given)

    def get_ordering(self, request: Request, queryset: "QuerySet[Any]", view: Any) -> tuple[str, ...]:
        """The order of the records, ending in the primary key."""
        declared: str | Sequence[str] | None = getattr(view, "ordering", None)
        candidates = [declared] if isinstance(declared, str) else list(declared or queryset.query.order_by)
        candidates = candidates or list(queryset.model._meta.ordering or ())
        # A cursor is read off the record's columns, which an expression has not.
        terms = [term for term in candidates if isinstance(term, str)]
        if not any(term.lstrip("-") in {"pk", "id"} for term in terms):
            terms.append("id")
        return tuple(terms)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place in the list that the request's cursor names."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise _not_our_cursor() from error
        # PostgreSQL refuses NUL in a text; SQLite would compare with it.
        if cursor is not None and "\0" in str(cursor.position or ""):
            raise _not_our_cursor()
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the addresses of its neighbours."""
        neighbours = {"next": self.get_next_link(), "prev": self.get_previous_link()}
        links = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in neighbours.items() if address)
        return Response(
            {"results": data, "next": neighbours["next"], "previous": neighbours["prev"]},
            headers={"Link": links} if links else None,
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page as the OpenAPI document describes it."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": address, "previous": address},
        }


def _not_our_cursor() -> InvalidInput:
    message = _("This cursor is not one of ours. Start without a cursor and follow the links.")
    return InvalidInput(message, code="invalid_cursor", fields={"cursor": [message]})
