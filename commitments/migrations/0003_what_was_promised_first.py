"""What stood before these columns: the date that holds is the first, the subject is the source."""

from django.db import migrations

_FILL = """
UPDATE commitments_commitment SET source_kind = subject_kind, source_id = subject_id,
    first_on = coalesce(due_on, review_on)
WHERE source_kind = '' OR first_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("commitments", "0002_more_of_a_promise")]

    operations = [migrations.RunSQL(_FILL, migrations.RunSQL.noop)]
