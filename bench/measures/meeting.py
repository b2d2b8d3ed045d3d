"""Lists of meetings, of what was raised there and of promises, with many years' worth of them."""

from typing import Final

from django.db import connection

from bench import bare
from bench.measures.reading import api_get, compared, measure_page
from bench.people import READERS, People
from bench.recording import Record
from bench.report import emit, median
from bench.server import Web
from commitments.models import Commitment
from meetings.models import Meeting

MEETINGS: Final = 20_000
ITEMS_OF_EACH: Final = 6
COMMITMENTS: Final = 200_000
BOUND: Final = 10
SLOWER: Final = 2.5

_PLACES: Final = """
WITH office AS (SELECT subdistrict_id AS id FROM communities_community WHERE name_zh = '夏东社区'),
places AS (SELECT array_agg(id ORDER BY id) AS ids FROM communities_community
    WHERE subdistrict_id IN (SELECT id FROM office)),
organisations AS (SELECT array_agg(id ORDER BY id) AS ids FROM communities_department
    WHERE subdistrict_id IN (SELECT id FROM office)),
kinds AS (SELECT array_agg(id ORDER BY id) AS ids FROM meetings_meetingkind),
person AS (SELECT min(id) AS id FROM accounts_user)
"""
_MEETINGS: Final = f"""
{_PLACES}
INSERT INTO meetings_meeting (subdistrict_id, kind_id, title, "on", precision, estimated, community_id, place,
    convener_id, beside, state, reason, historic, ref, begun_at, begun_by_id, drafted_at, drafted_by_id, confirmed_at,
    confirmed_by_id, minutes, released_at, released_by_id, version)
SELECT office.id, kinds.ids[1 + n %% cardinality(kinds.ids)], '压测会议' || n,
    current_date + (CASE WHEN met THEN -1 - n / 8 ELSE n / 200 END), 'day', false,
    places.ids[1 + n %% cardinality(places.ids)], '', organisations.ids[1 + n %% cardinality(organisations.ids)], '',
    CASE WHEN met THEN 'held' ELSE 'announced' END, '', false, '',
    CASE WHEN met THEN at END, CASE WHEN met THEN person.id END,
    CASE WHEN met THEN at END, CASE WHEN met THEN person.id END,
    CASE WHEN met THEN at END, CASE WHEN met THEN person.id END, CASE WHEN met THEN '# 一' ELSE '' END,
    CASE WHEN n %% 3 = 0 THEN at END, CASE WHEN n %% 3 = 0 THEN person.id END, 1
FROM office, places, organisations, kinds, person,
    LATERAL (SELECT n, n %% 25 <> 0 AS met, now() - interval '1 hour' * n AS at
        FROM generate_series(1, %s) AS n) AS made
"""
_COMMITMENTS: Final = f"""
{_PLACES}
INSERT INTO commitments_commitment (subdistrict_id, subject_kind, subject_id, source_kind, community_id, text, owner_id,
    due_on, first_on, precision, state, version, public, released_at, released_by_id, historic, evidence, made_at,
    made_by_id, ended_at, ended_by_id)
SELECT office.id, 'commitment', n, '', places.ids[1 + n %% cardinality(places.ids)], '压测承诺' || n,
    organisations.ids[1 + n %% cardinality(organisations.ids)], at::date + 60, at::date + 60, 'day',
    CASE WHEN runs THEN 'open' ELSE 'fulfilled' END, 1, true,
    CASE WHEN n %% 3 = 0 THEN at END, CASE WHEN n %% 3 = 0 THEN person.id END, false, '', at, person.id,
    CASE WHEN runs THEN NULL ELSE at + interval '50 days' END, CASE WHEN runs THEN NULL ELSE person.id END
FROM office, places, organisations, person,
    LATERAL (SELECT n, n %% 25 = 0 AS runs, now() - interval '10 minutes' * n AS at
        FROM generate_series(1, %s) AS n) AS made
"""
_ITEMS: Final = f"""
{_PLACES},
promises AS (SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM commitments_commitment
    WHERE text LIKE '压测承诺%%')
INSERT INTO meetings_meetingitem (subdistrict_id, meeting_id, number, key, attempt, raised_on, precision, community_id,
    raised_by, words, answer, answer_kind, department_id, answered_by, due_on, commitment_id, version)
SELECT office.id, meeting.id, one, '', '', meeting."on", 'day', places.ids[1 + meeting.id %% cardinality(places.ids)],
    '社区书记', '压测事项' || one, CASE WHEN one > 1 OR meeting.id %% 20 > 0 THEN '压测答复' ELSE '' END,
    CASE WHEN one = 1 AND meeting.id %% 20 = 0 THEN '' WHEN one %% 2 = 0 THEN 'dated' WHEN one = 3 THEN 'study'
        ELSE 'solved' END,
    organisations.ids[1 + (meeting.id + one) %% cardinality(organisations.ids)], '',
    CASE WHEN one %% 2 = 0 THEN meeting."on" + 60 WHEN one = 3 AND meeting.id %% 20 > 0 THEN meeting."on" + 30 END,
    promises.id, 1
FROM office, places, organisations, meetings_meeting AS meeting
CROSS JOIN generate_series(1, %s) AS one
LEFT JOIN promises ON one %% 2 = 0 AND promises.place = meeting.id * 3 + one / 2
WHERE meeting.title LIKE '压测会议%%' AND meeting.state = 'held'
"""
_SOURCES: Final = """
UPDATE commitments_commitment AS promise SET source_kind = 'meeting_item', source_id = item.id
FROM meetings_meetingitem AS item WHERE item.commitment_id = promise.id AND promise.text LIKE '压测承诺%%'
"""
_LISTS: Final = {
    "commitments": "/api/v1/commitments/?page_size=25",
    "commitments_late": "/api/v1/commitments/?page_size=25&overdue=true",
    "meetings": "/api/v1/meetings/?page_size=25",
}
_PAGES: Final = {
    "commitments": "/console/commitments/",
    "commitments_all": "/console/commitments/?view=all",
    "commitments_late": "/console/commitments/?view=late",
    "rates": "/console/commitments/rates/",
    "meetings": "/console/meetings/",
    "meetings_held": "/console/meetings/?view=held",
    "meetings_not_held": "/console/meetings/?view=not_held",
    "unanswered": "/console/meetings/items/?list=unanswered",
    "undated": "/console/meetings/items/?list=undated",
    "late": "/console/meetings/items/?list=late",
    "questions": "/console/meetings/questions/",
}
_PUBLIC: Final = {"promises": "/promises/", "meetings": "/meetings/"}


