/* A combobox's list: which of its options one stands on, by keys and by the pointer. What the options are, and what
   choosing one does, its owner says: {open(), choose(row), sole: Enter takes the only one, keeps: Enter sends no form}. */
window.sawtCombo = function (input, list, owner) {
  "use strict";
  var marked = null;
  input.setAttribute("role", "combobox");
  input.setAttribute("autocomplete", "off");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  function rows() {
    return Array.prototype.slice.call(list.querySelectorAll("[role=option]:not([hidden])"));
  }
  function mark(row) {
    if (marked) marked.classList.remove("is-active");  // it may be shown no longer
    marked = row || null;
    if (!marked) { input.removeAttribute("aria-activedescendant"); return; }
    row.classList.add("is-active");
    input.setAttribute("aria-activedescendant", row.id);
    if (row.offsetTop < list.scrollTop) list.scrollTop = row.offsetTop - 40;
    else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
    row.scrollIntoView({ block: "nearest" });          // the list itself may end below the screen
  }
  function show(is) {
    list.hidden = !is;
    input.setAttribute("aria-expanded", String(is));
    mark(null);
  }
  input.addEventListener("keydown", function (e) {
    if (e.isComposing) return;
    var shown = rows(), at = shown.indexOf(marked);
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (list.hidden) { owner.open(); if (marked || list.hidden) return; shown = rows(); at = -1; }
      if (shown.length) mark(shown[e.key === "ArrowDown" ? (at + 1) % shown.length : (at <= 0 ? shown.length : at) - 1]);
    } else if (e.key === "Enter" && !list.hidden && (at >= 0 || (owner.sole && shown.length === 1))) {
      e.preventDefault();
      owner.choose(shown[Math.max(at, 0)]);
    } else if (e.key === "Enter" && !list.hidden && owner.keeps) {
      e.preventDefault();                                                  // several fit: the form is not sent by that
    } else if (e.key === "Escape" && !list.hidden) {
      e.preventDefault();
      e.stopPropagation();                                                 // it is the list's: a phone's menu hears none
      show(false);
    }
  });
  list.addEventListener("mousedown", function (e) { e.preventDefault(); });   // the input keeps the focus
  list.addEventListener("click", function (e) {
    var row = e.target.closest("[role=option]");
    if (row) owner.choose(row);
  });
  show(false);
  return { mark: mark, show: show };
};
