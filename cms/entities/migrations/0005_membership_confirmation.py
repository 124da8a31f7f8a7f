import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def confirm_the_present_ones(apps, schema_editor):
    """Who holds such a role today keeps it; from now on it takes two people."""
    memberships = apps.get_model('entities', 'Membership').objects
    memberships.filter(role__in=['admin', 'triage-confidential']).update(confirmed_at=F('valid_from'))


class Migration(migrations.Migration):

    dependencies = [
        ('entities', '0004_question_range'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='proposed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.AddField(
            model_name='membership',
            name='confirmed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by'),
        ),
        migrations.AddField(
            model_name='membership',
            name='confirmed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='confirmed'),
        ),
        migrations.RunPython(confirm_the_present_ones, migrations.RunPython.noop, elidable=True),
    ]
