from django.urls import URLPattern

app_name = "destinations"

urlpatterns: list[URLPattern] = []
