"""Make titles and words of existing matters anew where they come out differently.

A title that was made of the first words is made again where it was empty, a greeting or a phone; words leave out
persons' numbers and know characters beyond the first plane; of a confidential matter both leave out the reporter's name.
A million rows are read in some minutes, in batches of their
own transactions; a second run finds nothing to do.
"""

import re

from django.db import migrations, transaction

BATCH = 2000
_JOINED = (
    ("community", "name_zh"),
    ("neighbourhood", "name"),
    ("building", "name"),
    ("contact", "name"),
    ("contact", "phone"),
)
_MAY_CHANGE = re.compile(r"(?:\d\D{0,3}){7}|[〇零一二三四五六七八九幺]{7}|[^\x00-\uffff]")


def _first_words(description: str) -> str:
    """The title as it was made before."""
    line = description.strip().splitlines()[0] if description.strip() else ""
    for stop in "。！？!?；;":
        line = line.split(stop)[0]
    return line if len(line) <= 40 else line[:39] + "…"


def _changes(title: str, description: str, address: str, confidential: bool) -> bool:
    from issues.titles import title_of

    if confidential:
        return True
    if title == _first_words(description) and title_of(description) not in ("", title):
        return True
    return any(_MAY_CHANGE.search(text) for text in (title, description, address))


def make_anew(apps, schema_editor):
    from issues.models import Issue
    from issues.services.creation import listed_title, searchable
    from issues.titles import title_of

    alias = schema_editor.connection.alias
    every = Issue.objects.using(alias)
    columns = ("id", "title", "description", "address", "confidential")
    last = 0
    while True:
        rows = list(every.filter(pk__gt=last).order_by("pk").values_list(*columns)[:BATCH])
        if not rows:
            return
        last = rows[-1][0]
        wanted = [pk for pk, *texts in rows if _changes(*texts)]
        if not wanted:
            continue
        with transaction.atomic(using=alias):
            locked = (
                every.filter(pk__in=wanted)
                .select_for_update(of=("self",), no_key=True)
                .only(*columns, *(f"{row}__{name}" for row, name in _JOINED))
            )
            issues = list(locked.select_related(*(row for row, _name in _JOINED)))
            for issue in issues:
                if issue.title == _first_words(issue.description):
                    issue.title = title_of(issue.description) or issue.title
                issue.title = listed_title(issue)
                issue.lexemes = searchable(issue)
            every.bulk_update(issues, ["title", "lexemes"], batch_size=500)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0013_outside_key")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop, elidable=True)]
