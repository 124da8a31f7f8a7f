from django.urls import path

from . import views

app_name = "content"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("site-map/", views.sitemap_page, name="sitemap"),
    path("theme/", views.theme, name="theme"),
    path("useful/<int:page_id>/", views.vote, name="vote"),
]
