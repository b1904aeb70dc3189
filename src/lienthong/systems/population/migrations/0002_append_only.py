from django.db import migrations


class Migration(migrations.Migration):
    """Who read whose data is never changed nor deleted."""

    dependencies = [("population", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            create function population_refuse_change() returns trigger language plpgsql as $$
            begin
                raise exception 'the access log is append-only';
            end $$;
            create trigger population_accessentry_append_only
                before update or delete on population_accessentry
                for each statement execute function population_refuse_change();
            """,
            """
            drop trigger population_accessentry_append_only on population_accessentry;
            drop function population_refuse_change();
            """,
        )
    ]
