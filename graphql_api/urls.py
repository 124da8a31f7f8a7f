from django.urls import path

from .http import endpoint

urlpatterns = [path("", endpoint, name="graphql")]
