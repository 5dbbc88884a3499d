"""Filters of endpoints: what a query may hold, and that nothing else in it is passed over in silence."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from ronghe.common.errors import InvalidInput


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]  # the library is untyped
    """The view's filter set, which a query may name, and paging. A misspelt filter would otherwise give everything."""

    def filter_queryset(self, request: Request, queryset: "QuerySet[Any]", view: APIView) -> "QuerySet[Any]":
        """The records that the query asks for.

        Raises:
            InvalidInput: the query holds a parameter that nothing reads, or a value that its filter does not take.
        """
        filters = self.get_filterset_class(view, queryset)
        paginator = getattr(view, "paginator", None)
        paging = (paginator.page_size_query_param, paginator.cursor_query_param) if paginator else ()
        require_known(request, {*(filters.base_filters if filters else ()), *paging})
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


def require_known(request: Request, known: Collection[str]) -> None:
    """Refuse parameters of a query that nothing reads.

    Args:
        request: whose query is looked at.
        known: the names of those that are read.

    Raises:
        InvalidInput: naming each one that is not known, and all that are.
    """
    unknown = sorted(request.query_params.keys() - {*known, api_settings.URL_FORMAT_OVERRIDE})
    if not unknown:
        return
    listed = pgettext("between words", ", ").join(sorted(known)) or _("none")
    message = _("There is no such parameter here. Known are: %(known)s.") % {"known": listed}
    raise InvalidInput(message, code="unknown_parameter", fields={name: [message] for name in unknown})
