from django.urls import path

from destinations import views

app_name = "destinations"

urlpatterns = [
    path("destinations/", views.index, name="list"),
    path("destinations/<int:pk>/test/", views.test, name="test"),
    path("default-attributes/", views.default_attributes, name="default_attributes"),
    path("default-attributes/attributes/", views.attributes, name="attributes"),
    path("default-attributes/shares/", views.shares, name="shares"),
    path("default-attributes/<int:pk>/", views.edit_defaults, name="edit_defaults"),
    path("default-attributes/<int:pk>/remove/", views.remove_defaults, name="remove_defaults"),
]
