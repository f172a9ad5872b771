"""How fast this is, on two fixed workloads and beside other simulators. ``README.md`` keeps the table.

Behind ``landscape bench``.
"""

from __future__ import annotations

from landscape.benchmarks.rows import Row, table
from landscape.benchmarks.suite import run_suite
from landscape.benchmarks.workloads import Workload, workload

__all__ = ["Row", "Workload", "run_suite", "table", "workload"]
