"""The web process, for granian or any WSGI server: the machines' door, and the pages behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
_pages = get_wsgi_application()

from lienthong.config.machines import MachinesDoor  # noqa: E402 - its rooms have models: Django comes first

application = MachinesDoor(_pages)
