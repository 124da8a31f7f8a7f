"""axe-core on the page that a browser shows, made to look at Arabic."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Fetching every stylesheet anew serves only a rule that none of these is.
RUN = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"],
  preload: {assets: ["media"]}}).then(
  found => found.violations.map(v => [v.id, v.nodes.map(
    n => n.html.slice(0, 160) + " " + n.failureSummary.slice(0, 200))]))"""

LOOSEN = """() => [...document.querySelectorAll("body *")].forEach(one => {
  if (getComputedStyle(one).position !== "sticky") return;
  one.dataset.stuck = "";
  one.style.setProperty("position", "relative", "important");
  one.style.setProperty("inset", "auto", "important");
})"""
STICK = """() => document.querySelectorAll("[data-stuck]").forEach(one => {
  delete one.dataset.stuck;
  one.style.removeProperty("position");
  one.style.removeProperty("inset");
})"""


@cache
def source() -> str:
    """axe takes the ligatures of shaped Arabic for an icon font, and would skip their contrast."""
    plain = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    name = re.search(r"sIconLigature:function\(\)\{return (\w+)\}", plain)
    assert name, "axe has changed: find its ligature test again"
    patched = plain.replace(
        f"function {name[1]}(", f"function {name[1]}(){{return false}}function {name[1]}_(", 1
    )
    assert patched != plain
    return patched


def violations(page: Page) -> list[Any]:
    """What axe finds wrong: (rule, the first of each node's HTML and why). Nothing is left out."""
    # A bar that sticks covers half of what lies beneath it where the page came to rest; people scroll on.
    page.evaluate(LOOSEN)
    # A message that is still fading in has the contrast of mist.
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => null)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    found: list[Any] = page.evaluate(RUN, RULES)
    page.evaluate(STICK)
    return found


def is_too_wide(page: Page) -> bool:
    """Something lies beside the screen: in the page, or in the admin's box that does not scroll sideways.

    Wagtail's closed side panel waits there on purpose.
    """
    wide: bool = page.evaluate(
        """() => {
          const waiting = [...document.querySelectorAll(".form-side:not(.form-side--open)")];
          waiting.forEach(panel => panel.style.setProperty("display", "none", "important"));
          const wide = document.documentElement.scrollWidth > innerWidth
            || [...document.querySelectorAll("main.content-wrapper > .content")].some(
              box => box.scrollWidth > box.clientWidth + 1);
          waiting.forEach(panel => panel.style.removeProperty("display"));
          return wide;
        }"""
    )
    return wide


def small_targets(page: Page) -> list[str]:
    """Controls smaller than a finger, 44 px; a tick has its label beside it and may be 24 px (WCAG 2.5.8).

    A link in a line of text is as high as its line; one whose `::after` lies over its card is as big as that.
    """
    small: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
            "main :is(a[href], button, input:not([type=hidden]), select, textarea, summary)")].filter(e => {
          const box = e.getBoundingClientRect(), style = getComputedStyle(e);
          if (box.width <= 1 || box.height <= 1 || style.visibility !== "visible" || style.opacity === "0"
            || style.display === "inline" || e.disabled
            || getComputedStyle(e, "::after").position === "absolute") return false;
          const least = e.matches("[type=checkbox], [type=radio]") ? (e.closest("label") ? 0 : 23.5) : 43.5;
          return box.width < least || box.height < least;
        }).map(e => { const box = e.getBoundingClientRect();
          return e.outerHTML.slice(0, 140) + ` ${Math.round(box.width)} by ${Math.round(box.height)}`; })"""
    )
    return small
