from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "deadlines"

    def ready(self) -> None:
        """Tell on the sign-in page who is on duty."""
        from accounts import notices
        from deadlines.duty import staffing

        notices.register_duty(staffing.duty_lines)
