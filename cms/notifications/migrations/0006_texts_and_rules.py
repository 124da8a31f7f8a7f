"""The texts and rules that the product comes with: it has them without the demonstration too."""

from django.db import migrations

from cms.notifications.defaults import fill


def fill_in(apps, schema_editor):
    fill(apps.get_model("notifications", "SmsTemplate"), apps.get_model("notifications", "Rule"))


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_gateways_and_receipts")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
