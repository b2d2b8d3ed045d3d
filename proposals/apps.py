from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"

    def ready(self) -> None:
        """Proposals are subjects of deadlines; what a B answer promises comes from them, and is told when kept."""
        from commitments import scopes
        from deadlines import kinds
        from deadlines import subjects as tables
        from proposals import promise_source, subject
        from proposals import tellings as own
        from proposals.enums import PROPOSAL
        from proposals.models import Proposal
        from proposals.services.answering import promise_kept
        from reminders import rungs, subjects, tellings
        from reminders.ladder import DEFAULT_LADDER

        tables.register(PROPOSAL, "proposals.Proposal")
        scopes.register(PROPOSAL, Proposal.objects.visible_to)
        scopes.register_source(promise_source.ProposalSource())
        scopes.when_kept(PROPOSAL, promise_kept)
        kinds.register(own.CLOCKS)
        rungs.register(own.RUNGS)
        DEFAULT_LADDER.add(own.LADDER)
        tellings.register(PROPOSAL, own.TELLINGS)
        subjects.register(subject.ProposalSubject())