def measure_meetings(people: People, web: Web) -> bool:
    """Each list: at most ten statements, and by the API at most 2.5 times a bare view with its best statement."""
    _ensure()
    held = [_list(name, path, reader, people, web) for name, path in _LISTS.items() for reader in READERS]
    held += [
        measure_page(f"page_{name}", path, reader, BOUND, web) for name, path in _PAGES.items() for reader in READERS
    ]
    held += [measure_page(f"public_{name}", path, "", BOUND, web) for name, path in _PUBLIC.items()]
    return all(held)


def _ensure() -> None:
    """The rows, where they are not there yet."""
    if Meeting.objects.count() >= MEETINGS and Commitment.objects.count() >= COMMITMENTS:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_MEETINGS, [MEETINGS])
        cursor.execute(_COMMITMENTS, [COMMITMENTS])
        cursor.execute(_ITEMS, [ITEMS_OF_EACH])
        cursor.execute(_SOURCES)
        cursor.execute("VACUUM ANALYZE meetings_meeting, meetings_meetingitem, commitments_commitment")
        cursor.execute("RESET statement_timeout")


def _best(record: Record) -> str:
    """The statement that reads the page."""
    found = [row.text() for row in record.statements if "LIMIT 26" in row.sql]
    return max(found or [row.text() for row in record.statements], key=len)


def _list(name: str, path: str, reader: str, people: People, web: Web) -> bool:
    answer, record = api_get(path, people.tokens[reader][0])
    recording = bare.Recording([_best(record)], answer.content.decode(), answer["Content-Type"], token=True)
    other = bare.keep(f"{name}-{reader}", recording)
    tokens = people.turns(reader)
    ours, bares = compared(
        web,
        [web.request("GET", path, token=token) for token in tokens],
        [web.request("GET", other, token=token) for token in tokens],
        clients=1,
    )
    mine, theirs = (median([row["median_ms"] for row in rows]) for rows in (ours, bares))
    statements = len(record.statements)
    good = statements <= BOUND and mine <= SLOWER * theirs
    emit(
        "meeting_list",
        passed=good,
        of=name,
        reader=reader,
        statements=statements,
        ratio=mine / theirs,
        bound=SLOWER,
        median_ms=mine,
        bare_ms=theirs,
    )
    return good
