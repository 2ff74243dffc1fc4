// One idea: coverage holes - their outlines on the map, and a list of them that leads there.

const Holes = (() => {
  let data;
  let map;
  let group = null;

  function use(document_, map_) {
    data = document_;
    map = map_;
    if (!data.holes) return;
    Dom.byId("section-plan").hidden = false;
    const { shapes } = data.holes;
    const outlines = shapes.rings.map((_, i) => L.polygon(Data.latLngs(shapes, i)));
    const look = { pane: "outlines", renderer: L.svg({ pane: "outlines" }), interactive: false, className: "hole" };
    outlines.forEach((one) => Object.assign(one.options, look));
    group = L.layerGroup(outlines);
  }

  function paint() {
    if (!group) return;
    const colour = Colours.of("gap");
    group.eachLayer((one) => one.setStyle({ color: colour, weight: 2, dashArray: "2 5", fillColor: colour, fillOpacity: 0.12 }));
    if (State.chosen.shown.holes) group.addTo(map);
    else group.remove();
  }

  function row({ title, near }, i) {
    const lines = near.map((line) => Dom.make("small", {}, Words.both(line)));
    const bounds = () => L.latLngBounds(Data.latLngs(data.holes.shapes, i).flat(2));
    const onclick = () => {
      Sheet.close();
      Popups.look(bounds(), 13, 60);
    };
    const button = Dom.make("button", { type: "button", onclick }, Dom.make("span", {}, Words.both(title), ...lines));
    return Dom.make("li", {}, button);
  }

  function refresh() {
    if (!data.holes) return;
    const { rows, found, rest } = data.holes;
    Dom.fill(
      Dom.byId("section-plan"),
      Dom.make("h2", {}, Words.text("holes")),
      Dom.make("p", { id: "plan-question" }, Words.both(found)),
      Dom.make("ol", { class: "rows", id: "holes" }, ...rows.map(row)),
      rest ? Dom.make("p", { class: "note" }, Words.text("more_holes", { count: Words.number(rest) })) : null,
    );
  }

  return { use, refresh, paint };
})();
