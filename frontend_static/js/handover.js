// How far a handover is, while it runs. Without script the page says so when it is loaded again.
(() => {
  const box = document.querySelector("[data-handover][data-address]");
  if (!box) return;
  const look = async () => {
    if (document.hidden) return;
    let answer;
    try { answer = await fetch(box.dataset.address); } catch { return; }
    if (!answer.ok) { clearInterval(timer); return; }
    box.innerHTML = await answer.text();
    // Its lists are complete now.
    if (box.firstElementChild?.dataset.handoverState !== "running") { clearInterval(timer); location.reload(); }
  };
  const timer = setInterval(look, 3000);
})();
