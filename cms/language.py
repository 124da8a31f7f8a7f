"""Which language a request is answered in.

The site: by the address (Arabic unprefixed, English under /en/). The API and files: by `Accept-Language`.
The admin: by the user's own preference; without one, by what was chosen at its sign-in page. Django's
middleware would answer Arabic on /graphql and /admin whatever is asked for, because Arabic is the language
without a prefix.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

API = ("/graphql", "/api")
# Addresses of files, the same in every language: only the page that says "not here" has one.
FILES = ("/static", "/media", "/documents", "/files")
ADMIN = "/admin"
# The parameter of the sign-in page's language switch.
CHOICE = "language"
A_YEAR = 365 * 24 * 60 * 60


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _is_one_of(request: HttpRequest, prefixes: tuple[str, ...]) -> bool:
    return any(_under(request.path_info, prefix) for prefix in prefixes)


def by_header(request: HttpRequest) -> str:
    """The first language of ours that `Accept-Language` names; the default one where it names none."""
    ours = {code for code, _name in settings.LANGUAGES}
    for asked, _weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        code = asked.split("-")[0]
        if code in ours:
            return code
    return settings.LANGUAGE_CODE


def _chosen(request: HttpRequest) -> str:
    """What the sign-in page's switch asks for, now or the last time in this browser; empty for neither."""
    return request.GET.get(CHOICE) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")


class LanguageMiddleware(LocaleMiddleware):
    """Django's, with the API and the admin decided by who asks and not by the address."""

    def process_request(self, request: HttpRequest) -> None:
        if _is_one_of(request, API + FILES):
            language = by_header(request)
        else:
            language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Here, not earlier: the user is known only after the authentication middleware has run."""
        if not _under(request.path_info, ADMIN):
            return
        profile = getattr(request.user, "wagtail_userprofile", None)
        preferred = (profile.preferred_language if profile else "") or _chosen(request)
        if preferred in dict(settings.LANGUAGES):
            translation.activate(preferred)
            request.LANGUAGE_CODE = preferred

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if _is_one_of(request, API) or (is_page and _is_one_of(request, FILES)):
            patch_vary_headers(response, ("Accept-Language",))
        if is_page and not _is_one_of(request, API):
            # The theme's cookie decides what is in <html>: a shared cache must not mix them.
            patch_vary_headers(response, ("Cookie",))
        chosen = request.GET.get(CHOICE)
        if _under(request.path_info, ADMIN) and chosen in dict(settings.LANGUAGES):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=A_YEAR,
                path=ADMIN,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response
