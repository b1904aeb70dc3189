"""The console's routes of this room."""

from django.urls import path

from lienthong.systems.fees import pages

urlpatterns = [path("payments/", pages.anomalies, name="payments")]
