from django.urls import path

from .pages import check, export, table

urlpatterns = [
    path("<slug:workbook>/", table, name="table"),
    path("<slug:workbook>/export/", export, name="table_export"),
    path("<slug:workbook>/check/<str:token>/", check, name="table_check"),
]
