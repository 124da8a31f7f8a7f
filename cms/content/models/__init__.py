from .pages import (
    FaqPage,
    HomePage,
    InformationPage,
    NewsIndexPage,
    NewsPage,
    PageVote,
    ServiceGuidePage,
)
from .tenant import MenuSettings, TenantSettings

__all__ = [
    "FaqPage",
    "HomePage",
    "InformationPage",
    "MenuSettings",
    "NewsIndexPage",
    "NewsPage",
    "PageVote",
    "ServiceGuidePage",
    "TenantSettings",
]
