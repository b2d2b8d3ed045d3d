"""``manage.py createsuperuser``: the same as ``create_admin``, under the name that Django's users look for."""

from offices.management.commands.create_admin import Command

__all__ = ["Command"]
