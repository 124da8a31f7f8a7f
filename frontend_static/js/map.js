/* The map of the place step. Leaflet is fetched only when someone opens the map: most never do, on a phone it costs. */
(function () {
  "use strict";
  function start() {
    var field = document.querySelector("[data-map]");
    if (!field) return;
    var part = function (name) { return field.querySelector("[data-map-" + name + "]"); };
    var latitude = document.getElementById("latitude"), longitude = document.getElementById("longitude");
    var place = document.getElementById("place"), box = part("box"), said = part("said"), at = part("at");
    var map = null, pin = null, land = null, loading = null, proposed = "", follow = true;
    field.hidden = false;
    /* The server learns that there is a map, and speaks of it only then. */
    document.querySelector("[data-map-there]").value = "1";
    Array.prototype.forEach.call(document.querySelectorAll("[data-map-with]"), function (words) { words.hidden = false; });
    Array.prototype.forEach.call(document.querySelectorAll("[data-map-without]"), function (words) { words.hidden = true; });

    function tell(lat, lon) {
      latitude.value = lat.toFixed(6);
      longitude.value = lon.toFixed(6);
      var lost = outside(lat, lon);
      said.textContent = lost ? field.dataset.outside : field.dataset.at;
      said.classList.toggle("error", lost);
      at.textContent = lat.toFixed(4) + ", " + lon.toFixed(4);
      latitude.dispatchEvent(new Event("input", { bubbles: true }));      // the draft is kept
      part("clear").hidden = !!document.getElementById("location");       // an error has that button already
      if (!lost) propose(lat, lon);
    }
    function kilometres(lat, lon, option) {
      var east = (lon - option.dataset.lon) * Math.cos((lat + +option.dataset.lat) / 2 * Math.PI / 180);
      return 111.32 * Math.hypot(lat - option.dataset.lat, east);
    }
    function known() {
      return Array.prototype.filter.call(place.querySelectorAll("optgroup option"), function (one) { return one.dataset.lat && one.dataset.lat !== "None"; });
    }
    /* As the server judges it: further than the margin from every place. */
    function outside(lat, lon) {
      var all = known(), margin = +field.dataset.margin;
      return all.length > 0 && !all.some(function (option) { return kilometres(lat, lon, option) <= margin; });
    }
    /* The place nearest to the pin, for who has chosen none; what they chose themselves is left alone. */
    function propose(lat, lon) {
      if (place.value && place.value !== proposed) return;
      var best = null, least = 50;                                        // kilometres, as on the server
      known().forEach(function (option) {
        var far = kilometres(lat, lon, option);
        if (far <= least) { least = far; best = option; }
      });
      if (!best) return;
      proposed = best.value;
      follow = false;
      place.dispatchEvent(new CustomEvent("propose", { detail: proposed }));
      follow = true;
      part("near").textContent = field.dataset.near + " " + best.dataset.name;
    }
    function put(lat, lon) {
      tell(lat, lon);
      if (!map) return;
      if (pin) { pin.setLatLng([lat, lon]); return; }
      pin = window.L.marker([lat, lon], {
        draggable: true, keyboard: true, title: field.dataset.pin, alt: field.dataset.pin,
        icon: window.L.divIcon({ className: "map-pin", iconSize: [44, 44], iconAnchor: [22, 42], html: shape() })
      }).addTo(map);
      pin.on("dragend", function () { var p = pin.getLatLng(); tell(p.lat, p.lng); });
      pin.on("keydown", function (e) {
        var step = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.originalEvent.key];
        if (!step) return;
        e.originalEvent.preventDefault();
        e.originalEvent.stopPropagation();
        var size = 8 / Math.pow(2, map.getZoom()), p = pin.getLatLng();
        put(p.lat + step[0] * size, p.lng + step[1] * size);
      });
    }
    function shape() {
      var ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), path = document.createElementNS(ns, "path");
      svg.setAttribute("viewBox", "0 0 24 24");
      svg.setAttribute("aria-hidden", "true");
      path.setAttribute("d", "M12 22c-4.500-5.500-7-9-7-12a7 7 0 0 1 14 0c0 3-2.500 6.500-7 12z");
      svg.append(path);
      return svg;
    }
    function clear() {
      latitude.value = longitude.value = at.textContent = "";
      said.textContent = field.dataset.none;
      said.classList.remove("error");
      part("clear").hidden = true;
      if (pin) { pin.remove(); pin = null; }
      latitude.dispatchEvent(new Event("input", { bubbles: true }));
    }
    /* The whole region: the way back for who is lost in the grey around it. */
    function whole() {
      if (land) map.fitBounds(land.getBounds(), { padding: [8, 8], animate: false });
    }
    function chosen() {
      var option = place.selectedOptions[0], group = option && option.closest("optgroup");
      /* A place of unknown position lies in its governorate. */
      var known = [option, group && group.querySelector("option")].filter(function (one) { return one && one.dataset.lat && one.dataset.lat !== "None"; })[0];
      return known ? [+known.dataset.lat, +known.dataset.lon] : null;
    }
    function load() {
      if (loading) return loading;
      loading = new Promise(function (done, failed) {
        var style = document.createElement("link"), script = document.createElement("script");
        style.rel = "stylesheet";
        style.href = field.dataset.style;
        script.src = field.dataset.script;
        script.onload = done;
        script.onerror = failed;
        document.head.append(style, script);
      }).then(draw);
      loading.catch(function () { loading = null; said.textContent = field.dataset.failed; });
      return loading;
    }
    function draw() {
      var L = window.L, here = latitude.value ? [+latitude.value, +longitude.value] : null;
      var lost = !!here && outside(here[0], here[1]);
      box.hidden = false;
      part("tools").hidden = false;
      part("open").hidden = true;
      map = L.map(box, { zoomControl: false, attributionControl: !!field.dataset.tiles, minZoom: 6, maxZoom: 18 });
      L.control.zoom({ zoomInTitle: field.dataset.zoomIn, zoomOutTitle: field.dataset.zoomOut }).addTo(map);
      if (here && !lost) map.setView(here, 14);
      else map.setView(chosen() || [26.1, 43.7], chosen() ? 12 : 7);
      if (field.dataset.tiles) L.tileLayer(field.dataset.tiles, { maxZoom: 18, attribution: "© OpenStreetMap" }).addTo(map);
      var touched = false;
      map.once("click dragstart", function () { touched = true; });
      fetch(field.dataset.outline).then(function (r) { return r.json(); }).then(function (outline) {
        land = L.geoJSON(outline, { interactive: false, style: {
          color: colour("--field"), weight: 1.5,
          fillColor: colour("--surface"), fillOpacity: field.dataset.tiles ? 0 : 1
        } }).addTo(map).bringToBack();
        /* Without tiles the whole region helps who has named no place yet; who has, or has a pin, sees that. */
        if (!touched && (lost || (!field.dataset.tiles && !latitude.value && !chosen()))) whole();
      });
      if (!field.dataset.tiles) names();
      map.on("click", function (e) { put(e.latlng.lat, e.latlng.lng); });
      if (here) put(here[0], here[1]);
    }
    /* Without tiles the names of the places are what one finds one's way by. */
    function names() {
      var L = window.L, all = [];
      Array.prototype.forEach.call(place.querySelectorAll("optgroup"), function (group) {
        Array.prototype.forEach.call(group.querySelectorAll("option"), function (option, i) {
          if (option.dataset.lat === "None" || !option.dataset.lat) return;
          var dot = L.circleMarker([+option.dataset.lat, +option.dataset.lon], { radius: i ? 2 : 4, interactive: false, color: colour("--primary"), fillOpacity: 1 });
          dot.bindTooltip(i ? option.textContent : group.label, { permanent: true, pane: "shadowPane", direction: "top", className: "map-name", offset: [0, -2] });
          all.push({ dot: dot, minor: i > 0, option: option });
        });
      });
      /* A name that would cover one before it is put away. */
      function tidy() {
        var taken = [], far = map.getZoom() < 10;
        function rank(one) { return one.option.selected ? 0 : one.minor ? 2 : 1; }
        all.sort(function (a, b) { return rank(a) - rank(b); });
        all.forEach(function (one) {
          if (rank(one) > 1 && far) { one.dot.remove(); return; }
          one.dot.addTo(map);
          var name = one.dot.getTooltip().getElement();
          if (!name) return;
          name.hidden = false;
          var r = name.getBoundingClientRect();
          name.hidden = taken.some(function (t) { return r.left < t.right && r.right > t.left && r.top < t.bottom && r.bottom > t.top; });
          if (!name.hidden) taken.push(r);
        });
      }
      map.on("zoomend moveend", tidy);
      tidy();
    }
    function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

    part("open").addEventListener("click", function () { load().then(function () { box.focus(); }); });
    part("clear").addEventListener("click", clear);
    part("centre").addEventListener("click", function () { var c = map.getCenter(); put(c.lat, c.lng); });
    part("whole").addEventListener("click", whole);
    part("here").addEventListener("click", function () {
      if (!navigator.geolocation) { said.textContent = field.dataset.denied; return; }
      navigator.geolocation.getCurrentPosition(function (found) {
        var c = found.coords;
        put(c.latitude, c.longitude);
        load().then(function () {
          if (outside(c.latitude, c.longitude)) whole(); else map.setView([c.latitude, c.longitude], 15);
          put(c.latitude, c.longitude);
        });
      }, function () { said.textContent = field.dataset.denied; }, { enableHighAccuracy: true, timeout: 10000 });
    });
    place.addEventListener("change", function () {
      if (place.value !== proposed) part("near").textContent = "";
      if (map && follow && chosen()) map.setView(chosen(), 12);
    });
    if (latitude.value) load();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
