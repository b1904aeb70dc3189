"""The portal's routes of this room: what a newcomer reads and tries without signing in."""

from django.urls import path

from lienthong.systems.ndxp.pages import catalogue, sandbox

urlpatterns = [
    path("catalogue/", catalogue.search, name="catalogue"),
    path("catalogue/<str:agency>/<str:system>/<str:service>/", catalogue.service, name="catalogue-service"),
    path(
        "catalogue/<str:agency>/<str:system>/<str:service>/description/",
        catalogue.description,
        name="catalogue-description",
    ),
    path("sandbox/", sandbox.join, name="sandbox"),
    path("sandbox/system/", sandbox.ready, name="sandbox-ready"),
    path("sandbox/key/", sandbox.key, name="sandbox-key"),
]
