"""docker-compose for real: build, up, database tests, a smoke journey through nginx, down.

Uses a project, a port, secrets and volumes of its own, so an installation that runs from the same directory stays
untouched. Needs docker with compose (v1 or v2) and nothing of the virtual environment.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from scripts import compose_env, smoke  # noqa: E402

READY_SECONDS = 420
NO_COMPOSE = "make compose-test needs docker and docker-compose (v1 or v2), and a running engine."


class ComposeError(Exception):
    """A step failed; the message is one readable line."""


def compose_command() -> list[str]:
    """`docker compose` where the plug-in is there, else `docker-compose`."""
    if not shutil.which("docker") or _code(["docker", "info"]) != 0:
        raise ComposeError(NO_COMPOSE)
    if _code(["docker", "compose", "version"]) == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise ComposeError(NO_COMPOSE)


def _code(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Project:
    """One compose project with an environment file of its own."""

    def __init__(self, directory: Path, *, demo: bool = True) -> None:
        self.port = free_port()
        self.name = f"govtracktest{self.port}"
        self.image = f"govtrack:test-{self.port}"
        self.values = {
            **compose_env.values(demo=demo),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "COMPOSE_PORT": str(self.port),
            "GOVTRACK_TAG": f"test-{self.port}",
        }
        self.file = directory / f"env-{self.port}"
        compose_env.write(self.file, self.values)
        self.compose = [*compose_command(), "--env-file", str(self.file), "--project-name", self.name]

    def run(self, *arguments: str, what: str) -> None:
        """One compose command. Raises ComposeError where it fails."""
        print(f"== {what}", flush=True)
        if subprocess.run([*self.compose, *arguments], cwd=BASE, check=False).returncode != 0:
            raise ComposeError(f"{what} failed")

    def wait_ready(self) -> None:
        """Wait for /readyz through nginx. Raises ComposeError with what is missing."""
        limit = time.monotonic() + READY_SECONDS
        status, body = 0, ""
        while time.monotonic() < limit:
            status, body = smoke.get(f"http://127.0.0.1:{self.port}/readyz")
            if status == 200:
                return
            time.sleep(2)
        raise ComposeError(f"not ready after {READY_SECONDS} s: {status} {body[:300]}")

    def test_database(self) -> None:
        """The quick database tests in the production image, against the PostgreSQL and Redis of the compose file."""
        print("== database tests", flush=True)
        image = f"{self.image}-tests"
        build = ["docker", "build", "--quiet", "--file", "deploy/test.Dockerfile", "--build-arg", f"BASE={self.image}"]
        if subprocess.run([*build, "--tag", image, "."], cwd=BASE, check=False).returncode != 0:
            raise ComposeError("the image with the tests could not be built")
        names = {
            "DATABASE_URL": f"postgres://govtrack:{self.values['POSTGRES_PASSWORD']}@postgres:5432/govtrack",
            "REDIS_URL": f"redis://:{self.values['REDIS_PASSWORD']}@redis:6379/9",
            "SECRET_KEY": "tests-only",
            "PERSONAL_DATA_KEYS": self.values["PERSONAL_DATA_KEYS"],
            "DEMO": "1",
        }
        command = ["docker", "run", "--rm", "--network", f"{self.name}_inner"]
        for name, value in names.items():
            command += ["--env", f"{name}={value}"]
        command += [image, "python", "-m", "pytest", "-n", "2", "-q", "--part", "quick"]
        command += ["-m", "not browser and not kill and not serial", "tests/integration"]
        code = subprocess.run(command, cwd=BASE, check=False).returncode
        subprocess.run(["docker", "rmi", "--force", image], capture_output=True, check=False)
        if code != 0:
            raise ComposeError("the database tests failed")

    def make_administrator(self) -> None:
        """What the guide says: the first administrator by the command, the password on its input."""
        command = [*self.compose, "exec", "-T", "web", "python", "manage.py", "create_admin", "--username", "first"]
        command.append("--password-stdin")
        print("== the first administrator", flush=True)
        if subprocess.run(command, cwd=BASE, input=f"{smoke.FIRST_PASSWORD}\n", text=True, check=False).returncode != 0:
            raise ComposeError("create_admin failed")

    def down(self) -> None:
        """Take everything away again: containers, networks, volumes, the image."""
        print("== down", flush=True)
        subprocess.run([*self.compose, "down", "--volumes", "--remove-orphans"], cwd=BASE, check=False)
        subprocess.run(["docker", "rmi", "--force", self.image], capture_output=True, check=False)


def main() -> int:
    """All steps; the project is taken down whatever happens."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        try:
            project = Project(Path(directory))
        except ComposeError as error:
            print(error, file=sys.stderr)
            return 1
        try:
            project.run("build", what="build")
            project.run("up", "--detach", what="up")
            project.wait_ready()
            print("== smoke journey through nginx", flush=True)
            smoke.journey(f"http://127.0.0.1:{project.port}")
            project.run("run", "--rm", "-T", "migrate", "backup", what="back-up")
            project.test_database()
            project.down()
            project = Project(Path(directory), demo=False)
            project.run("build", what="build of an empty office")
            project.run("up", "--detach", what="up, without the demonstration")
            project.wait_ready()
            project.make_administrator()
            smoke.first_sign_in(f"http://127.0.0.1:{project.port}")
        except (ComposeError, smoke.SmokeError) as error:
            subprocess.run([*project.compose, "logs", "--tail", "60"], cwd=BASE, check=False)
            print(f"compose-test failed: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            project.down()
    print(f"compose-test passed in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
