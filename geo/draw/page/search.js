// One idea: find an area, a point or a village by part of its name, without accents or capitals.

const Search = (() => {
  const SHOWN = 8;
  let data;
  let index = null;

  function use(document_) {
    data = document_;
    const box = Dom.byId("search");
    box.addEventListener("input", refresh);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") Dom.byId("search-results").querySelector("button")?.click();
      if (event.key === "ArrowDown") Dom.byId("search-results").querySelector("button")?.focus();
    });
    Dom.byId("search-results").addEventListener("keydown", walk);
    document.addEventListener("keydown", (event) => {
      const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
      if (event.key !== "/" || typing || Dom.byId("table-dialog").open) return;
      event.preventDefault();
      Sheet.open();
      box.focus();
    });
  }

  // Arrow keys walk through what was found; up from the first returns to the box.
  function walk(event) {
    const item = event.target.closest("li");
    const next = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling }[event.key];
    if (next) next.querySelector("button").focus();
    else if (event.key === "ArrowUp") Dom.byId("search").focus();
    else return;
    event.preventDefault();
  }

  // Built at the first search: a page with 100,000 villages opens without waiting for it.
  function entries() {
    const { areas, points, villages } = data;
    const entry = (name, where, go, kind) => {
      const key = Words.fold(name);
      return { key, all: `${key} ${Words.fold(where)}`, name, where, go, kind };
    };
    const from = (table, where, go, kind) => table.name.map((name, i) => entry(name, where(i), () => go(i), kind));
    return [
      ...from(areas, (i) => areas.parent[i], Popups.goArea, "area"),
      ...from(points, (i) => Popups.whereabouts(points.area[i]), Popups.goPoint, "point"),
      ...from(villages, (i) => Popups.whereabouts(villages.area[i]), Popups.goVillage, "village"),
    ];
  }

  // Every word must occur, in the name or in the area's; what its own name answers comes first.
  function find(typed) {
    index = index || entries();
    const words = typed.split(/\s+/);
    const hits = index.filter(({ all }) => words.every((word) => all.includes(word)));
    const rank = ({ key }) => (key.startsWith(typed) ? 0 : key.includes(words[0]) ? 1 : 2);
    return [0, 1, 2].flatMap((wanted) => hits.filter((entry) => rank(entry) === wanted));
  }

  function row(entry) {
    const onclick = () => {
      clear();
      entry.go();
      Dom.byId("geo_map").focus({ preventScroll: true });
    };
    const name = Dom.make("span", {}, Words.name(entry.name), Dom.make("small", {}, entry.where));
    return Dom.make(
      "li",
      {},
      Dom.make("button", { type: "button", onclick }, name, Dom.make("em", {}, Words.text(entry.kind))),
    );
  }

  function refresh() {
    const typed = Words.fold(Dom.byId("search").value.trim());
    const list = Dom.byId("search-results");
    if (!typed) {
      Dom.fill(list);
      return;
    }
    const hits = find(typed);
    const message = hits.length ? Words.text("found", { count: Words.number(hits.length) }) : Words.text("nothing_found");
    const last = hits.length > SHOWN || !hits.length ? Dom.make("li", { class: "note" }, message) : null;
    Dom.fill(list, ...hits.slice(0, SHOWN).map(row), last);
    Dom.say(message);
  }

  function clear() {
    Dom.byId("search").value = "";
    refresh();
  }

  return { use, clear };
})();
