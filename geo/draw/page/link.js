// One idea: what is chosen stands in the address after #, so that a copied address opens the same view.

const Link = (() => {
  const KEYS = ["language", "service", "measure", "shown", "village", "when"];
  let data;
  let map;

  function use(document_, map_) {
    data = document_;
    map = map_;
  }

  const serviceName = (index) => (index < 0 ? "" : data.services[index].name.en);
  const measureName = (index) => (index < 0 ? "" : data.measures[index].column);

  function write() {
    const { language, service, measure, shown, village } = State.chosen;
    const centre = map.getCenter();
    const view = [map.getZoom(), centre.lat.toFixed(5), centre.lng.toFixed(5)].join("/");
    const layers = Object.keys(shown).filter((layer) => shown[layer]);
    const parts = { language, service: serviceName(service), measure: measureName(measure), layers, view };
    if (village >= 0) parts.village = village;
    if (State.chosen.when === "before") parts.plan = "before";
    window.history.replaceState(null, "", `#${new URLSearchParams(parts)}`);
  }

  // What an address asks for; anything that this page does not have is passed over.
  function read() {
    const asked = new URLSearchParams(window.location.hash.slice(1));
    const changes = {};
    if (["vi", "en"].includes(asked.get("language"))) changes.language = asked.get("language");
    const service = data.services.findIndex((_, index) => serviceName(index) === asked.get("service"));
    if (service >= 0) changes.service = service;
    const measure = data.measures.findIndex((one) => one.column === asked.get("measure"));
    if (measure >= 0) changes.measure = measure;
    if (asked.has("layers")) {
      const layers = asked.get("layers").split(",");
      const names = Object.keys(State.chosen.shown);
      changes.shown = Object.fromEntries(names.map((layer) => [layer, layers.includes(layer)]));
    }
    State.change(changes);
    if (asked.get("plan") === "before") Plan.show("before");
  }

  // The view comes after the page is drawn: a village opens its popup.
  function look() {
    const asked = new URLSearchParams(window.location.hash.slice(1));
    const view = (asked.get("view") || "").split("/").map(Number);
    const village = Number(asked.get("village") ?? NaN);
    if (Number.isInteger(village) && village >= 0 && village < data.villages.count) Popups.goVillage(village);
    if (view.length === 3 && view.every(Number.isFinite)) {
      map.setView([view[1], view[2]], view[0], { animate: false });
    }
  }

  // A page inside a notebook has no address of its own.
  function follow() {
    if (window.location.protocol === "about:") return;
    State.listen(KEYS, write);
    map.on("moveend", write);
  }

  return { use, read, look, follow };
})();
