"""Python computes the journal's hashes as the database does."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seeds.load.chain import digest, jsonb_text

WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=6)
BIGINT = st.integers(min_value=-(2**63), max_value=2**63 - 1)
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.django_db
@QUICK
@given(value=OBJECTS)
def test_jsonb_prints_as_in_python(value: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(value)])
        assert jsonb_text(value) == cursor.fetchone()[0]


@pytest.mark.django_db
@QUICK
@given(
    kind=WORDS,
    subject_id=BIGINT,
    seq=st.integers(1, 2**31 - 1),
    micros=st.integers(0, 4 * 10**15),
    actor=st.none() | BIGINT,
    role=WORDS,
    visible=st.booleans(),
    data=OBJECTS,
    texts=st.dictionaries(WORDS, WORDS, max_size=3),
    previous=st.binary(max_size=40),
)
def test_the_digest_is_the_databases(
    kind: str,
    subject_id: int,
    seq: int,
    micros: int,
    actor: int | None,
    role: str,
    visible: bool,
    data: dict[str, object],
    texts: dict[str, str],
    previous: bytes,
) -> None:
    seconds, rest = divmod(micros, 1_000_000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT journal_digest('issue', %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s)",
            [subject_id, seq, kind, at, actor, role, visible, json.dumps(data), json.dumps(texts), previous],
        )
        expected = bytes(cursor.fetchone()[0])
    assert expected == digest(
        subject_kind="issue",
        subject_id=subject_id,
        seq=seq,
        kind=kind,
        at_micros=micros,
        actor_id=actor,
        actor_role=role,
        visible=visible,
        data=jsonb_text(data),
        texts=jsonb_text(texts),
        prev_hash=previous,
    )


def test_fractions_have_no_place() -> None:
    with pytest.raises(TypeError):
        jsonb_text({"share": 0.5})
