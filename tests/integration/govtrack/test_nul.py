"""A NUL character in an address, a query or a cookie; tests/security/test_hostile_values.py tries all addresses."""

import pytest
from django.test import Client

from tests.support.cast import World


def test_the_address_of_the_report(client: Client, db: None) -> None:
    assert client.get("/report/?again=%00").status_code == 200
    assert client.get("/t/a%00b/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/console/", "/api/v1/issues/", "/login/"])
def test_a_session_cookie_with_a_nul_is_no_session(client: Client, world: World, path: str) -> None:
    answer = client.get(path, headers={"Cookie": 'sessionid="\\000\\000\\000\\000abcdefgh"'})
    assert answer.status_code in (200, 302, 401)
