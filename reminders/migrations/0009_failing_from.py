"""Moments are called at, from or until."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reminders", "0008_channel_outages")]

    operations = [migrations.RenameField("deliverychannel", "failing_since", "failing_from")]
