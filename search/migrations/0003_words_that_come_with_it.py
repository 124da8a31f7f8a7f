"""The words that the product comes with: it has them without the demonstration too."""

from django.db import migrations

from search.wordlist import fill


def fill_in(apps, schema_editor):
    fill(apps.get_model("search", "Synonym"))


class Migration(migrations.Migration):
    dependencies = [("search", "0002_synonyms")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
