// One idea: the page on one A4 sheet - laid out in millimetres before the browser takes its picture.

const Paper = (() => {
  let map;
  let home;
  let before = null; // theme, view and folds of the screen

  function use(map_, home_) {
    map = map_;
    home = home_;
    Dom.byId("tool-print").addEventListener("click", () => {
      lay();
      requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
    });
    window.addEventListener("beforeprint", lay);
    window.addEventListener("afterprint", restore);
  }

  // The map must know its size on paper beforehand: a browser resizes it too late.
  function lay() {
    if (before) return;
    const folded = ["key", "source"].map((id) => Dom.byId(id)).filter((part) => !part.open);
    before = { theme: State.chosen.theme, centre: map.getCenter(), zoom: map.getZoom(), folded };
    folded.forEach((part) => part.setAttribute("open", ""));
    document.documentElement.classList.add("printing");
    State.change({ theme: "light" });
    map.invalidateSize({ animate: false });
    home();
  }

  function restore() {
    if (!before) return;
    const { theme, centre, zoom, folded } = before;
    before = null;
    document.documentElement.classList.remove("printing");
    folded.forEach((part) => part.removeAttribute("open"));
    State.change({ theme });
    map.invalidateSize({ animate: false });
    map.setView(centre, zoom, { animate: false });
  }

  return { use };
})();
