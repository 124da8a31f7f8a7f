// The queue's keyboard and its bulk work. Without it the boxes, the bar and the form after it do the same.
(() => {
  const { $, $$, typing, keys, shortcuts, kept } = window.sawt;
  const queue = $("[data-queue]");
  if (!queue) return;
  const REPLIES = (queue.dataset.reply || "").split(" ").filter(Boolean);
  const list = $("[data-list]", queue), dialog = $("[data-bulk-dialog]", queue), legend = $("[data-keys]", queue);
  let shown = null;

  // What works on the rows that stand there now; `over` ends it when others come in their place.
  const begin = (over, first) => {
    const rows = $$("tbody tr", list);
    const links = rows.map((row) => $(".subj a", row));
    const boxes = rows.map((row) => $(".c-check input", row));
    const place = "sawt-queue-at";
    const store = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* private mode */ } };
    const stored = (name) => { try { return sessionStorage.getItem(name); } catch { return null; } };
    // The report's page steps through what this page listed.
    store(kept, JSON.stringify({ back: location.href, rows: links.map((link) => link.pathname) }));

    let at = -1;
    const stand = (index) => {
      if (at >= 0) rows[at].classList.remove("at");
      at = index;
      rows[at].classList.add("at");
      store(place, links[at].pathname);
    };
    const go = (step) => {
      if (!rows.length) return;
      stand(at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step)));
      links[at].focus({ preventScroll: true });
      rows[at].scrollIntoView({ block: "nearest" });
    };
    const visit = (hash) => { if (rows.length) location.href = links[Math.max(at, 0)].href + hash; };
    list.addEventListener("focusin", (event) => {
      const index = rows.indexOf(event.target.closest("tbody tr"));
      if (index >= 0 && index !== at) stand(index);
    }, { signal: over });

    // ---- bulk work
    const bulk = $("[data-bulk-rows]", list), bar = $("[data-bulk]", list), all = $("[data-all]", list);
    const plural = new Intl.PluralRules(document.documentElement.lang || "ar");
    const FORMS = ["zero", "one", "two", "few", "many", "other"];
    const count = (forms, n) => forms.split("|")[FORMS.indexOf(plural.select(n))].replace("#", n);
    const ticked = () => rows.filter((_row, index) => boxes[index]?.checked);
    const sync = () => {
      if (!bar) return;
      const picked = ticked(), n = picked.length;
      rows.forEach((row, index) => row.setAttribute("aria-selected", String(Boolean(boxes[index]?.checked))));
      bar.hidden = !n;
      all.checked = n > 0 && n === rows.length;
      all.indeterminate = n > 0 && n < rows.length;
      const words = $("[data-bulk-count]", bar);
      words.textContent = count(words.dataset.forms, n);
      $$("[data-action]", bar).forEach((button) => {
        const possible = picked.filter((row) => row.dataset.may.split(" ").includes(button.dataset.action)).length;
        $("[data-possible]", button).textContent = possible < n ? ` (${possible})` : "";
        button.disabled = !possible;
      });
    };
    const tick = (index, checked) => { if (boxes[index]) boxes[index].checked = checked; };
    const clear = () => { rows.forEach((_row, index) => tick(index, false)); sync(); };

    const native = (action) => { bulk.dataset.native = "1"; bulk.requestSubmit($(`[data-action="${action}"]`, bar)); };
    const show = (html) => {
      dialog.innerHTML = html;
      dialog.showModal();
      const form = $("form", dialog);
      ($(".field :is(textarea, select, input:checked)", form) || $(".field input", form) || $(".primary", form))?.focus();
      $("[data-cancel]", form).addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
      form.addEventListener("submit", (event) => { if (form.dataset.sent) event.preventDefault(); form.dataset.sent = "1"; });
    };
    // For what is ticked, or else for the row that one stands on.
    const ask = async (action) => {
      const picked = ticked();
      if (!picked.length) { if (at < 0) stand(0); tick(at, true); sync(); }
      const data = new FormData(bulk);
      data.set("do", action);
      data.set("fragment", "1");
      let answer = null;
      try { answer = await fetch(bulk.action, { method: "POST", body: data }); } catch { /* the page itself will say it */ }
      if (answer?.ok && !answer.redirected) show(await answer.text()); else native(action);
    };
    const under = () => rows.slice(Math.max(at, 0), Math.max(at, 0) + 1);
    const may = (those, action) => those.some((row) => row.dataset.may.split(" ").includes(action));
    const possible = (action) => { const picked = ticked(); return may(picked.length ? picked : under(), action); };
    // A letter whose buttons stand in the bar; where none of them is possible now it says so.
    const asking = (...actions) => {
      const those = actions.filter((action) => bar && $(`[data-action="${action}"]`, bar)), open = those.find(possible);
      if (!those.length) return null;
      return open ? () => ask(open) : () => say($("[data-bulk-said]", queue).dataset.refusal);
    };
    const say = (text) => { const said = $("[data-bulk-said]", queue); said.textContent = ""; requestAnimationFrame(() => { said.textContent = text; }); };

    if (bulk && bar) {
      all.hidden = false;
      bulk.addEventListener("change", (event) => {
        if (event.target === all) rows.forEach((_row, index) => tick(index, all.checked));
        sync();
      });
      bulk.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
      bulk.addEventListener("submit", (event) => {
        if (bulk.dataset.native) { delete bulk.dataset.native; return; }
        if (!event.submitter?.dataset.action) return;
        event.preventDefault();
        ask(event.submitter.dataset.action);
      });
      // In the form a digit chooses, Enter sends, and Ctrl with Enter sends from a text.
      dialog.addEventListener("keydown", (event) => {
        const form = $("form", dialog);
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); return; }
        if (!shortcuts || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
        const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/);
        const radio = digit && $$("input[type=radio]", form)[digit[1] - 1];
        if (radio) { event.preventDefault(); radio.checked = true; radio.focus(); }
      }, { signal: over });
      addEventListener("pageshow", sync, { signal: over });
      sync();
    }

    const act = (code, shift) => {
      if (shift) return null;
      const view = $(`.views a[data-key="${code}"]`, queue);
      if (view) return () => view.click();
      const onLink = document.activeElement?.closest("a, button, summary, input");
      return {
        KeyJ: () => go(1), KeyK: () => go(-1), KeyF: () => $("#q").focus(), Slash: () => $("#q").focus(),
        Enter: !onLink && at >= 0 && (() => visit("")),
        KeyX: bar && boxes[Math.max(at, 0)] && (() => { if (at < 0) go(1); tick(at, !boxes[at]?.checked); sync(); }),
        Escape: bar && ticked().length && !$(".pick[open]", queue) && clear,
        KeyA: asking("assign", "reassign"), KeyD: asking("route", "transfer"), KeyT: asking("return"), KeyN: asking("note"),
        KeyR: REPLIES.some((action) => may(under(), action)) && (() => visit("#key-KeyR")),
      }[code];
    };
    // A row of the dialog of keys: of the bar's actions those that are possible now.
    act.offers = (row) => (row.dataset.do ? bar && row.dataset.do.split(" ").some(possible) : row.dataset.acts.split(" ").some((code) => act(code, false)));
    legend.hidden = !shortcuts || !rows.length;

    // Back from a report or from the form: where one stood in this tab. What became of the rows is read first.
    const was = first ? links.findIndex((link) => link.pathname === stored(place)) : -1;
    if (was >= 0) {
      stand(was);
      rows[at].scrollIntoView({ block: "nearest" });
      links[at].focus({ preventScroll: true });
    }
    // ---- as the reports are now, without moving a row: once a minute, while somebody looks
    const notice = $("[data-changed]", list);
    const changed = new Set();
    const renew = (index, now) => {
      const row = rows[index];
      if (now && now.revision === Number(row.dataset.revision)) return;
      changed.add(row.dataset.reference);
      const focused = row.contains(document.activeElement), box = boxes[index], was = box?.checked;
      if (now) {
        // A tick keeps the version that was seen when it was made, so that nobody acts on what they did not read.
        row.innerHTML = now.html;
        row.dataset.revision = now.revision;
        row.dataset.may = now.may;
      } else {
        const cell = document.createElement("td");
        cell.colSpan = row.cells.length;
        cell.textContent = notice.dataset.gone;
        row.replaceChildren(cell);
        row.dataset.may = "";
        row.dataset.revision = "";
      }
      row.classList.add("changed");
      if (now && was) $(".c-check input", row).replaceWith(box);
      links[index] = $(".subj a", row) || links[index];
      boxes[index] = $(".c-check input", row);
      if (focused) (now ? links[index] : row).focus({ preventScroll: true });
    };
    const refresh = async () => {
      if (document.hidden || $("dialog[open]")) return;
      // Only what has changed since comes back as a row.
      const listed = rows.map((row) => `${row.dataset.reference}:${row.dataset.revision}`).join(",");
      let answer = null;
      try { answer = await fetch(`${notice.dataset.address}?listed=${encodeURIComponent(listed)}`, { headers: { Accept: "application/json" } }); } catch { return; }
      if (!answer.ok || answer.redirected || over.aborted) return;
      const now = await answer.json(), before = changed.size;
      rows.forEach((row, index) => { if (row.dataset.revision || now.rows[row.dataset.reference]) renew(index, now.rows[row.dataset.reference]); });
      Object.entries(now.counts).forEach(([code, [text, tone]]) => {
        const badge = $(`.views [data-tab="${code}"] .count`, queue);
        if (badge) { badge.textContent = text; badge.className = `count ${tone}`; }
      });
      $("[data-asof]", list).textContent = now.asof;
      if (changed.size > before) {
        notice.hidden = false;
        $("[data-changed-said]", notice).textContent = count(notice.dataset.forms, changed.size);
      }
      sync();
    };
    const timer = setInterval(refresh, 60000);
    over.addEventListener("abort", () => clearInterval(timer));
    document.addEventListener("visibilitychange", refresh, { signal: over });
    queue.addEventListener("sawt:refresh", refresh, { signal: over });

    const outcome = $("[data-outcome]", list);
    if (outcome) outcome.focus({ preventScroll: false });
    return act;
  };

  // ---- what leads to another list of this queue: its tabs, filters, orders and pages. The rest of the page stays.
  let ending = new AbortController(), asked = 0;
  const start = (first) => {
    ending.abort();
    ending = new AbortController();
    shown = begin(ending.signal, first);
  };
  // Where the hand was, in the list that comes: the same filter, order or page's link, else the list itself.
  const hand = () => {
    const on = document.activeElement;
    if (!list.contains(on)) return () => {};
    const held = on.closest("details") ? $("summary", on.closest("details")) : on;
    const kind = ["#q", "summary", "[rel=prev]", "[rel=next]", "th a"].find((one) => held.matches(one));
    const nth = kind ? $$(kind, list).indexOf(held) : -1;
    return () => (kind && $$(kind, list)[nth] || list).focus({ preventScroll: true });
  };
  // The strip of tabs is wider than a phone: the one that is open stands in sight.
  const see = () => $(".views [aria-current]", queue)?.scrollIntoView({ block: "nearest", inline: "center" });
  const mark = () => {
    const code = $("form.filters [name=view]", list).value, saved = new URLSearchParams(location.search).get("saved");
    const own = saved && $$(".views .own", queue).find((link) => new URLSearchParams(link.search).get("saved") === saved);
    const now = own || $(`.views [data-tab="${CSS.escape(code)}"]`, queue), before = $(".views [aria-current]", queue);
    before?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "page");
    see();
    document.title = document.title.replace(/^[^·]*/, `${$(".views [data-tab=\"" + CSS.escape(code) + "\"]", queue).firstChild.textContent.trim()} `);
    $("[data-listed]", queue).textContent = $(".foot span, .empty h2, #q-error", list)?.textContent || "";
  };
  const open = async (address, pushed = true) => {
    const mine = ++asked;
    list.setAttribute("aria-busy", "true");
    let answer = null, html = "";
    try {
      answer = await fetch(list.dataset.address + new URL(address, location.href).search, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      html = await answer.text();
    } catch { /* the page itself will say it */ }
    if (mine !== asked) return;
    if (!answer?.ok || answer.redirected) { location.href = address; return; }
    const hold = hand();
    list.innerHTML = html;
    list.removeAttribute("aria-busy");
    if (pushed) history.pushState(null, "", address);
    start(false);
    mark();
    hold();
    if (list.getBoundingClientRect().top < 0) list.scrollIntoView({ block: "start" });
  };
  queue.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="?"]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link.href);
  });
  list.addEventListener("submit", (event) => {
    if (!event.target.matches("form.filters")) return;
    event.preventDefault();
    const wishes = [...new FormData(event.target)].filter(([, value]) => value);
    open(`?${new URLSearchParams(wishes)}`);
  });
  addEventListener("popstate", () => open(location.href, false));
  keys((code, shift) => shown(code, shift), (row) => shown.offers(row));
  see();
  start(true);
})();
