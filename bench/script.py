"""The yardstick of ``create``: the same statements from psycopg2, without a framework.

``script.py job clients seconds``.
"""

import json
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2


class Client(threading.Thread):
    """One connection that creates one issue after the other."""

    def __init__(self, job: dict[str, Any], until: float) -> None:
        super().__init__()
        self.job, self.until, self.count = job, until, 0
        self.error: Exception | None = None

    def run(self) -> None:
        connection = psycopg2.connect(self.job["dsn"], options=self.job["options"])
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                while time.perf_counter() < self.until:
                    self._create(cursor)
                    self.count += 1
        except Exception as error:  # noqa: BLE001 (reported by main)
            self.error = error
        connection.close()

    def _create(self, cursor: Any) -> None:
        values: dict[str, Any] = {
            "token": secrets.token_urlsafe(16),
            "number": "",
            "serial": 0,
            "contact": 0,
            "issue": 0,
        }
        inside = False
        for step in self.job["steps"]:
            if step["in_transaction"] != inside:
                cursor.execute("COMMIT" if inside else "BEGIN")
                inside = not inside
            sql = step["sql"]
            cursor.execute(sql.format(**values))
            rows = cursor.fetchall() if cursor.description else []
            if "issues_numberseries" in sql:
                values["serial"] = rows[0][0]
                values["number"] = f"{self.job['prefix']}{rows[0][0]:06d}"
            elif sql.startswith('INSERT INTO "communities_contact"'):
                values["contact"] = rows[0][0]
            elif sql.startswith('INSERT INTO "issues_issue"'):
                values["issue"] = rows[0][0]
        if inside:
            cursor.execute("COMMIT")


def main() -> None:
    """Run the clients and print what they did."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    began = time.perf_counter()
    clients = [Client(job, began + float(sys.argv[3])) for _ in range(int(sys.argv[2]))]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    for client in clients:
        if client.error:
            sys.exit(f"{type(client.error).__name__}: {client.error}")
    count, seconds = sum(client.count for client in clients), time.perf_counter() - began
    print(json.dumps({"count": count, "seconds": seconds, "per_second": count / seconds}))


if __name__ == "__main__":
    main()
