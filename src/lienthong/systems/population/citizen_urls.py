"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.population import pages

urlpatterns = [path("who-looked/", pages.reads, name="reads")]
