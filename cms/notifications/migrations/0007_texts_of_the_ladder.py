"""The texts of the ladder and of the morning's digest, where the product's own were filled in before."""

from django.db import migrations

from cms.notifications.defaults import fill


def fill_in(apps, schema_editor):
    fill(apps.get_model("notifications", "SmsTemplate"), apps.get_model("notifications", "Rule"))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_texts_and_rules")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
