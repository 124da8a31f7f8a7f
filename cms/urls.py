"""The composition root: the only place that wires across layers."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as document_urls

from cms.content import views as content
from cms.content.sitemaps import SiteSitemap
from cms.health import healthz, readyz
from cms.metrics import metrics
from cms.notifications.receipts import receipt

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("graphql", include("graphql_api.urls")),
    path("admin/", include("cms.desk.front_door")),
    path("s/", include("cms.desk.inbox.short_urls")),
    path("api/", include("graphql_api.uploads")),
    path("files/", include("cms.files")),
    path("documents/", include(document_urls)),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": SiteSitemap}}, name="sitemap-xml"),
    path("robots.txt", content.robots),
    path("favicon.ico", content.favicon),
    path("receipts/sms/<slug:gateway>/<str:signature>/", receipt, name="sms_receipt"),
    path("", include("cms.portal.root_urls")),
]

if settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage"):
    # Pictures of pages only: documents and everything else in this folder go through views that ask first.
    urlpatterns.append(
        re_path(
            r"^media/(?P<path>(?:images|original_images)/.+)$", serve, {"document_root": settings.MEDIA_ROOT}
        )
    )

urlpatterns += i18n_patterns(
    path("", include("cms.content.urls")),
    path("", include("cms.portal.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)

handler400 = "graphql_api.refused.bad_request"
handler500 = "graphql_api.refused.server_error"
