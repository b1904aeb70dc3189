"""Root of the pages' routes: each channel mounts the rooms that it shows. The machines' door stands before them."""

from django.urls import URLPattern, URLResolver, include, path

from lienthong.config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.health, name="health"),
    path("metrics", views.metrics, name="metrics"),
    path("desk/", include("lienthong.channels.officer.urls", namespace="officer")),
    path("console/", include("lienthong.channels.console.urls", namespace="console")),
    path("", include("lienthong.channels.citizen.urls", namespace="citizen")),
]
handler404 = "lienthong.config.views.not_found"
