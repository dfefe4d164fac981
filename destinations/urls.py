from django.urls import path



app_name = "destinations"

urlpatterns = []
