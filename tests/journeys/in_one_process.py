"""The main journey on a nation of its own in one instance, as `journey birth --split` plays it in four."""

import click

from lienthong.config import setup

if __name__ == "__main__":
    with setup.own_system("single") as serve:
        setup.migrate()
        from django.conf import settings

        from lienthong.config.split_journey import PEOPLE, databases_settle
        from lienthong.nation import build, journey_birth

        build.nation_make(
            people=PEOPLE,
            seed=2026,
            progress=lambda label, length: click.progressbar(length=length, label=label),
        )
        with serve():
            journey_birth.run(echo=click.echo)
            databases_settle([settings.LIENTHONG_DATABASE_URL])
