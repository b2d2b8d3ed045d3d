"""The WSGI application that gunicorn serves."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from govtrack.charset import Utf8Only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govtrack.settings")
application = Utf8Only(get_wsgi_application())
# The pages are loaded once, before gunicorn forks its workers, and not by the first request of each.
import_module(settings.ROOT_URLCONF)
