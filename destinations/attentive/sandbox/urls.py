from django.urls import path

from destinations.attentive.sandbox import api, control, pages
from destinations.attentive.sandbox.api import endpoint

app_name = "sandbox"

urlpatterns = [
    path("v2/me", endpoint(get=api.me)),
    path("v1/me", endpoint(get=api.me)),
    path("v2/segments", endpoint(get=api.list_segments, post=api.create_segment)),
    path(
        "v2/segments/external/<path:external_id>",
        endpoint(get=api.get_segment, patch=api.change_segment, delete=api.archive_segment),
    ),
    path(
        "v2/bulk/segments/members",
        endpoint(post=api.add_members, delete=api.remove_members),
    ),
    path("v2/bulk/job/<str:job_id>", endpoint(get=api.job)),
    path("results/<str:job_id>.jsonl", api.result),
    path("sandbox/settings", control.settings),
    path("sandbox/faults", control.faults),
    path("sandbox/requests", control.requests),
    path("sandbox/segments", control.segments),
    path("sandbox/segments/<path:external_id>/members", control.members),
    path("sandbox/jobs", control.jobs),
    path("sandbox/release", control.release),
    path("sandbox/reset", control.reset),
    path("", pages.segments, name="segments"),
    path("segments/<path:external_id>", pages.members, name="members"),
    path("jobs", pages.jobs, name="jobs"),
    path("sandbox.css", pages.stylesheet, name="stylesheet"),
]

handler400 = "destinations.attentive.sandbox.pages.bad_request"
handler404 = "destinations.attentive.sandbox.pages.not_found"
handler500 = "destinations.attentive.sandbox.pages.failed"
