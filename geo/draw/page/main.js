// One idea: put the page together - read the data, make the map, and tell every part when something has changed.

const Main = (() => {
  let data;

  const map = L.map("geo_map", {
    center: [0, 0],
    zoom: 2,
    zoomSnap: 0.25,
    minZoom: 2,
    maxZoom: 18,
    zoomControl: false,
    attributionControl: false,
    fadeAnimation: false, // a closed popup is gone at once
    maxBoundsViscosity: 0.5,
  });
  window.geo_map = map; // Folium layers that are added in Python name the map so

  function goHome() {
    const [west, south, east, north] = data.bounds;
    const padding = window.innerWidth < 760 ? [10, 10] : [28, 28];
    map.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      { padding, maxZoom: 14, animate: false },
    );
  }

  // The service with the smallest known share opens the page: that is where something is to be done.
  function firstService() {
    const share = (service) => Figures.sharesOf(service).find(Figures.hasValue)?.value ?? Infinity;
    const best = (services) => services.reduce((least, one) => (share(one) < share(least) ? one : least), services[0]);
    const networks = data.services.filter((service) => service.within === null && service.operator === null);
    const chosen = best(networks.length ? networks : data.services);
    return chosen ? data.services.indexOf(chosen) : -1;
  }

  function firstMeasure() {
    const telling = data.measures.findIndex((measure) => measure.indicator === "people_per_point");
    return Math.max(telling, Math.min(0, data.measures.length - 1));
  }

  function choose() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    State.change({ language: data.language, theme: dark ? "dark" : "light", measure: firstMeasure() });
    const service = firstService();
    if (service >= 0) State.chooseService(data, service);
  }

  function subtitle() {
    const { about } = data;
    const date = about.date ? Words.text("as_of", { date: Words.date(about.date) }) : "";
    const source = Words.both(about.source);
    return [date, source ? Words.text("source", { source }) : ""];
  }

  function head() {
    const { about } = data;
    const [date, source] = subtitle();
    document.documentElement.lang = State.chosen.language;
    document.title = Words.both(about.title);
    Dom.byId("title").textContent = Words.both(about.title);
    Dom.byId("subtitle").textContent = date;
    Dom.byId("badge").hidden = !about.reconstructed;
    Dom.fill(
      Dom.byId("badge"),
      Dom.make("b", {}, Words.text("reconstructed")),
      Dom.make("span", {}, Words.text("reconstructed_note")),
    );
    Dom.fill(Dom.byId("panel-foot"), source ? Dom.make("p", {}, source) : null, Dom.make("p", {}, Words.text("offline")));
    document.querySelectorAll("[data-text]").forEach((element) => {
      element.textContent = Words.text(element.dataset.text);
    });
  }

  function name(element, key) {
    element.setAttribute("aria-label", Words.text(key));
    element.title = Words.text(key);
  }

  function tools() {
    const dark = State.chosen.theme === "dark";
    Dom.byId("tool-language").textContent = Words.text("other_language");
    Dom.byId("tool-language").lang = State.chosen.language === "vi" ? "en" : "vi";
    Dom.byId("tool-theme").textContent = Words.text(dark ? "light" : "dark");
    Dom.byId("tool-table").textContent = Words.text("table");
    Dom.byId("tool-print").textContent = Words.text("print");
    Dom.byId("panel").setAttribute("aria-label", Words.text("panel"));
    map.getContainer().setAttribute("aria-label", Words.text("map"));
    map.getContainer().setAttribute("role", "application");
    Dom.byId("search").placeholder = Words.text("search");
    name(Dom.byId("search"), "search");
    Dom.byId("search").title = Words.text("search_key");
    name(Dom.byId("sheet-handle"), "open_panel");
    name(document.querySelector(".leaflet-control-zoom-in"), "zoom_in");
    name(document.querySelector(".leaflet-control-zoom-out"), "zoom_out");
    name(Dom.byId("home"), "home");
  }

  function aboutData() {
    const { about } = data;
    const layers = about.layers.map((layer) => {
      const rows = { used: Words.number(layer.used), rows: Words.number(layer.rows) };
      return [Words.both(layer.name), `${layer.file} · ${Words.text("rows_used", rows)}`];
    });
    const rest = about.finding_count - about.findings.length;
    const items = about.findings.map((finding) => Dom.make("li", {}, Words.both(finding)));
    if (rest) items.push(Dom.make("li", {}, Words.text("more_findings", { count: Words.number(rest) })));
    Dom.byId("section-data").hidden = !layers.length && !items.length;
    const findings = items.length
      ? [Dom.make("h3", {}, Words.text("findings")), Dom.make("ul", {}, ...items)]
      : [];
    Dom.fill(Dom.byId("about-data"), Dom.facts(layers), ...findings);
  }

  function controls() {
    L.control.zoom({ position: "topright" }).addTo(map);
    const home = L.control({ position: "topright" });
    home.onAdd = () => {
      const button = Dom.make("button", { id: "home", type: "button", onclick: goHome }, Dom.icon("home"));
      L.DomEvent.disableClickPropagation(button);
      return button;
    };
    home.addTo(map);
    L.control.scale({ imperial: false, maxWidth: 130, position: "bottomleft" }).addTo(map);
  }

  function listen(marks, ground) {
    const repaint = () => marks.repaint();
    State.listen(["theme"], () => {
      document.documentElement.dataset.theme = State.chosen.theme;
      Colours.refresh();
      Marks.forget();
      ground.repaint();
      tools();
    });
    State.listen(["language"], () => {
      Words.use(data, State.chosen.language);
      map.closePopup();
      [head, tools, aboutData, Search.clear].forEach((part) => part());
    });
    State.listen(["language", "service"], Figures.refresh);
    State.listen(["language", "theme", "service", "measure"], Legend.refresh);
    State.listen(["theme", "measure", "shown", "place"], Shapes.refresh);
    State.listen(["service"], Gaps.restart);
    State.listen(["language"], Gaps.refresh);
    State.listen(["language", "theme", "service", "shown", "village"], repaint);
  }

  function press(id, action) {
    Dom.byId(id).addEventListener("click", action);
  }

  function hands() {
    press("tool-language", () => State.change({ language: State.chosen.language === "vi" ? "en" : "vi" }));
    press("tool-theme", () => State.change({ theme: State.chosen.theme === "dark" ? "light" : "dark" }));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      map.closePopup();
      Popups.leave();
      Search.clear();
      Sheet.close();
    });
  }

  function paintMarks(brush, view) {
    Marks.paint(brush, view);
    Names.paint(brush, view);
  }

  async function start() {
    data = await Data.read();
    const parts = [Marks, Names, Shapes, Popups, Figures, Legend, Gaps, Search, Table, Link];
    parts.forEach((part) => part.use(data, map));
    Sheet.use(map, goHome);
    controls();
    goHome();
    Marks.setHome(map.getZoom());
    choose();
    Link.read();
    Words.use(data, State.chosen.language);
    document.documentElement.dataset.theme = State.chosen.theme;
    Colours.refresh();
    [head, tools, aboutData, Figures.refresh, Legend.refresh, Shapes.refresh, Gaps.refresh].forEach((part) => part());
    const ground = Screen.canvas({ pane: "ground", id: "ground" }, Names.paintGraticule).addTo(map);
    const marks = Screen.canvas({ pane: "marks", id: "marks" }, paintMarks).addTo(map);
    listen(marks, ground);
    hands();
    Link.look();
    Link.follow();
    document.documentElement.dataset.ready = "yes";
    performance.mark("geo-ready");
  }

  function refuse() {
    const texts = JSON.parse(Dom.byId("geo-data").textContent).texts;
    Dom.byId("title").textContent = Object.values(texts).map((all) => all.old_browser).join(" / ");
  }

  return { start, refuse };
})();

if ("DecompressionStream" in window) Main.start();
else Main.refuse();
