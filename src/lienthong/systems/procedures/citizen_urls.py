"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.procedures import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("events/<slug:code>/", pages.event, name="event"),
    path("services/<str:code>/", pages.service, name="service"),
]
