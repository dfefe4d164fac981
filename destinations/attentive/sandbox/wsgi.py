import os

os.environ["DJANGO_SETTINGS_MODULE"] = "destinations.attentive.sandbox.settings"

from django.core.wsgi import get_wsgi_application

from destinations.attentive.sandbox.carrying_out import start

application = get_wsgi_application()
start()
