from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "papers"

    def ready(self) -> None:
        """``check_deadlines`` looks at drafts and papers, too."""
        from deadlines import subjects
        from papers.reading import strange

        subjects.register_finder(strange)
