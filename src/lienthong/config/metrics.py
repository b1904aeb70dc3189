"""Counters and histograms that Prometheus reads at /metrics."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("lienthong_requests_total", "HTTP requests", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("lienthong_request_seconds", "Time to answer", ["route"])
