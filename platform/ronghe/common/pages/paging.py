"""Paging by number for lists that people read."""

from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE: Final = 25


def page_of(
    request: HttpRequest, records: "QuerySet[Any] | list[Any]", *, per_page: int = PER_PAGE, name: str = "page"
) -> "Page[Any]":
    """The page that the address asks for; the nearest one there is when the number is none.

    Args:
        request: holds the number in its query string.
        records: in a stable order.
        per_page: how many records a page shows.
        name: the query parameter, for a page with several lists.
    """
    return Paginator(records, per_page).get_page(request.GET.get(name))
