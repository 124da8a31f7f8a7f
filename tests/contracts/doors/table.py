"""Who may open which door: one row for each route, or for routes of one kind by a pattern of their names.

The first row that fits a route holds for it, and a route that no row fits fails the contract. Source:
domain.md, 'Who may do what': what one may not see answers as what is not there; what one sees but may not
do is refused by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase


class Answer(StrEnum):
    """What one meets at a door. OPEN: a page, a file, a step further, or words about what one has sent."""

    OPEN = "open"
    SIGN_IN = "sign in"
    CLOSED = "closed"
    MISSING = "missing"
    TRACK = "to the tracking page"
    NO_SUCH_METHOD = "no such method"


def people(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split(","))


NOBODY: frozenset[str] = frozenset()
VISITORS = people("stranger, sender, other sender")
# One of each role, an account without any, and a superuser.
ROLES = people(
    "coordinator, specialist, leader, supervisor, emirate, auditor, agent, editor, admin, triage, no role"
    ", superuser"
)
# Others of a role, for whom a report is one of a colleague, of another entity, or one they are named for.
BESIDE = people("coordinator above, coordinator of water, specialist beside, grantee")
STAFF = ROLES | BESIDE
INSIDE = STAFF - {"no role"}
EVERYBODY = VISITORS | STAFF

AGENT, ADMIN, AUDITOR = people("agent"), people("admin"), people("auditor")
EDITORS = people("editor, superuser")
ROOT = people("superuser")
CATALOGUE = people("supervisor, admin")
OVERSEERS = people("supervisor, auditor, triage")
READERS = INSIDE - people("agent, editor, admin, superuser")
WORKERS = READERS - people("leader, emirate, auditor")

OF_THE_CATALOGUE = ("services", "categories", "routing", "entities", "places", "reply-templates", "reasons")
OF_THE_CATALOGUE += ("calendars", "occasions")

SEES: dict[str, frozenset[str]] = {
    "north": people(
        "coordinator, coordinator above, specialist, leader, supervisor, emirate, auditor, triage"
    ),
    "water": people("coordinator of water, grantee, supervisor, emirate, auditor, triage"),
    "secret": people("grantee, triage"),
    "triage": people("supervisor, emirate, auditor, triage"),
    "letter": people("coordinator of water, grantee, supervisor, emirate, auditor, triage"),
    "missing": NOBODY,
}
# In whose name an entity's letter went, and those above it.
SENT = {"letter": people("coordinator, coordinator above, leader")}
SENDERS = people("coordinator, coordinator above, coordinator of water, leader, grantee")
OWNED = {"north": people("coordinator"), "water": people("coordinator of water")}

By = frozenset[str] | Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Door:
    """`get` and `post`: to whom the method opens it, by the kind of report where it leads to one.

    Where None the method is not served: who comes so far meets NO_SUCH_METHOD. `hides`: to whom it is then
    not there; to other staff it is closed. `named`: who is refused by name although it hides. `body` is what
    a POST brings.
    """

    route: str
    get: By | None = None
    post: By | None = None
    hides: frozenset[str] = NOBODY
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    # What staff meet where it is neither open nor hidden.
    inside: Answer = Answer.CLOSED
    # What is written although one is let in nowhere.
    writes: frozenset[str] = frozenset()
    # What visitors meet; where it is not the sign-in, staff too: on the site they are visitors.
    outside: Answer = Answer.SIGN_IN
    # Whom Wagtail lets in, it asks again for each page; and some of its views break on an empty form.
    wagtails: bool = False

    @property
    def is_of_site(self) -> bool:
        return self.route.startswith(("portal", "content:", "upload", "files:", "wagtail_serve", "/^media"))

    @property
    def by_report(self) -> bool:
        return any(isinstance(by, Mapping) for by in (self.get, self.post))

    def fits(self, route: str) -> bool:
        return self.route == route or fnmatchcase(route, self.route)

    def opens_to(self, method: str, kind: str) -> frozenset[str] | None:
        by = self.get if method == "get" else self.post
        return by.get(kind, NOBODY) if isinstance(by, Mapping) else by

    def answer(self, method: str, actor: str, kind: str) -> Answer:
        open_to = self.opens_to(method, kind)
        if open_to is not None and actor in open_to:
            return Answer.OPEN
        if actor in VISITORS or self.outside is not Answer.SIGN_IN:
            return self.outside
        if actor in self.named.get(kind, NOBODY):
            return Answer.CLOSED
        return Answer.MISSING if actor in self.hides else self.inside


def seen_by(names: frozenset[str]) -> dict[str, frozenset[str]]:
    """Those of these people who see the report."""
    return {kind: who & names for kind, who in SEES.items()}


def all_but_missing(names: frozenset[str]) -> dict[str, frozenset[str]]:
    return {kind: names for kind in SEES if kind != "missing"}


def public(route: str, post: bool = False) -> Door:
    return Door(route, EVERYBODY, EVERYBODY if post else None, outside=Answer.MISSING)


def of_report(
    route: str, get: bool = False, post: bool = False, to: frozenset[str] = STAFF, **more: object
) -> Door:
    """A page of one report at the desk, which is not there for who does not see the report."""
    by = seen_by(to)
    return Door(route, by if get else None, by if post else None, hides=INSIDE, **more)  # type: ignore[arg-type]


def kept(space: str, to: frozenset[str], views: str = "index* history* add edit") -> tuple[Door, ...]:
    """The screens of one kind of configuration: lists, which take no POST, and forms."""
    return tuple(Door(f"{space}:{view}", to, None if view.endswith("*") else to) for view in views.split())


DOORS: tuple[Door, ...] = (
    # --- The site --------------------------------------------------------------------------------------
    *(public(route) for route in ("/healthz", "/readyz", "/robots.txt", "/favicon.ico", "content:s*")),
    # Who asks from this machine, as all do here; through a proxy, or with a token set, it is not there.
    public("/metrics"),
    public("sitemap-xml", post=True),
    # The pictures and papers of these tests lie in memory, and not in the folder that is served.
    Door("/^media/*", NOBODY, outside=Answer.MISSING),
    Door("wagtaildocs_serve", NOBODY, NOBODY, outside=Answer.MISSING),
    public("graphql", post=True),
    Door("content:theme", post=EVERYBODY),
    Door("content:vote", post=all_but_missing(EVERYBODY), outside=Answer.MISSING),
    *(public(f"wagtail{route}", post=True) for route in ("_serve", "core_login")),
    # No page and no document of ours is behind a password.
    Door("wagtail*_authenticate_with_password", NOBODY, NOBODY, outside=Answer.MISSING),
    # --- A citizen's report ----------------------------------------------------------------------------
    public("portal:submit", post=True),
    *(public(f"portal:{step}", post=True) for step in ("find", "where", "details", "who", "review")),
    public("portal:done"),
    # Without a draft it leads to the beginning.
    public("portal:similar"),
    # Nobody was given a key of a case.
    Door("portal:follow", post={}, outside=Answer.MISSING),
    Door("portal:save", post=EVERYBODY),
    Door("portal:add_files", post=EVERYBODY, query="?step=what"),
    # A draft's file is its draft's alone, and nobody here has a draft.
    Door("portal:draft_file", NOBODY, outside=Answer.MISSING),
    Door("portal:remove_file", post=EVERYBODY, query="?step=what"),
    Door("portal:start_again", post=EVERYBODY),
    # A wrong pair comes back to where it was written.
    Door("portal:track", EVERYBODY, NOBODY, outside=Answer.TRACK),
    Door("portal:report", {"north": people("sender")}, outside=Answer.TRACK),
    # It has no parts: they are not there for its sender either.
    Door("portal:part", NOBODY, outside=Answer.TRACK),
    Door("portal:act_part", post={}, outside=Answer.TRACK),
    Door("portal:act", post={"north": people("sender")}, outside=Answer.TRACK),
    Door("portal:file", {"north": people("sender")}, outside=Answer.MISSING),
    public("portal:my_reports", post=True),
    public("portal:own_data", post=True),
    Door("portal:sign_out", post=EVERYBODY),
    # Nobody here is a gateway.
    Door("sms_receipt", NOBODY, NOBODY, outside=Answer.MISSING),
    # Nobody signed this one.
    Door("portal:unsubscribe", NOBODY, NOBODY, outside=Answer.MISSING),
    # Its number is nobody's.
    Door("portal:demo_phone", NOBODY, outside=Answer.MISSING),
    # Who holds a message's link, or one that was signed, is let in by it.
    # A short link to the desk says nothing of what it leads to: there one is asked.
    *(public(f"desk_short:{page}") for page in ("inbox", "report")),
    Door("portal_root:link", all_but_missing(EVERYBODY), outside=Answer.TRACK),
    Door("files:signed", all_but_missing(EVERYBODY), outside=Answer.MISSING),
    Door("uploads", post=EVERYBODY),
    Door("upload", NOBODY, outside=Answer.MISSING),
    Door("upload_part"),
    Door("upload_unknown", NOBODY, outside=Answer.MISSING),
    # --- Signing in, and one's own account -------------------------------------------------------------
    public("account_login", post=True),
    public("wagtailadmin_login", post=True),
    public("account_inactive"),
    *(public(f"wagtailadmin_password_reset{step}") for step in ("_done", "_complete")),
    *(public(f"wagtailadmin_password_reset{step}", post=True) for step in ("", "_confirm")),
    Door("account_logout", post=STAFF),
    Door("account_reauthenticate", STAFF, STAFF),
    *(Door(f"mfa_{page}", STAFF) for page in ("index", "list_webauthn")),
    # Who has no second factor has nothing of it to read; the rest asks for the password once more.
    *(Door(f"mfa_{page}_recovery_codes", NOBODY, hides=STAFF) for page in ("view", "download")),
    Door("mfa_deactivate_totp", NOBODY, NOBODY, hides=STAFF),
    Door("mfa_login_webauthn", STAFF, inside=Answer.SIGN_IN),
    Door("mfa_authenticate", STAFF, STAFF),
    Door("mfa_*", NOBODY, NOBODY, inside=Answer.SIGN_IN),
    Door("usersessions_list", INSIDE, INSIDE),
    *(Door(f"wagtailadmin_{page}", INSIDE) for page in ("home", "dismissibles")),
    Door("wagtailadmin_account", INSIDE, INSIDE),
    Door(
        "wagtailadmin_logout",
        post=NOBODY,
        inside=Answer.SIGN_IN,
        named={"north": people("no role")},
        writes=people("permissions_auditevent"),
    ),
    public("wagtailadmin_sprite", post=True),
    public("wagtailadmin_javascript_catalog"),
    Door("/admin/test404/", INSIDE),
    Door("/admin/^.*/$", NOBODY, NOBODY, hides=INSIDE, inside=Answer.SIGN_IN),
    # --- The desk --------------------------------------------------------------------------------------
    *(Door(f"desk:{page}", AGENT) for page in ("centre_done", "centre_entered")),
    Door("desk:centre", AGENT, AGENT),
    Door("desk:erasing", ADMIN, ADMIN, hides=INSIDE, body={"do": "propose"}),
    Door("desk:sees", OVERSEERS | ADMIN),
    Door("desk:table", CATALOGUE, CATALOGUE),
    Door("desk:table_export", CATALOGUE),
    # Nobody here has sent a file: who may is told that its check is over.
    Door("desk:table_check", CATALOGUE, CATALOGUE),
    # Who reads the audit trail sees what failed; to try it again is for who keeps the configuration.
    Door("desk:failed", ADMIN | AUDITOR, ADMIN, hides=INSIDE, named={"north": AUDITOR}, body={"do": "all"}),
    Door("desk:webhook", ADMIN, ADMIN, hides=INSIDE, body={"do": "failed"}),
    Door("desk:handovers", CATALOGUE, CATALOGUE, hides=INSIDE),
    # Who keeps the catalogue plans and takes back; to confirm is for who keeps people too.
    Door("desk:handover", CATALOGUE, CATALOGUE, hides=INSIDE, body={"do": "withdraw"}),
    Door("desk:handover_progress", CATALOGUE, hides=INSIDE),
    Door("desk:ladders", ADMIN, ADMIN, hides=INSIDE),
    Door("desk:ladder", ADMIN, ADMIN, hides=INSIDE),
    Door("desk:postponements", CATALOGUE, CATALOGUE, hides=INSIDE),
    # Who keeps calendars plans and takes back; to confirm is for who keeps the configuration too.
    Door("desk:postponement", CATALOGUE, CATALOGUE, hides=INSIDE, body={"do": "withdraw"}),
    Door("desk:postponement_progress", CATALOGUE, hides=INSIDE),
    # One's own inbox, whoever one is; of others' notices not even that they are there.
    *(Door(f"desk:{page}", INSIDE) for page in ("inbox", "inbox_count", "live")),
    Door("desk:inbox_choices", INSIDE, INSIDE),
    Door("desk:inbox_read", post=INSIDE, body={"until": "2026-01-01T00:00:00+03:00"}),
    *(Door(f"desk:{page}", post=OWNED, hides=INSIDE) for page in ("inbox_open", "inbox_mark")),
    Door("desk:by_reference", SEES, hides=INSIDE),
    *(Door(f"desk:{page}", READERS) for page in ("queue", "list", "fresh", "views")),
    Door("desk:bulk", post=WORKERS, hides=READERS, body={"do": "note"}),
    Door("desk:save_view", post=READERS),
    *(
        Door(f"desk:{page}", post=OWNED, hides=READERS, body={"do": "no_default"})
        for page in ("change_view", "mention_seen")
    ),
    *(Door(f"desk:{page}", READERS) for page in ("search", "search_suggestions", "searches")),
    *(Door(f"desk:search_exports{part}", READERS) for part in ("", "_progress")),
    Door("desk:save_search", post=READERS),
    Door("desk:export_search", post=READERS, body={"format": "csv"}),
    Door("desk:change_search", post=OWNED, hides=READERS, body={"do": "watch"}),
    Door("desk:search_export_file", OWNED, hides=READERS),
    Door("desk:sent", SENDERS),
    Door("desk:letter", SENDERS, SENDERS),
    *(Door(f"desk:sent_{page}", SENT, hides=SENDERS) for page in ("report", "file")),
    Door("desk:sent_act", post=SENT, hides=SENDERS),
    *(of_report(f"desk:{page}", get=True) for page in ("report", "print", "file", "alike")),
    of_report("desk:presence", post=True),
    of_report("desk:who", get=True, to=OVERSEERS),
    of_report("desk:mention", get=True, post=True, to=WORKERS, named=SEES),
    # Whether they may is told on the page they come back to: `test_doors_of_actions` counts what happened.
    *(of_report(f"desk:{page}", post=True) for page in ("act", "reveal")),
    # --- Configuration ---------------------------------------------------------------------------------
    *(door for space in OF_THE_CATALOGUE for door in kept(space, CATALOGUE)),
    *(
        Door(f"{space}:delete", CATALOGUE, CATALOGUE)
        for space in ("routing", "reply-templates", "reasons", "occasions")
    ),
    Door("routing:try", CATALOGUE),
    *kept("synonyms", ADMIN, "index* history* add edit delete"),
    Door("synonyms:try", ADMIN),
    *kept("services", CATALOGUE, "confirm"),
    *kept("memberships", ADMIN, "index* history* add edit confirm"),
    *kept("grants", ADMIN, "index* history* add edit confirm"),
    *kept("people", ADMIN, "index* add edit take_second_factor"),
    *kept("message-texts", ADMIN, "index* history* edit"),
    *kept("message-rules", ADMIN, "index* history* add edit delete"),
    Door("desk:try_text", CATALOGUE, CATALOGUE),
    *kept("outbox", ADMIN, "index*"),
    *kept("pending", ADMIN, "index*"),
    *(
        door
        for space in ("sms-gateways", "sender-names", "webhooks")
        for door in kept(space, ADMIN, "index* history* add edit delete")
    ),
    *kept("audit", AUDITOR, "index*"),
    # --- Wagtail's own screens -------------------------------------------------------------------------
    # The keys of the whole site are no role's; what makes one account into another is nobody's.
    Door("wagtailusers_users:*", NOBODY, NOBODY),
    *(
        Door(f"{space}:*", ROOT, ROOT, wagtails=True)
        for space in ("wagtailsites", "wagtaillocales", "wagtailusers_groups")
    ),
    Door("wagtailadmin_error_test", EDITORS, EDITORS, wagtails=True),
    *(
        Door(f"{space}*", EDITORS, EDITORS, wagtails=True)
        for space in (
            "wagtailadmin_",
            "wagtail_bulk_action",
            "wagtail_localize:",
            "wagtailforms:",
            "wagtailredirects:",
            "edit_setting",
            "wagtailsettings:",
            "wagtailembeds:",
            "wagtailsnippets:",
            "wagtaildocs",
            "wagtailimages",
        )
    ),
)


def door_of(route: str) -> Door | None:
    return next((door for door in DOORS if door.fits(route)), None)
