"""The whole benchmark. ``BENCH_ISSUES`` (1000000) says how large; ``python -m bench list create`` measures only these.

Servers: those of ``DATABASE_URL`` and ``REDIS_URL`` where both are set (databases are added beside the named one and
kept), else embedded ones of its own, which are gone at the end.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from bench import database, report  # noqa: E402
from devhouse.embedded import EmbeddedError, scratch_servers  # noqa: E402

MEASURES = (
    "seed",
    "list",
    "inbox",
    "detail",
    "actions",
    "search",
    "status",
    "meetings",
    "create",
    "nudge",
    "sweep",
    "mail",
)
OF_OTHER_DATABASES = ("seed", "sweep", "mail")
KEY = "YmVuY2gta2V5LWJlbmNoLWtleS1iZW5jaC1rZXktYmU="
SMALL = 20_000
SEEDED = 300_000
REMOVED = ("PUBLIC_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "DEBUG", "PORT")


def main() -> int:
    """Run what the command line names; exit 1 where a measure misses its bound, 2 where it names none."""
    wanted = sys.argv[1:] or list(MEASURES)
    if unknown := [name for name in wanted if name not in MEASURES]:
        print(f"no such measure: {unknown[0]} (there are {', '.join(MEASURES)})", file=sys.stderr)
        return 2
    for name in REMOVED:
        os.environ.pop(name, None)
    os.environ |= {
        "SECRET_KEY": "bench-only",
        "PERSONAL_DATA_KEYS": KEY,
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "EMAIL_URL": "dummymail://",
    }
    try:
        if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
            return measure_all(wanted, os.environ["DATABASE_URL"])
        with scratch_servers(BASE / ".local" / "bench", durable=True) as servers:
            os.environ.update(servers.environment())
            return measure_all(wanted, servers.postgres.url)
    except (EmbeddedError, RuntimeError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def measure_all(wanted: list[str], server_url: str) -> int:
    """Prepare the databases and measure, each database in a process of its own."""
    issues = int(os.environ.get("BENCH_ISSUES", "1000000"))
    failed = False
    with tempfile.TemporaryDirectory() as recordings:
        os.environ["BENCH_RECORDINGS"] = recordings
        if "seed" in wanted:
            database.ensure(server_url, f"seeded_{SEEDED}", issues=SEEDED, anew=True)
        pages = [name for name in wanted if name not in OF_OTHER_DATABASES]
        if pages:
            url = database.ensure(server_url, str(issues), issues=issues)
            failed |= session(url, *pages)
        if "sweep" in wanted:
            small = database.ensure(server_url, f"open_{SMALL}", issues=SMALL, open_share=1.0)
            failed |= session(small, "sweep")
            if issues > SMALL:
                large = database.ensure(server_url, f"open_{issues}", issues=issues, open_share=1.0)
                failed |= session(large, "sweep")
                failed |= not _no_slower(Path(recordings))
        if "mail" in wanted:
            small = database.ensure(server_url, f"open_{SMALL}", issues=SMALL, open_share=1.0)
            failed |= session(small, "mail")
    return int(failed or bool(report.missed))


def _no_slower(recordings: Path) -> bool:
    """Whether the sweep costs what is due and not what is open: within a quarter, which is noise between databases."""
    rows = sorted(
        (json.loads(path.read_text()) for path in recordings.glob("sweep-*.json")), key=lambda row: row["open"]
    )
    if len(rows) < 2:
        return False
    few, many = rows[0], rows[-1]
    ratio = many["seconds"] / few["seconds"]
    report.emit(
        "sweep_by_open_issues", passed=ratio <= 1.25, ratio=ratio, bound=1.25, few=few["open"], many=many["open"]
    )
    return bool(ratio <= 1.25)


def session(url: str, *measures: str) -> bool:
    """Measure one database; True where a bound was missed."""
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run([sys.executable, "-m", "bench.session", *measures], cwd=BASE, env=environment, check=False)
    if done.returncode not in (0, 3):
        report.say(f"measuring {', '.join(measures)} failed")
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
