"""Each request has a name: in its answer, in its lines of the logs, and in what it leaves for the worker."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from cms.outbox import correlation

HEADER = "X-Correlation-Id"


class CorrelationMiddleware:
    """Ours alone: a name that a client chose could be made to look like another's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = correlation.begin()
        try:
            response = self.get_response(request)
        finally:
            correlation.end()
        response[HEADER] = given
        return response
