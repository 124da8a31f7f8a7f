from django.urls import path

from .pages import call_page, done_page, entered_page

urlpatterns = [
    path("", call_page, name="centre"),
    path("done/", done_page, name="centre_done"),
    path("entered/", entered_page, name="centre_entered"),
]
