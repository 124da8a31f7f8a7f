"""Placeholders that show one language's words in the other language's tree are no longer published."""

from typing import Any

from django.db import migrations
from django.db.models import F


def unpublish(apps: Any, schema_editor: Any) -> None:
    pages = apps.get_model("wagtailcore", "Page").objects
    pages.filter(alias_of__isnull=False, live=True).exclude(alias_of__locale=F("locale")).update(live=False)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]
    operations = [migrations.RunPython(unpublish, migrations.RunPython.noop)]
