"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from govtrack.charset import Utf8Only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govtrack.settings")
application = Utf8Only(get_wsgi_application())
