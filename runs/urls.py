from django.urls import path

from runs.views import (
    activity,
    definition,
    going,
    launching,
    moves,
    panels,
    results,
    run,
    test,
    why,
)

app_name = "runs"

urlpatterns = [
    path("activity/", activity.activity, name="activity"),
    path("campaigns/going/", going.going, name="going"),
    path("campaigns/<int:pk>/runs/", activity.of_campaign, name="of_campaign"),
    path("campaigns/<int:pk>/results/", results.results, name="results"),
    path("campaigns/<int:pk>/results/figures/", results.figures, name="results_figures"),
    path("campaigns/<int:pk>/results.csv", results.download, name="results_download"),
    path("campaigns/<int:pk>/launch/", launching.launch, name="launch"),
    path("campaigns/<int:pk>/stop/", run.stop_campaign, name="stop_campaign"),
    path("campaigns/<int:pk>/moves/", moves.moves, name="moves"),
    path("campaigns/<int:pk>/test/", test.test, name="test"),
    path("campaigns/<int:pk>/test/told/", test.test_told, name="test_told"),
    path("test-people/", panels.panels, name="panels"),
    path("test-people/<int:panel>/", panels.panel, name="panel"),
    path("test-people/<int:panel>/remove/", panels.remove_panel, name="remove_panel"),
    path("test-people/<int:panel>/add/", panels.panelist, name="add_panelist"),
    path("test-people/<int:panel>/<int:person>/", panels.panelist, name="edit_panelist"),
    path(
        "test-people/<int:panel>/<int:person>/remove/",
        panels.remove_panelist,
        name="remove_panelist",
    ),
    path("runs/<int:pk>/", run.detail, name="detail"),
    path("runs/<int:pk>/why/", why.why, name="why"),
    path("runs/<int:pk>/definition/", definition.definition, name="definition"),
    path("runs/<int:pk>/live/", run.live, name="live"),
    path("runs/<int:pk>/stop/", run.stop, name="stop"),
    path("runs/<int:pk>/retry/", run.retry, name="retry"),
    path("runs/<int:pk>/remove-lists/", run.remove_lists, name="remove_lists"),
    path("runs/<int:pk>/deliveries/<int:delivery_id>/decide/", run.decide, name="decide"),
    path("runs/<int:pk>/recipients.csv", run.recipients, name="recipients"),
]
