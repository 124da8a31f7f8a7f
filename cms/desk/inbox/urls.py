from django.urls import path

from . import choices, pages
from .live import live

urlpatterns = [
    path("", pages.inbox_page, name="inbox"),
    path("count/", pages.count, name="inbox_count"),
    path("live/", live, name="live"),
    path("read/", pages.mark_all, name="inbox_read"),
    path("choices/", choices.choices_page, name="inbox_choices"),
    path("of/<slug:reference>/", pages.by_reference, name="by_reference"),
    path("<int:pk>/open/", pages.open_notice, name="inbox_open"),
    path("<int:pk>/read/", pages.mark, name="inbox_mark"),
]
