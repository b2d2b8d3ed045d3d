"""A promise made on an issue is confirmed by the issue's community."""

from django.db import migrations

_FILL = """
UPDATE commitments_commitment c SET community_id = i.community_id FROM issues_issue i
WHERE c.subject_kind = 'issue' AND c.subject_id = i.id AND c.community_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0025_no_card_in_the_index"), ("commitments", "0003_what_was_promised_first")]

    operations = [migrations.RunSQL(_FILL, migrations.RunSQL.noop)]
