// The inbox's count in the admin's menu, and the word to an open queue that something has changed.
// The server tells over one connection while the page is in sight; where it cannot, the page asks each minute.
(() => {
  const MINUTE = 60000;
  let link = null, stream = null, shown = null, waiting = 0;

  const ask = async () => {
    if (document.hidden || !link) return;
    let answer = null;
    try { answer = await fetch(link.dataset.inbox, { headers: { Accept: "application/json" } }); } catch { return; }
    if (!answer.ok || answer.redirected) return;
    const now = await answer.json();
    link.dataset.unread = now.unread ? now.shown : "";
    link.title = now.said;
    const count = document.querySelector("[data-unread-count]");
    if (count) count.textContent = now.unread;
    const news = document.querySelector("[data-inbox-new]");
    if (news && shown !== null && now.unread > shown) news.hidden = false;
    shown = now.unread;
  };
  const refresh = () => {
    // Several changes at once are looked at once.
    clearTimeout(waiting);
    waiting = setTimeout(() => document.querySelector("[data-queue]")?.dispatchEvent(new Event("sawt:refresh")), 800);
  };
  const listen = () => {
    if (stream || document.hidden || !window.EventSource) return;
    stream = new EventSource(link.dataset.live);
    stream.addEventListener("inbox", () => { ask(); refresh(); });
    stream.addEventListener("queue", refresh);
  };
  // A browser keeps few connections to one server: a page out of sight gives its own back.
  const sight = () => {
    if (!document.hidden) { listen(); ask(); return; }
    stream?.close();
    stream = null;
  };
  const start = () => {
    link = document.querySelector("a[data-inbox]");
    if (!link) return false;
    listen();
    ask();
    setInterval(ask, MINUTE);
    document.addEventListener("visibilitychange", sight);
    window.addEventListener("pagehide", () => stream?.close());
    return true;
  };
  // Wagtail draws its menu after the page.
  if (start()) return;
  const watch = new MutationObserver(() => { if (start()) watch.disconnect(); });
  watch.observe(document.body, { childList: true, subtree: true });
})();
