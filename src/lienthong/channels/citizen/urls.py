"""The portal's routes: each room brings its own."""

from django.urls import include, path

from lienthong.kit.mounting import room_routes

app_name = "citizen"
urlpatterns = [path("", include(patterns)) for patterns in room_routes("citizen_urls")]
