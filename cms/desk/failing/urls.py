from django.urls import path

from .pages import failed_page

urlpatterns = [path("", failed_page, name="failed")]
