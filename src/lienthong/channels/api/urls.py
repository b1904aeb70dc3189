"""Routes for machines."""

from django.urls import path

from lienthong.channels.api import exchange

app_name = "api"
urlpatterns = [path("exchange/", exchange.exchange, name="exchange")]
