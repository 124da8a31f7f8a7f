"""Addresses without a language: the link in a message, and the demonstration's phone."""

from django.urls import path

from .views import doors

app_name = "portal_root"
urlpatterns = [
    path("t/<str:token>", doors.link, name="link"),
    path("demo/phone/<str:number>", doors.demo_phone, name="demo_phone"),
]
