"""A proposal that its deputies took back before it was answered."""

from django.db import migrations, models

STATES = [("handling", "办理中"), ("answered", "已答复，待代表意见"), ("closed", "已办结"), ("recalled", "已撤回")]


class Migration(migrations.Migration):
    dependencies = [("proposals", "0004_a_proposal_once")]

    operations = [
        migrations.RemoveConstraint(model_name="proposal", name="proposals_state"),
        migrations.AlterField(
            model_name="proposal",
            name="state",
            field=models.CharField(choices=STATES, default="handling", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [code for code, _label in STATES])), name="proposals_state"
            ),
        ),
    ]
