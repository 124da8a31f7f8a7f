"""The texts for who follows somebody else's report, where the product's own were filled in before."""

from django.db import migrations

from cms.notifications.defaults import fill


def fill_in(apps, schema_editor):
    fill(apps.get_model("notifications", "SmsTemplate"), apps.get_model("notifications", "Rule"))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_watched_searches")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
