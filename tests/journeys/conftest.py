"""What the journeys share: a running system, and a Chromium."""

from tests.journeys.acting import chromium
from tests.journeys.running import running

__all__ = ["chromium", "running"]
