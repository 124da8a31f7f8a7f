/* A long list (places, people), searched while one types: a combobox (combo.js) over the select, which stays the field that is sent. */
(function () {
  "use strict";
  function start() {
    document.querySelectorAll("select[data-letters]").forEach(searched);
  }
  function searched(select) {
    var id = select.id, groups = select.querySelectorAll("optgroup");
    if (!groups.length && select.options.length <= 11) return;            // seen at a glance
    var letters = JSON.parse(select.dataset.letters), said = select.dataset;
    var box = make("div", { "class": "combo" });
    var input = make("input", {
      "class": "input", id: id + "-find", type: "text", autocapitalize: "none", spellcheck: "false", placeholder: said.hint
    });
    var list = make("div", { "class": "combo__list", id: id + "-list", role: "listbox", "aria-label": said.label });
    var status = make("p", { "class": "vh", role: "status" });
    var shown = [];
    ["aria-describedby", "aria-invalid"].forEach(function (name) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    if (id === "place" || select.required) input.setAttribute("aria-required", "true");
    var all = [];
    Array.prototype.forEach.call(groups.length ? groups : [select], function (group, g) {
      var part = make("div", group.label ? { role: "group", "aria-labelledby": id + "-g" + g } : {});
      if (group.label) {
        var head = make("div", { "class": "combo__head", id: id + "-g" + g, role: "presentation" });
        head.textContent = group.label;
        part.append(head);
      }
      var options = group.querySelectorAll('option:not([value=""])'), whole = group.label ? options[0].dataset.find : "";
      Array.prototype.forEach.call(options, function (option, n) {
        var row = make("div", { "class": "combo__one", id: id + "-" + g + "-" + n, role: "option", "aria-selected": "false" });
        row.textContent = option.textContent;
        part.append(row);
        all.push({ row: row, option: option, part: part, words: " " + fold((option.dataset.find || option.textContent) + (n && whole ? " " + whole : "")), name: fold(option.textContent) });
      });
      list.append(part);
    });

    function make(tag, attributes) {
      var made = document.createElement(tag);
      Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
      return made;
    }
    /* As the server's search folds: its own table of letters, no marks, no case; ta marbuta as it is often typed. */
    function fold(text) {
      var map = function (sign) { return sign in letters ? letters[sign] : sign; };
      var plain = Array.from(text.normalize("NFKC"), map).join("").normalize("NFD").replace(/[\p{Mn}\p{Cf}]/gu, "");
      return Array.from(plain.toLowerCase(), map).join("").replace(/ة/g, "ه").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
    }
    function fits(one, words) {
      /* Each word begins one of the place's, with or without its article; or the whole stands in it unspaced. */
      return words.every(function (word) { return one.words.indexOf(" " + word) >= 0 || one.words.indexOf(" ال" + word) >= 0; })
        || (words.join("").length > 2 && one.words.replace(/ /g, "").indexOf(words.join("")) >= 0);
    }
    function narrow(text) {
      var words = fold(text).split(" ").filter(Boolean), parts = new Set();
      shown = all.filter(function (one) {
        one.row.hidden = words.length > 0 && !fits(one, words);
        if (!one.row.hidden) parts.add(one.part);
        return !one.row.hidden;
      });
      Array.prototype.forEach.call(list.children, function (part) { part.hidden = !parts.has(part); });
    }
    function open(text) {
      narrow(text);
      combo.show(shown.length > 0);
      status.textContent = shown.length ? said.found + " " + shown.length : said.none;
      status.className = shown.length ? "vh" : "hint";
      var chosen = shown.filter(function (one) { return one.option.selected; })[0];
      if (chosen && !text) combo.mark(chosen.row);
    }
    function set(option) {
      var value = option ? option.value : "";
      all.forEach(function (one) { one.row.setAttribute("aria-selected", String(one.option === option)); });
      if (select.value === value) return;
      select.value = value;
      select.dispatchEvent(new Event("input", { bubbles: true }));         // the draft is kept
      select.dispatchEvent(new Event("change", { bubbles: true }));        // the map moves there
    }
    function choose(one) {
      input.value = one.option.textContent;
      set(one.option);
      status.textContent = "";
      combo.show(false);
    }
    function reopen() {
      open(select.value ? "" : input.value);
    }

    var combo = sawtCombo(input, list, {
      open: reopen,
      choose: function (row) { choose(all.filter(function (one) { return one.row === row; })[0]); },
      sole: true,
      keeps: select.matches(".w-field *")
    });
    input.addEventListener("input", function () { set(null); open(input.value); });
    input.addEventListener("click", function () { if (list.hidden) reopen(); });
    input.addEventListener("blur", function () {
      /* Who typed a whole name has chosen it. */
      var typed = fold(input.value), same = typed && !select.value ? all.filter(function (one) { return one.name === typed || fold(one.option.dataset.name || "") === typed; }) : [];
      if (same.length) choose(same[0]);
      combo.show(false);
    });
    /* The list of errors leads to the select, which is not seen. */
    document.addEventListener("click", function (e) {
      if (!e.target.closest('a[href="#' + id + '"]')) return;
      e.preventDefault();
      input.focus();
      input.scrollIntoView({ block: "center" });
    });

    select.addEventListener("propose", function (e) {                            // by the map, from its pin
      choose(all.filter(function (one) { return one.option.value === e.detail; })[0]);
    });

    select.labels[0].htmlFor = input.id;
    select.hidden = true;
    box.append(input, list);
    select.before(box);
    box.after(status);
    if (select.value) choose(all.filter(function (one) { return one.option.selected; })[0]);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
