"""Bring stored phones into the canonical form, with hash and last four digits of their line.

Read in batches, each changed in its own transaction; a second run finds nothing to do. What can be no number today keeps
its digits and its hash, and is still found by them (common.phones.comparable).
"""

import re

from django.core.exceptions import ValidationError
from django.db import migrations, transaction

BATCH = 2000


def canonical(stored: str) -> str:
    """The canonical form of a phone as it was stored; itself where there is none."""
    from common.phones import normalise_phone

    for text in (stored, "+86" + stored) if re.fullmatch(r"[1-9]\d{9,10}", stored) else (stored,):
        try:
            return normalise_phone(text)
        except ValidationError:
            continue
    return stored


def _columns(stored: str) -> "tuple[str, str, str]":
    from communities.models.people import phone_columns

    return phone_columns(canonical(stored))


def renormalise(connection, table: str) -> None:
    from common.crypto import UnreadablePersonalData, decrypt, encrypt

    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, phone, phone_hash FROM {table} WHERE id > %s AND phone <> '' ORDER BY id LIMIT %s",  # noqa: S608
                [last, BATCH],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last, changed = rows[-1][0], []
        for pk, token, known in rows:
            try:
                stored = decrypt(token)
            except UnreadablePersonalData:
                continue  # a key is missing: the row stays as it is, and is as unreadable to the product
            phone, found_by, tail = _columns(stored)
            if found_by != known or phone != stored:
                changed.append([encrypt(phone), found_by, tail, pk, token])
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for values in changed:
                cursor.execute(
                    f"UPDATE {table} SET phone = %s, phone_hash = %s, phone_last4 = %s"  # noqa: S608
                    " WHERE id = %s AND phone = %s",
                    values,
                )


def forward(apps, schema_editor):
    renormalise(schema_editor.connection, "communities_contact")
    renormalise(schema_editor.connection, "communities_leader")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("communities", "0002_emergency_words")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop, elidable=True)]
