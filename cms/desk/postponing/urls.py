from django.urls import path

from .pages import postponement_page, postponements_page, progress_part

urlpatterns = [
    path("", postponements_page, name="postponements"),
    path("<int:postponement>/", postponement_page, name="postponement"),
    path("<int:postponement>/progress/", progress_part, name="postponement_progress"),
]
