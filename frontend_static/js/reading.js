// One report's page: who else reads it, similar ones, and the call of a colleague. Without it the page says who read it
// when it was opened, and the links to similar ones and to the call lead to pages of their own.
(() => {
  const { $, $$ } = window.sawt;
  const report = $("[data-report]");
  if (!report) return;
  const said = $("[data-presence]", report), token = $("[name=csrfmiddlewaretoken]", report)?.value;
  const body = (more) => { const data = new FormData(); data.set("csrfmiddlewaretoken", token); if (more) data.set(more, "1"); return data; };
  let first = "first", gone = false;
  const ask = async () => {
    if (!said || !token || document.hidden || gone) return;
    let answer = null;
    try { answer = await fetch(said.dataset.address, { method: "POST", body: body(first) }); } catch { return; }
    // It went elsewhere meanwhile: the page asks no more.
    if (!answer.ok || answer.redirected) { gone = true; said.textContent = ""; return; }
    first = "";
    const { sentence } = await answer.json();
    if (said.textContent !== sentence) said.textContent = sentence;
  };
  ask();
  setInterval(ask, 20000);
  document.addEventListener("visibilitychange", ask);
  report.addEventListener("sawt:presence", ask);
  addEventListener("pagehide", () => { if (said && token) navigator.sendBeacon(said.dataset.address, body("leave")); });

  // Ctrl with Enter sends what is being written, as in the queue's forms.
  report.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("form[data-action] textarea")) return;
    event.preventDefault();
    event.target.form.requestSubmit($("button.primary[type=submit]", event.target.form));
  });

  // ---- similar reports: sought once the page is there, so that it waits for no search
  const alike = $("[data-alike]", report), seek = alike && $("a", alike);
  if (seek) (async () => {
    let answer = null;
    try { answer = await fetch(`${seek.href}?fragment=1`); } catch { return; }
    if (!answer.ok || answer.redirected) return;
    const found = document.createElement("div");
    found.innerHTML = await answer.text();
    // What stands here, with the way to merge, does not stand among those near by as well.
    const said = new Set($$(".ref", found).map((one) => one.textContent)), near = $("[data-near]", report);
    if (near) {
      $$("li", near).forEach((row) => { if (said.has($(".ref", row).textContent)) row.remove(); });
      if (!$("li", near)) near.remove();
    }
    seek.parentElement.replaceWith(...found.childNodes);
  })();

  // ---- calling a colleague: what was typed in the note goes along
  const link = $("[data-mention]", report), dialog = $("[data-mention-dialog]", report), note = $("#note-text", report);
  const call = async () => {
    let answer = null;
    try { answer = await fetch(`${link.href}?fragment=1`); } catch { /* the page itself will say it */ }
    if (!answer?.ok || answer.redirected) { location.href = link.href; return; }
    dialog.innerHTML = await answer.text();
    const text = $("textarea", dialog);
    text.value = (note?.value || "").replace(/@$/, "");
    dialog.showModal();
    ($("input[type=checkbox]", dialog) || text).focus();
    $("[data-cancel]", dialog).addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  };
  if (link && dialog) {
    link.addEventListener("click", (event) => { event.preventDefault(); call(); });
    note?.addEventListener("input", (event) => {
      if (event.data === "@" && /(^|\s)@$/.test(note.value.slice(0, note.selectionStart))) call();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("form", dialog).requestSubmit(); }
    });
  }
})();
