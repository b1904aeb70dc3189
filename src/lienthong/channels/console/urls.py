"""The console's routes: its own, and those that each room brings."""

from django.urls import include, path

from lienthong.channels.console import pages
from lienthong.kit.mounting import room_routes

app_name = "console"
urlpatterns = [
    path("", pages.home, name="home"),
    path("stuck/", pages.stuck, name="stuck"),
    path("stuck/<uuid:step>/retry/", pages.stuck_retry, name="stuck-retry"),
    path("exchange/", pages.exchange_overview, name="exchange"),
    *[path("", include(patterns)) for patterns in room_routes("console_urls")],
]
