from django.urls import path

from .pages import ladder_page, ladders_page

urlpatterns = [
    path("", ladders_page, name="ladders"),
    path("<int:ladder>/", ladder_page, name="ladder"),
]
