"""The desk's routes: each room brings its own."""

from django.urls import include, path

from lienthong.kit.mounting import room_routes

app_name = "officer"
urlpatterns = [path("", include(patterns)) for patterns in room_routes("officer_urls")]
