from django.urls import path

from runs.views import activity, definition, launching, moves, results, run, why

app_name = "runs"

urlpatterns = [
    path("activity/", activity.activity, name="activity"),
    path("campaigns/<int:pk>/runs/", activity.of_campaign, name="of_campaign"),
    path("campaigns/<int:pk>/results/", results.results, name="results"),
    path("campaigns/<int:pk>/results/figures/", results.figures, name="results_figures"),
    path("campaigns/<int:pk>/results.csv", results.download, name="results_download"),
    path("campaigns/<int:pk>/launch/", launching.launch, name="launch"),
    path("campaigns/<int:pk>/moves/", moves.moves, name="moves"),
    path("campaigns/<int:pk>/test/", launching.test, name="test"),
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
