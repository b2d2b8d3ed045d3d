"""Ask the web server of this machine for its health: `python -m govtrack.probe [/healthz|/readyz]`, exit 0 on 200.

The question goes to the loopback address under the public host name, which is among the allowed ones.
"""

import http.client
import sys
from urllib.parse import urlsplit

from govtrack import env

LOOPBACK = "127.0.0.1"


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


def main() -> int:
    """Print what came back; 0 where the status is 200."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    status, body = ask(path, port=env.env_int("PORT", default=8000))
    sys.stdout.write(f"{status or 'no answer'} {body.decode(errors='replace')}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
