from django.urls import path

from .pages import sent_act, sent_file, sent_page, sent_report
from .writing import letter_page

urlpatterns = [
    path("", sent_page, name="sent"),
    path("new/", letter_page, name="letter"),
    path("files/<uuid:public_id>/", sent_file, name="sent_file"),
    path("<uuid:public_id>/", sent_report, name="sent_report"),
    path("<uuid:public_id>/<slug:action>/", sent_act, name="sent_act"),
]
