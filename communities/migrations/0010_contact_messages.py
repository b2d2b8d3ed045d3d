"""Whether short messages may go to a contact's mobile. Of contacts from before nothing is known: they get none."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0009_community_address")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="contact",
            name="messages",
            field=models.CharField(
                blank=True,
                choices=[("on", "可以发短信"), ("agreed", "同意发短信"), ("off", "不发短信")],
                db_default="",
                default="",
                max_length=6,
            ),
        ),
        AddConstraintNotValid(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(messages__in=["", "on", "agreed", "off"]), name="communities_contact_messages"
            ),
        ),
    ]
