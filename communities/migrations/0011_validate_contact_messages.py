from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("communities", "0010_contact_messages")]

    operations = [ValidateConstraint(model_name="contact", name="communities_contact_messages")]
