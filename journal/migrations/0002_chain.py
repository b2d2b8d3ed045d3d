"""The journal's guard: the database assigns the chain and refuses to change the past."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION journal_digest(
    subject_kind text, subject_id bigint, seq integer, kind text, at timestamptz, actor_id bigint, actor_role text,
    visible boolean, data jsonb, texts jsonb, prev_hash bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(prev_hash || convert_to(jsonb_build_array(
        subject_kind, subject_id, seq, kind, (extract(epoch FROM at) * 1000000)::bigint, actor_id, actor_role,
        visible, data, texts)::text, 'UTF8'))
$$;

CREATE FUNCTION journal_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hash IS NOT NULL THEN  -- a bulk load brings its own chain; verify_journal judges it
        RETURN NEW;
    END IF;
    INSERT INTO journal_chain (subject_kind, subject_id, seq, hash)
        VALUES (NEW.subject_kind, NEW.subject_id, 1, ''::bytea)
        ON CONFLICT (subject_kind, subject_id) DO UPDATE SET seq = journal_chain.seq + 1
        RETURNING journal_chain.seq, journal_chain.hash INTO NEW.seq, NEW.prev_hash;
    NEW.hash := journal_digest(NEW.subject_kind, NEW.subject_id, NEW.seq, NEW.kind, NEW.at, NEW.actor_id,
                               NEW.actor_role, NEW.visible, NEW.data, NEW.texts, NEW.prev_hash);
    UPDATE journal_chain SET hash = NEW.hash
        WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_append BEFORE INSERT ON journal_event FOR EACH ROW EXECUTE FUNCTION journal_append();

CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER journal_refuse BEFORE UPDATE OR DELETE ON journal_event
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_text_keep BEFORE DELETE ON journal_text FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_text_redact_only BEFORE UPDATE ON journal_text FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.event_id <> OLD.event_id OR NEW.key <> OLD.key OR NEW.text <> '' OR NEW.salt <> '')
    EXECUTE FUNCTION journal_refuse();
"""

BACKWARD = """
DROP TRIGGER journal_text_redact_only ON journal_text;
DROP TRIGGER journal_text_keep ON journal_text;
DROP TRIGGER journal_refuse ON journal_event;
DROP TRIGGER journal_append ON journal_event;
DROP FUNCTION journal_refuse();
DROP FUNCTION journal_append();
DROP FUNCTION journal_digest(text, bigint, integer, text, timestamptz, bigint, text, boolean, jsonb, jsonb, bytea);
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
