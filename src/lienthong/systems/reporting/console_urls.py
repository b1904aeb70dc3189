"""The console's routes of this room."""

from django.urls import path

from lienthong.systems.reporting import pages

urlpatterns = [
    path("report/", pages.report, name="report"),
    path("figures/", pages.indicator_list, name="indicators"),
    path("figures/<str:indicator_id>/", pages.figure, name="figure"),
    path("figures/<str:indicator_id>/rows/", pages.figure_rows, name="figure-rows"),
]
