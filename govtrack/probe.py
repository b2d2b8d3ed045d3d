"""Health checks of containers: `python -m govtrack.probe /healthz|/readyz|worker|beat`, exit 0 where all is well.

A path is asked of the web server on the loopback address, under the public host name, which is among the allowed ones.
`worker` and `beat` look for the sign of life that the part leaves in Redis.
"""

import http.client
import os
import sys
import time
from urllib.parse import urlsplit

from govtrack import env

LOOPBACK = "127.0.0.1"
STALE_SECONDS = 45


def ask(path: str, *, port: int, seconds: float = 5.0) -> tuple[int, bytes]:
    """Status and body of one GET; (0, b"") where nothing answers."""
    host = urlsplit(env.env_str("PUBLIC_URL")).netloc or f"{LOOPBACK}:{port}"
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.read(65536)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def sign_of_life(part: str) -> str:
    """An empty string where the part gave a sign within the last 45 seconds, else what is wrong."""
    import redis

    try:
        with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=3, socket_connect_timeout=3) as client:
            value = client.get(f"govtrack:heartbeat:{part}")
    except redis.RedisError as error:
        return f"Redis does not answer ({type(error).__name__})"
    age = None if value is None else time.time() - float(str(value, "ascii") if isinstance(value, bytes) else value)
    if age is None or age > STALE_SECONDS:
        return f"{part} gives no sign of life"
    return ""


def main() -> int:
    """Print what was found; 0 where all is well."""
    what = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    if not what.startswith("/"):
        problem = sign_of_life(what)
        sys.stdout.write(f"{problem or 'alive'}\n")
        return 1 if problem else 0
    status, body = ask(what, port=env.env_int("PORT", default=8000))
    sys.stdout.write(f"{status or 'no answer'} {body.decode(errors='replace')}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
