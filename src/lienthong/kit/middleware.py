"""Which language a person reads: the cookie `language`, set by `?lang=vi` or `?lang=en` on any page."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from lienthong.ground.language import LANGUAGES, VIETNAMESE
from lienthong.kit.language import speaking

COOKIE: Final = "language"
_YEAR_S: Final = 365 * 24 * 3600


class LanguageMiddleware:
    """Sets `request.language` to "vi" or "en" and says so in the answer's headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang")
        chosen = asked if asked in LANGUAGES else request.COOKIES.get(COOKIE)
        language = chosen if chosen in LANGUAGES else VIETNAMESE
        request.language = language  # type: ignore[attr-defined]
        with speaking(language):
            response = self.get_response(request)
        if asked in LANGUAGES:
            response.set_cookie(
                COOKIE, language, max_age=_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response
