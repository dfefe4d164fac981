from django.urls import path

from core import views

app_name = "core"

urlpatterns = [
    path("styleguide/", views.styleguide, name="styleguide"),
    path("styleguide/options/", views.styleguide_options, name="styleguide_options"),
    path("styleguide/draft/", views.styleguide_draft, name="styleguide_draft"),
    path("styleguide/dialog/", views.styleguide_dialog, name="styleguide_dialog"),
]
