from django.urls import path

from segments.views import bulk, compare, editor, folders, history, listing, publish

app_name = "segments"

urlpatterns = [
    path("", listing.index, name="list"),
    path("counts/", listing.counts, name="counts"),
    path("bulk/<slug:action>/", bulk.bulk, name="bulk"),
    path("folders/", folders.index, name="folders"),
    path("folders/delete/", folders.delete, name="folder_delete"),
    path("folders/<slug:action>/", folders.change, name="folder"),
    path("compare/", compare.index, name="compare"),
    path("compare/figures/", compare.figures, name="compare_figures"),
    path("compare/people/", compare.people, name="compare_people"),
    path("compare/build/", compare.build, name="compare_build"),
    path("choices/", editor.choices, name="choices"),
    path("values/", editor.values, name="values"),
    path("new/", editor.new, name="new"),
    path("new/ops/", editor.new_ops, name="new_ops"),
    path("<int:pk>/", listing.detail, name="detail"),
    path("<int:pk>/figures/", listing.figures, name="figures"),
    path("<int:pk>/edit/", editor.edit, name="edit"),
    path("<int:pk>/edit/ops/", editor.ops, name="ops"),
    path("<int:pk>/edit/figures/", editor.draft_figures, name="draft_figures"),
    path("<int:pk>/publish/", publish.publish, name="publish"),
    path("<int:pk>/publish/figures/", publish.publish_figures, name="publish_figures"),
    path("<int:pk>/history/", history.index, name="history"),
    path("<int:pk>/versions/<int:number>/", history.version, name="version"),
    path("<int:pk>/versions/<int:number>/figures/", history.figures, name="version_figures"),
    path("<int:pk>/versions/<int:number>/restore/", history.restore, name="restore_version"),
    path("<int:pk>/diff/", history.diff, name="diff"),
    path("<int:pk>/diff/figures/", history.diff_figures, name="diff_figures"),
    path("<int:pk>/copy/", listing.copy, name="copy"),
    path("<int:pk>/archive/", listing.archive, name="archive"),
    path("<int:pk>/restore/", listing.restore, name="restore"),
]
