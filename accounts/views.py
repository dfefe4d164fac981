from __future__ import annotations

import json

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import LoginForm
from core.theme import keep_theme


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: DjangoRequest) -> HttpResponse:
    target = _back(request)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(target)
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        auth.login(request, form.get_user())
        return redirect(target)
    return TemplateResponse(
        request,
        "accounts/login.html",
        {"form": form, "next": target},
        status=422 if form.is_bound else 200,
    )


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_POST
def login_dialog(request: DjangoRequest) -> HttpResponse:
    """Log in again without leaving the page; the page repeats what was refused."""
    form = LoginForm(request, request.POST, auto_id="dialog_%s")
    if not form.is_valid():
        return TemplateResponse(request, "accounts/login_dialog.html", {"form": form}, status=422)
    auth.login(request, form.get_user())
    # The token changes with the log-in; the open page must use the new one.
    events = {"dialog:close": {}, "session:renewed": {"token": get_token(request)}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(events)})


@login_not_required
@require_GET
def admin_login(request: DjangoRequest) -> HttpResponse:
    """The admin has no log-in of its own; who is logged in already lacks the right."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{request.GET.urlencode(safe='/')}")


@require_POST
def theme(request: DjangoRequest) -> HttpResponse:
    response = redirect(_back(request))
    keep_theme(response, request.POST.get("theme", ""))
    return response


def _back(request: DjangoRequest) -> str:
    """Where one was: only ever a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)
