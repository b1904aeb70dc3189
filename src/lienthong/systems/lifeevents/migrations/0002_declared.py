from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lifeevents", "0001_initial")]
    operations = [migrations.RenameModel("DeclaredChild", "Declared")]
