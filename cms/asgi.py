"""The ASGI application of a deployment. The embedded server wraps the same one (see cms/embedded)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

application = get_asgi_application()
