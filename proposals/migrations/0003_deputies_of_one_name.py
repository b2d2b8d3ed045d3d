"""Two deputies of one name in different delegations are two."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proposals", "0002_rungs_limits")]

    operations = [
        migrations.RemoveConstraint(model_name="proposaldeputy", name="proposals_deputy_once"),
        migrations.AddConstraint(
            model_name="proposaldeputy",
            constraint=models.UniqueConstraint(
                fields=("proposal", "name", "delegation"), name="proposals_deputy_of_each"
            ),
        ),
    ]
