"""Free texts are encrypted in ``body``; ``text`` keeps what was written before until the keys are rotated.

A text may still only be emptied. While keys are rotated the owner of the table may also write it anew, as another
encryption: that it says the same is for ``verify_journal`` to find, the event keeps the digest of the words.
"""

from django.db import migrations, models

import common.fields

FORWARD = """
CREATE FUNCTION journal_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.event_id, NEW.key) = (OLD.id, OLD.event_id, OLD.key) AND NEW.text = '' THEN
        IF NEW.body IS NULL AND NEW.salt = '' THEN
            RETURN NEW;
        END IF;
        IF NEW.body IS NOT NULL AND NEW.salt = OLD.salt AND OLD.salt <> ''
            AND current_setting('govtrack.rotating', true) = 'on'
            AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER journal_text_redact_only ON journal_text;
CREATE TRIGGER journal_text_redact_only BEFORE UPDATE ON journal_text
    FOR EACH ROW EXECUTE FUNCTION journal_keep_text();
"""

BACKWARD = """
DROP TRIGGER journal_text_redact_only ON journal_text;
DROP FUNCTION journal_keep_text();
CREATE TRIGGER journal_text_redact_only BEFORE UPDATE ON journal_text FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.event_id <> OLD.event_id OR NEW.key <> OLD.key OR NEW.text <> '' OR NEW.salt <> '')
    EXECUTE FUNCTION journal_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0005_audit_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE journal_text ALTER COLUMN text SET DEFAULT ''",
                    "ALTER TABLE journal_text ALTER COLUMN text DROP DEFAULT",
                )
            ],
            [
                migrations.RenameField("eventtext", "text", "before"),
                migrations.AlterField(
                    "eventtext", "before", models.TextField(blank=True, db_column="text", db_default="", default="")
                ),
            ],
        ),
        migrations.AddField("eventtext", "text", common.fields.EncryptedBytesField(db_column="body", null=True)),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
