"""The request as Muster's views see it: logged in, with htmx's details."""

from django.http import HttpRequest as DjangoRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class HttpRequest(DjangoRequest):
    """A request after the middleware: ``user`` is one of ours."""

    htmx: HtmxDetails
    user: User  # LoginRequiredMiddleware keeps strangers out
