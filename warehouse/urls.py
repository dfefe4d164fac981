from django.urls import path

from warehouse import views

app_name = "warehouse"

urlpatterns = [
    path("data/", views.data, name="data"),
    path("data/columns/", views.columns, name="columns"),
    path("data/rows/", views.rows, name="rows"),
]
