"""Several jobs at once, each in a thread and a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connections


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run each job in a thread and connection of its own, started together; raises what a job raised."""
    barrier, results, errors = threading.Barrier(len(jobs)), [], []

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait(60)
            results.append(job())
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
