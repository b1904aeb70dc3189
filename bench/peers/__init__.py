"""Suites that others wrote, run on a Lienthong of their own and recorded in docs/reference/conformance.md."""
