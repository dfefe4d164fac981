from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/dialog/", views.login_dialog, name="login_dialog"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/login/", views.admin_login, name="admin_login"),
    path("theme/", views.theme, name="theme"),
]
