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
    keyboard: false, // keys.js knows more
    fadeAnimation: false, // a closed popup is gone at once
    maxBoundsViscosity: 0.5,
  });
  window.geo_map = map; // Folium layers that are added in Python name the map so

  function goHome() {
    const [west, south, east, north] = data.bounds;
    const whole = L.latLngBounds([south, west], [north, east]);
    const onPaper = document.documentElement.classList.contains("printing");
    const margin = onPaper || window.innerWidth < 760 ? 10 : 28;
    // Beside the key where that costs little of the scale, beneath it where the land is too wide.
    const key = Legend.width();
    const zoomIn = (width) => map.getBoundsZoom(whole, false, L.point(2 * margin + width, 2 * margin));
    const beside = zoomIn(key) >= zoomIn(0) - map.options.zoomSnap ? key : 0;
    const options = { paddingTopLeft: [margin, margin], paddingBottomRight: [margin + beside, margin] };
    map.fitBounds(whole, { ...options, maxZoom: 14, animate: false });
  }

  function firstMeasure() {
    const wanted = data.plan && data.plan.within === null ? "nearest_distance_mean_people" : "people_per_point";
    const telling = data.measures.findIndex((measure) => measure.indicator === wanted);
    return Math.max(telling, Math.min(0, data.measures.length - 1));
  }

  function choose() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    State.change({ language: data.language, theme: dark ? "dark" : "light", measure: firstMeasure() });
    const service = data.plan && data.plan.within === null ? -1 : Summary.firstService();
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
    document.querySelector("#credit .study").textContent = [source, date].filter(Boolean).join(" · ");
    document.querySelectorAll("[data-text]").forEach((element) => {
      element.textContent = Words.text(element.dataset.text);
    });
    Dom.byId("source-text").textContent = source || Words.text("offline");
    Dom.byId("source").querySelector("p").hidden = !source;
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
    map.getContainer().setAttribute("aria-label", Words.text("keys_hint"));
    map.getContainer().setAttribute("role", "application");
    Dom.byId("search").placeholder = Words.text("search");
    name(Dom.byId("search"), "search");
    Dom.byId("search").title = Words.text("search_key");
    name(Dom.byId("sheet-handle"), "drag_panel");
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
    // On a phone the sheet comes from below: what must stay in sight goes to the top.
    const corner = window.innerWidth < 760 ? "topleft" : "bottomleft";
    const credit = L.control({ position: corner });
    credit.onAdd = () => Dom.make("p", { id: "credit", class: "attribution" }, Dom.make("span", { class: "study" }), Dom.make("span", { class: "tiles" }));
    const scale = L.control.scale({ imperial: false, maxWidth: 130, position: corner });
    [scale, credit].forEach((one) => one.addTo(map));
  }

  function listen(marks, ground) {
    const repaint = () => marks.repaint();
    State.listen(["when"], Shapes.forget);
    State.listen(["theme"], () => {
      document.documentElement.dataset.theme = State.chosen.theme;
      Colours.refresh();
      Looks.forget();
      ground.repaint();
      tools();
    });
    State.listen(["language"], () => {
      Words.use(data, State.chosen.language);
      map.closePopup();
      [head, tools, aboutData, Search.clear, Summary.refresh, Tiles.refresh].forEach((part) => part());
    });
    State.listen(["language", "when"], Figures.refresh);
    State.listen(["language", "when"], PlanBox.refresh);
    State.listen(["language"], Holes.refresh);
    State.listen(["language", "service", "when"], Bars.refresh);
    State.listen(["language", "theme", "service", "measure", "when"], Legend.refresh);
    State.listen(["theme", "measure", "service", "shown", "place", "when"], Shapes.refresh);
    State.listen(["service", "when"], Gaps.restart);
    State.listen(["language"], Gaps.refresh);
    State.listen(["language", "theme", "service", "shown", "village", "when"], repaint);
  }

  function press(id, action) {
    Dom.byId(id).addEventListener("click", action);
  }

  function hands(redraw) {
    press("tool-language", () => State.change({ language: State.chosen.language === "vi" ? "en" : "vi" }));
    Dom.byId("key").addEventListener("toggle", redraw);
    press("tool-theme", () => State.change({ theme: State.chosen.theme === "dark" ? "light" : "dark" }));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (Dom.byId("table-dialog").open) return; // the dialog closes itself
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
    controls();
    const parts = [Plan, Looks, Marks, Names, Shapes, Tiles, Popups, Figures, Bars, Summary, Legend, Gaps];
    parts.push(PlanBox, Holes, Search, Table, Keys, Link);
    parts.forEach((part) => part.use(data, map));
    Sheet.use();
    Paper.use(map, goHome);
    goHome();
    Looks.setHome(map.getZoom());
    choose();
    Link.read();
    Words.use(data, State.chosen.language);
    document.documentElement.dataset.theme = State.chosen.theme;
    Colours.refresh();
    const shown = [Figures, Bars, Summary, Legend, Shapes, Gaps, PlanBox, Holes, Tiles];
    [head, tools, aboutData, ...shown.map((part) => part.refresh)].forEach((refresh) => refresh());
    const ground = Screens.canvas({ pane: "ground", id: "ground" }, Names.paintGraticule).addTo(map);
    const marks = Screens.canvas({ pane: "marks", id: "marks" }, paintMarks).addTo(map);
    listen(marks, ground);
    Keys.onMove(() => marks.repaint());
    hands(() => marks.repaint());
    Link.look();
    Link.follow();
    document.documentElement.dataset.ready = "yes";
    performance.mark("geo-ready");
  }

  return { start };
})();

Main.start();
