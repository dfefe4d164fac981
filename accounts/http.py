"""The request as Muster's views see it: logged in, with htmx's details."""

from accounts.models import User
from core import http


class HttpRequest(http.HttpRequest):
    """A request after the middleware: ``user`` is one of ours."""

    user: User  # LoginRequiredMiddleware keeps strangers out
