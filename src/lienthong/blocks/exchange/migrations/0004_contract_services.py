import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exchange', '0003_published_services'),
    ]

    operations = [
        migrations.AddField(
            model_name='publishedservice',
            name='versions',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='subsystem',
            name='described',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='ContractService',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=120)),
                ('title_vi', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('endpoints', models.JSONField(default=list)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='exchange.document')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('system', 'code'), name='contract_service_once')],
            },
        ),
    ]
