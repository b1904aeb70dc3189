from django.db import migrations, models


class Migration(migrations.Migration):
    """Rows of policies are made again from the table after the migration, each with its answer."""

    dependencies = [("fees", "0001_initial")]

    operations = [
        migrations.RunSQL("delete from fees_feepolicy", migrations.RunSQL.noop),
        migrations.AddField("feepolicy", "reduces", models.BooleanField(default=False), preserve_default=False),
    ]
