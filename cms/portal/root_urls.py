"""The address without a language: the link in a message, which leads to the report in its own."""

from django.urls import path

from .views import doors

app_name = "portal_root"
urlpatterns = [
    path("t/<str:token>", doors.link, name="link"),
]
