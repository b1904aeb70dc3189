"""Reads of reports that were made."""

from __future__ import annotations

from datetime import date

from lienthong.blocks.insight.models import Report


def reports_newest(limit: int = 20) -> list[Report]:
    return list(Report.objects.order_by("-made_at").defer("figures")[:limit])


def report_latest(month: date) -> Report | None:
    return Report.objects.filter(month=month).order_by("-as_of").first()
