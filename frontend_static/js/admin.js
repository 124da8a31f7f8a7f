/* Stands for the inline scripts of Wagtail's date fields, choosers and inline panels, which the admin's
   Content-Security-Policy refuses. Our templates leave the data; this file does what the scripts did. */
(function () {
  "use strict";
  var pickers = { date: "initDateChooser", datetime: "initDateTimeChooser", time: "initTimeChooser" };
  var self = document.currentScript;

  // wagtail-localize's translation editor asks for these by an inline script too.
  if (self && self.dataset.imageChooser && typeof window.chooserUrls === "undefined") {
    window.chooserUrls = {
      imageChooser: self.dataset.imageChooser,
      documentChooser: self.dataset.documentChooser,
      pageChooser: self.dataset.pageChooser
    };
  }

  // wagtail-localize writes its one heading in English words whatever the admin's language.
  function nameTranslation() {
    var said = document.querySelector("[data-sawt-translation]");
    if (!said) return;
    document.querySelectorAll(".js-translation-editor h3").forEach(function (heading) {
      var text = heading.firstChild;
      if (text && text.nodeValue === said.dataset.insteadOf) text.nodeValue = said.dataset.sawtTranslation;
    });
  }

  // Submitting for translation: "all languages" ticks each of them.
  document.addEventListener("change", function (event) {
    if (event.target.name !== "select_all") return;
    document.querySelectorAll('[name="locales"]').forEach(function (box) { box.checked = event.target.checked; });
  });

  function once(el) {
    if (el.dataset.sawtDone || el.closest("template")) return false;
    el.dataset.sawtDone = "1";
    return true;
  }

  function start(root) {
    root.querySelectorAll("[data-sawt-picker]").forEach(function (el) {
      var init = window[pickers[el.dataset.sawtPicker]];
      // An inline panel's empty form still carries its placeholder for the number.
      if (typeof init !== "function" || /__prefix__/.test(el.dataset.for) || !once(el)) return;
      init(el.dataset.for, JSON.parse(el.dataset.config));
    });
    root.querySelectorAll("[data-sawt-chooser]").forEach(function (el) {
      var Chooser = window[el.dataset.sawtChooser];
      if (typeof Chooser !== "function" || /__prefix__/.test(el.dataset.for) || !once(el)) return;
      new Chooser(el.dataset.for, JSON.parse(el.dataset.config));
    });
    root.querySelectorAll("[data-sawt-panel]").forEach(function (el) {
      if (typeof window.InlinePanel !== "function" || !once(el)) return;
      new window.InlinePanel(JSON.parse(el.dataset.sawtPanel));
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    start(document);
    nameTranslation();
    new MutationObserver(function (changes) {
      nameTranslation();
      changes.forEach(function (change) {
        change.addedNodes.forEach(function (node) {
          if (node.querySelectorAll) start(node.parentNode || node);
        });
      });
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
