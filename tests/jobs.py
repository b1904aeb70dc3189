"""Runs the jobs that a test's transaction deferred, in order, in this thread."""

from lienthong.nation.jobs_now import job_next, run_jobs

__all__ = ["job_next", "run_jobs"]
