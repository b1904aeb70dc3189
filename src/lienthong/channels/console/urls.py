"""The console's routes: each room and block brings its own."""

from django.urls import include, path

from lienthong.kit.mounting import room_routes

app_name = "console"
urlpatterns = [path("", include(patterns)) for patterns in room_routes("console_urls")]
