from django.db import migrations, models
from django.db.models import Q

import common.fields


class Migration(migrations.Migration):
    dependencies = [("communities", "0006_three_administrators")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="contact",
            name="numbers",
            field=common.fields.EncryptedTextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="contact",
            name="numbers_reason",
            field=common.fields.EncryptedTextField(blank=True, db_default="", default=""),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=Q(numbers="", numbers_reason="") | (~Q(numbers="") & ~Q(numbers_reason="")),
                name="communities_contact_numbers_for_a_reason",
            ),
        ),
    ]
