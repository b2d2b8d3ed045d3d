from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        """What happens to an entry is told by its title alone: nobody is notified of it. In time it is forgotten."""
        from communities import forgetting
        from ledger.enums import ENTRY
        from ledger.services.masking import mask_entries
        from ledger.tellings import TELLINGS
        from reminders import tellings

        tellings.register(ENTRY, TELLINGS)
        forgetting.register(ENTRY, mask_entries)
