from django.urls import path

from .pages import handover_page, handovers_page, progress_part

urlpatterns = [
    path("", handovers_page, name="handovers"),
    path("<int:handover>/", handover_page, name="handover"),
    path("<int:handover>/progress/", progress_part, name="handover_progress"),
]
