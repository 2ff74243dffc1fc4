// One idea: pictures under the map, where the study asked for them, and the names of those whom they come from.

const Tiles = (() => {
  let data;
  let map;
  let failed = false;

  function use(document_, map_) {
    data = document_;
    map = map_;
    map.on("layeradd layerremove", credits);
    if (!data.basemap) return;
    const options = { maxNativeZoom: data.basemap.max_zoom, maxZoom: 18, attribution: data.basemap.attribution };
    const layer = L.tileLayer(data.basemap.url, options);
    layer.on("tileerror", () => tell(true));
    layer.on("tileload", () => tell(false));
    layer.addTo(map);
  }

  function tell(now) {
    if (failed === now) return;
    failed = now;
    refresh();
  }

  function refresh() {
    const note = Dom.byId("tiles-note");
    note.hidden = !failed;
    note.textContent = failed ? Words.text("tiles_failed", { name: data.basemap.name }) : "";
    credits();
  }

  // An attribution may be written as markup: only its text is shown.
  function plain(attribution) {
    return new DOMParser().parseFromString(attribution, "text/html").body.textContent;
  }

  function credits() {
    const box = document.querySelector("#credit .tiles");
    if (!box) return;
    const names = new Set();
    map.eachLayer((layer) => {
      const attribution = layer.getAttribution && layer.getAttribution();
      if (attribution) names.add(plain(attribution));
    });
    box.textContent = [...names].join(" · ");
  }

  return { use, refresh };
})();
