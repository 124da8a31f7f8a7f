import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

# What was given before a second person was asked stays given.
TWO = ("view_confidential", "view_reports")


def keep(apps, schema_editor):
    grants = apps.get_model("entities", "EntityUserObjectPermission").objects
    grants.filter(permission__codename__in=TWO, confirmed_at=None).update(confirmed_at=F("valid_from"))


class Migration(migrations.Migration):
    dependencies = [
        ("entities", "0009_personal_grants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="entityuserobjectpermission",
            name="confirmed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="confirmed"),
        ),
        migrations.AddField(
            model_name="entityuserobjectpermission",
            name="confirmed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
