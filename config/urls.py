from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="campaigns:list"), name="home"),
    path("", include("accounts.urls")),
    path("", include("core.urls")),
    path("segments/", include("segments.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("", include("destinations.urls")),
    path("", include("runs.urls")),
    path("", include("warehouse.urls")),
    path("admin/", admin.site.urls),
]
