"""What every page of the portal has in common: it is private, and says so to caches and to other sites."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .problems import Problems

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Never stored: neither by a proxy nor by the browser of a shared device."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 302 and request.headers.get("HX-Request") == "true":
            # htmx would follow by itself and put a whole page where a part of one belongs.
            response = HttpResponse(headers={"HX-Redirect": response.headers["Location"]})
        response.headers["Cache-Control"] = "no-store"
        return response

    return wrapped


def shown(
    request: HttpRequest, template: str, context: dict[str, Any], problems: Problems | None = None
) -> HttpResponse:
    problems = problems or Problems()
    return render(request, template, {**context, "problems": problems, "errors": problems.found})
