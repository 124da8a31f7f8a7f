import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names alone: no row and no column changes."""

    dependencies = [("entities", "0008_handovers")]

    operations = [
        migrations.AlterModelOptions(
            name="entityuserobjectpermission",
            options={"verbose_name": "personal grant", "verbose_name_plural": "personal grants"},
        ),
        migrations.AlterField(
            model_name="entityuserobjectpermission",
            name="content_object",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="entities.entity", verbose_name="entity"
            ),
        ),
    ]
