"""page_ratio: the list of campaigns, beside an empty Django page with one query."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path, reverse

from accounts import roles
from benchmarks.figure import Figure, agree, ratio, side_by_side
from campaigns import editing
from campaigns.models import Campaign

GOAL = 2.5
CAMPAIGNS = 20
PAGES = 20  # a measure is the time of so many, as one is too short
MARKETER = "benchmark@example.com"


def empty(request: HttpRequest) -> HttpResponse:
    """An empty page that asks the database one thing."""
    Campaign.objects.filter(archived=False).first()
    return HttpResponse("<!doctype html><title>Empty</title>")


urlpatterns = [path("", empty)]
STARTPROJECT = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def measure(customers: int) -> Figure:
    call_command("collectstatic", verbosity=0, interactive=False)
    cookies = fill()
    ours = page(reverse("campaigns:list"), cookies)
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=STARTPROJECT):
        plain = page("/", {})

    def render_plain() -> None:
        with override_settings(ROOT_URLCONF=__name__):
            plain()

    times = side_by_side(ours, render_plain)
    return ratio("page_ratio", times[0] / PAGES, times[1] / PAGES, GOAL)


def fill() -> dict[str, str]:
    """Campaigns to list and a marketer who is logged in; the cookies of the session."""
    user, made = get_user_model().objects.get_or_create(email=MARKETER)
    if made:
        roles.give_role(user, roles.MARKETER)
    for number in range(Campaign.objects.live().count(), CAMPAIGNS):
        editing.create(user, f"Campaign number {number}")
    client = Client()
    client.force_login(user)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def page(url: str, cookies: dict[str, str]) -> Callable[[], None]:
    """Render the page so many times, as a server would ask for it."""
    handler = WSGIHandler()
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def ask() -> None:
        for _ in range(PAGES):
            agree(status(handler, url, cookie), "200 OK")

    return ask


def status(handler: WSGIHandler, url: str, cookie: str) -> str:
    """Ask for a page and take all of it."""
    told: list[str] = []
    request = RequestFactory(HTTP_COOKIE=cookie).get(url)
    answer = handler(request.environ, lambda line, headers: told.append(line))
    for _ in answer:
        pass
    answer.close()
    return told[0]
