"""The short addresses in messages to staff, outside of the admin: they lead there, and it asks to sign in."""

from django.urls import path

from .pages import short

app_name = "desk_short"
urlpatterns = [
    path("", short, name="inbox"),
    path("<slug:reference>/", short, name="report"),
]
