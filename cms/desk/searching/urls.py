from django.urls import path

from .exports import export_file, export_search, exports_page, exports_progress
from .pages import search_page
from .saved import change_search, save_search, searches_page
from .suggesting import suggestions

urlpatterns = [
    path("", search_page, name="search"),
    path("suggest/", suggestions, name="search_suggestions"),
    path("exports/", exports_page, name="search_exports"),
    path("exports/new/", export_search, name="export_search"),
    path("exports/progress/", exports_progress, name="search_exports_progress"),
    path("exports/<int:pk>/file/", export_file, name="search_export_file"),
    path("saved/", searches_page, name="searches"),
    path("saved/new/", save_search, name="save_search"),
    path("saved/<int:pk>/", change_search, name="change_search"),
]
