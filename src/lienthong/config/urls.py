"""Root of the routes: each channel mounts the rooms that it shows."""

from django.urls import URLPattern, URLResolver, include, path

from lienthong.config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.health, name="health"),
    path("metrics", views.metrics, name="metrics"),
    path("desk/", include("lienthong.channels.officer.urls", namespace="officer")),
    path("console/", include("lienthong.channels.console.urls", namespace="console")),
    path("api/", include("lienthong.channels.api.urls", namespace="api")),
    path("", include("lienthong.channels.citizen.urls", namespace="citizen")),
]
handler404 = "lienthong.config.views.not_found"
