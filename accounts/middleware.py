"""Who is not logged in does not get in; a page that was open asks in a dialog instead."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.forms import LoginForm


class LoginRequiredMiddleware(DjangoMiddleware):
    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """A fragment's request gets 401 and the log-in dialog; the page then repeats it."""
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is None or request.headers.get("HX-Request") != "true":
            return refusal
        return TemplateResponse(
            request,
            "accounts/login_dialog.html",
            {"form": LoginForm(request, auto_id="dialog_%s")},
            status=401,
            headers={"HX-Retarget": "#dialogs", "HX-Reswap": "innerHTML"},
        ).render()
