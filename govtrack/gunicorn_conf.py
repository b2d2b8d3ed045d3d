"""gunicorn: threads for I/O, one process per core and more by WEB_WORKERS. Bound by the command line.

Database connections at most: WEB_WORKERS × threads; docs/operations.md counts them against max_connections.
"""

import os
from pathlib import Path
from typing import Any

from govtrack import env

worker_class = "gthread"
workers = env.env_int("WEB_WORKERS", default=2)
threads = env.env_int("WEB_THREADS", default=4)
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
accesslog = None
errorlog = "-"
loglevel = "info"
forwarded_allow_ips = ""
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeat files in memory, not on disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def post_fork(server: Any, worker: Any) -> None:
    """A forked worker opens its own connections."""
    from django.db import connections

    connections.close_all()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that ended, where metrics are collected over several processes."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
