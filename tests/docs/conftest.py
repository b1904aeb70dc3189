"""The tutorial is tried on a running system."""

from tests.journeys.running import running

__all__ = ["running"]
