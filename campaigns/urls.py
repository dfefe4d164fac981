from django.urls import path

from campaigns.views import (
    approval,
    attributes,
    balance,
    bulk,
    choices,
    editor,
    history,
    listing,
    people,
    undo,
    why,
)

app_name = "campaigns"

urlpatterns = [
    path("", listing.index, name="list"),
    path("new/", editor.new, name="new"),
    path("undo/<str:name>/", undo.undo, name="undo"),
    path("bulk/<slug:action>/", bulk.bulk, name="bulk"),
    path("segments/", choices.segments, name="segments"),
    path("zones/", choices.zones, name="zones"),
    path("followers/<int:destination_id>/", attributes.followers, name="followers"),
    path("<int:pk>/", listing.detail, name="detail"),
    path("<int:pk>/balance/", balance.balance, name="balance"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/why/", why.why, name="why"),
    path("<int:pk>/history/", history.index, name="history"),
    path("<int:pk>/history/<int:number>/restore/", history.restore, name="restore_revision"),
    path("<int:pk>/edit/", editor.edit, name="edit"),
    path("<int:pk>/edit/ops/", editor.ops, name="ops"),
    path("<int:pk>/edit/ops/timing/", editor.timing_ops, name="timing_ops"),
    path("<int:pk>/edit/ops/<str:part>/", editor.rule_ops, name="rule_ops"),
    path("<int:pk>/edit/figures/", editor.figures, name="figures"),
    path("<int:pk>/attributes/<int:destination_id>/", attributes.attributes, name="attributes"),
    path(
        "<int:pk>/attributes/<int:destination_id>/ops/",
        attributes.attributes_ops,
        name="attributes_ops",
    ),
    path(
        "<int:pk>/attributes/<int:destination_id>/figures/",
        attributes.attributes_figures,
        name="attributes_figures",
    ),
    path("<int:pk>/approval/", approval.approval, name="approval"),
    path("<int:pk>/approval/ask/", approval.ask, name="approval_ask"),
    path("<int:pk>/approval/answer/", approval.answer, name="approval_answer"),
    path("<int:pk>/copy/", listing.copy, name="copy"),
    path("<int:pk>/unschedule/", listing.unschedule, name="unschedule"),
    path("<int:pk>/archive/", listing.archive, name="archive"),
    path("<int:pk>/restore/", listing.restore, name="restore"),
    path("<int:pk>/delete/", listing.delete, name="delete"),
]
