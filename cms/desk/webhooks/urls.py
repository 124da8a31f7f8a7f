from django.urls import path

from .pages import webhook_page

urlpatterns = [path("<int:webhook>/", webhook_page, name="webhook")]
