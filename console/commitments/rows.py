"""One promise as a row of a list, and its dates in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.enums import CommitmentState, Precision
from commitments.models import Commitment
from commitments.scopes import SourceAbout, source_of
from commitments.words import day_of
from common import dates
from console.kit.reading import Reader
from console.kit.shapes import Link
from issues.promise_source import about_of
from issues.reading.promises import PromiseReader
from issues.resident.words import days_late, late_words


@dataclass(frozen=True)
class PromiseRow:
    """One promise. ``first`` is the date promised first where it is another one, ``late`` how late it is, in words."""

    number: str
    url: str
    text: str
    owner: str
    source: Link
    on: str
    first: str
    late: str
    state: str
    state_label: str
    moving: bool
    historic: bool


def rows_of(found: list[Commitment], reader: Reader) -> list[PromiseRow]:
    """These rows, read with their owner and ``is_moving``; one statement whatever their number and sources.

    Of matters their number is said; of other sources their kind, the page of the promise leads to them.
    """
    words = PromiseReader(reader.access, found)
    sources = about_of(reader.access, [], words.issues)
    return [row_of(row, reader, words, sources) for row in found]


def row_of(
    row: Commitment, reader: Reader, words: PromiseReader, sources: Mapping[tuple[str, int], SourceAbout]
) -> PromiseRow:
    """One of them."""
    late = days_late(row.on, reader.now) if row.is_open else 0
    return PromiseRow(
        number=row.number,
        url=reverse("console-commitment", args=[row.pk]),
        text=words.clean(row)(row.text),
        owner=row.owner.name,
        source=source_link(row, sources),
        on=date_text(row),
        first=first_text(row),
        late=late_words(late) if late else "",
        state="overdue" if late else row.state,
        state_label=str(CommitmentState(row.state).label),
        moving=getattr(row, "is_moving", False),
        historic=row.historic,
    )


def source_link(row: Commitment, sources: Mapping[tuple[str, int], SourceAbout]) -> Link:
    """Where it comes from, and the page of that where the reader may open it."""
    source = source_of(row.source_kind)
    label = str(source.label) if source is not None else ""
    about = sources.get((row.source_kind, row.source_id or 0))
    return Link(f"{label} {about.label}".strip(), about.url) if about is not None else Link(label, "")


def date_text(row: Commitment) -> str:
    """承诺 12月31日前完成; as precisely as it was promised."""
    if row.due_on is None:
        return _("%(day)s前复查") % {"day": dates.day_weekday(row.review_on)} if row.review_on else ""
    if row.precision == Precision.YEAR:
        return _("%(year)d年内完成") % {"year": row.due_on.year}
    return _("%(day)s前完成") % {"day": day_of(row.due_on, row.precision)}


def first_text(row: Commitment) -> str:
    """原定 11月20日, where the date was moved."""
    first = row.first_promised_on
    if first is None or first == row.on:
        return ""
    return _("原定 %(day)s") % {"day": dates.day_weekday(first)}
