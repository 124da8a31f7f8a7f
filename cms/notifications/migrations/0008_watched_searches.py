"""Whoever watches a search is an audience, with the product's own text and rules for them."""

from django.db import migrations, models

from cms.notifications.defaults import fill


def fill_in(apps, schema_editor):
    fill(apps.get_model("notifications", "SmsTemplate"), apps.get_model("notifications", "Rule"))


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0007_texts_of_the_ladder"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="audience",
            field=models.CharField(
                choices=[
                    ("sender", "Sender"),
                    ("specialist", "Specialist"),
                    ("responsible", "Responsible person"),
                    ("coordinator", "Coordinator"),
                    ("entity_leader", "Entity leader"),
                    ("supervisor", "Supervisor"),
                    ("emirate_leader", "Emirate leader"),
                    ("follower", "Follower"),
                    ("staff", "Staff"),
                    ("mentioned", "Colleague who was called"),
                    ("watcher", "Whoever watches a search"),
                    ("keeper", "Administrator"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="rule",
            name="audience",
            field=models.CharField(
                choices=[
                    ("sender", "Sender"),
                    ("specialist", "Specialist"),
                    ("responsible", "Responsible person"),
                    ("coordinator", "Coordinator"),
                    ("entity_leader", "Entity leader"),
                    ("supervisor", "Supervisor"),
                    ("emirate_leader", "Emirate leader"),
                    ("follower", "Follower"),
                    ("staff", "Staff"),
                    ("mentioned", "Colleague who was called"),
                    ("watcher", "Whoever watches a search"),
                    ("keeper", "Administrator"),
                ],
                max_length=20,
                verbose_name="audience",
            ),
        ),
        migrations.AlterField(
            model_name="smstemplate",
            name="audience",
            field=models.CharField(
                choices=[
                    ("sender", "Sender"),
                    ("specialist", "Specialist"),
                    ("responsible", "Responsible person"),
                    ("coordinator", "Coordinator"),
                    ("entity_leader", "Entity leader"),
                    ("supervisor", "Supervisor"),
                    ("emirate_leader", "Emirate leader"),
                    ("follower", "Follower"),
                    ("staff", "Staff"),
                    ("mentioned", "Colleague who was called"),
                    ("watcher", "Whoever watches a search"),
                    ("keeper", "Administrator"),
                ],
                max_length=20,
                verbose_name="audience",
            ),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
