"""The WSGI application of a deployment: the many web processes behind a proxy."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

try:
    application = get_wsgi_application()
except ImproperlyConfigured:
    # Whatever server loads this prints the list of what to mend, without the forty lines above it.
    sys.tracebacklimit = 0
    raise
