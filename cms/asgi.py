"""The ASGI application of a deployment. The embedded server wraps the same one (see cms/embedded)."""

import os
import sys

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

try:
    application = get_asgi_application()
except ImproperlyConfigured:
    # Whatever server loads this prints the list of what to mend, without the forty lines above it.
    sys.tracebacklimit = 0
    raise
