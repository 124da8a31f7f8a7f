from django.urls import include, path

from .erasing import erasing_page
from .queue.bulk_pages import bulk_page
from .queue.pages import fresh, queue, queue_list
from .queue.views import change_view, save_view, views_page
from .report.alike import alike_page
from .report.files import file
from .report.mentions import mention, mention_seen
from .report.pages import act, report_page
from .report.presence import presence
from .report.printing import print_page
from .report.reveal import reveal_sender
from .report.who import who_page
from .sees import sees_page
from .trying import try_text

app_name = "desk"
urlpatterns = [
    path("centre/", include("cms.desk.centre.urls")),
    path("erasing/", erasing_page, name="erasing"),
    path("failed/", include("cms.desk.failing.urls")),
    path("inbox/", include("cms.desk.inbox.urls")),
    path("message-texts/<int:pk>/try/", try_text, name="try_text"),
    path("handovers/", include("cms.desk.handovers.urls")),
    path("days-off/", include("cms.desk.postponing.urls")),
    path("ladders/", include("cms.desk.ladders.urls")),
    path("report-search/", include("cms.desk.searching.urls")),
    path("sent/", include("cms.desk.sent.urls")),
    path("sees/", sees_page, name="sees"),
    path("tables/", include("cms.desk.sheets.urls")),
    path("queue/", queue, name="queue"),
    path("webhook/", include("cms.desk.webhooks.urls")),
    path("queue/bulk/", bulk_page, name="bulk"),
    path("queue/fresh/", fresh, name="fresh"),
    path("queue/list/", queue_list, name="list"),
    path("queue/views/", views_page, name="views"),
    path("queue/views/save/", save_view, name="save_view"),
    path("queue/views/<int:pk>/", change_view, name="change_view"),
    path("queue/files/<uuid:public_id>/", file, name="file"),
    path("queue/<uuid:public_id>/", report_page, name="report"),
    path("queue/<uuid:public_id>/presence/", presence, name="presence"),
    path("queue/<uuid:public_id>/mention/", mention, name="mention"),
    path("queue/<uuid:public_id>/print/", print_page, name="print"),
    path("mentions/<int:pk>/seen/", mention_seen, name="mention_seen"),
    path("queue/<uuid:public_id>/reveal/", reveal_sender, name="reveal"),
    path("queue/<uuid:public_id>/who/", who_page, name="who"),
    path("queue/<uuid:public_id>/alike/", alike_page, name="alike"),
    path("queue/<uuid:public_id>/<slug:action>/", act, name="act"),
]
