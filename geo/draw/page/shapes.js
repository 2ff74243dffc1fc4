// One idea: the polygons - areas coloured by the chosen measure, outlines of their parents, catchments.

const Shapes = (() => {
  const MANY = 2000; // above this many, one canvas draws them; below, SVG prints sharply
  let data;
  let map;
  let areas = [];
  let areaGroup;
  let parentGroup;
  let catchmentGroup = null;
  let chosenGroup;

  function rendererFor(count, pane) {
    return count > MANY ? L.canvas({ pane }) : L.svg({ pane });
  }

  function use(document_, map_) {
    data = document_;
    map = map_;
    [
      ["areas", 380],
      ["outlines", 390],
      ["marks", 450],
      ["ground", 300],
    ].forEach(([name, level]) => {
      map.createPane(name).style.zIndex = level;
    });
    map.getPane("marks").style.pointerEvents = "none";
    map.getPane("outlines").style.pointerEvents = "none";
    map.getPane("areas").classList.toggle("raised", data.areas.count <= MANY);
    const renderer = rendererFor(data.areas.count, "areas");
    areas = data.areas.shapes.map((shape, i) => areaPolygon(shape, i, renderer));
    areaGroup = L.layerGroup(areas);
    parentGroup = L.layerGroup(
      data.parents.shapes.map((shape) =>
        L.polygon(shape, { pane: "outlines", fill: false, interactive: false, weight: 1.7 }),
      ),
    );
    chosenGroup = L.layerGroup().addTo(map);
  }

  function areaPolygon(shape, i, renderer) {
    const polygon = L.polygon(shape, { pane: "areas", renderer, smoothFactor: 0.5 });
    polygon.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      Popups.pick(event, i);
    });
    polygon.on("mousemove", (event) => Popups.hover(event, i));
    polygon.on("mouseover", () => {
      polygon.setStyle({ weight: 2.6, color: Colours.of("ink") });
      polygon.bringToFront();
    });
    polygon.on("mouseout", () => {
      polygon.setStyle(styleOf(i));
      Popups.leave();
    });
    return polygon;
  }

  function styleOf(i) {
    const measure = data.measures[State.chosen.measure];
    const index = measure ? Colours.classOf(measure.values[i], measure.breaks) : null;
    const fillColor = measure ? Colours.ofClass(measure, index) : Colours.of("card");
    return { fillColor, fillOpacity: 1, color: Colours.of("border"), weight: 1, opacity: 1 };
  }

  const catchmentStyle = () => ({
    color: Colours.of("accent"),
    weight: 1,
    opacity: 0.55,
    fillColor: Colours.of("accent"),
    fillOpacity: 0.04,
    pane: "outlines",
    interactive: false,
  });

  function catchments() {
    const renderer = rendererFor(data.catchments.length, "outlines");
    return L.layerGroup(data.catchments.map((shape) => L.polygon(shape, { ...catchmentStyle(), renderer })));
  }

  function toggle(group, on) {
    if (on) group.addTo(map);
    else group.remove();
  }

  // Brings all polygons in line with what is chosen.
  function refresh() {
    const { shown, place } = State.chosen;
    areas.forEach((polygon, i) => polygon.setStyle(styleOf(i)));
    parentGroup.eachLayer((polygon) => polygon.setStyle({ color: Colours.of("outline") }));
    toggle(areaGroup, shown.areas);
    toggle(parentGroup, shown.areas);
    if (shown.catchments && !catchmentGroup) catchmentGroup = catchments();
    if (catchmentGroup) {
      toggle(catchmentGroup, shown.catchments);
      catchmentGroup.eachLayer((polygon) => polygon.setStyle(catchmentStyle()));
    }
    chosenGroup.clearLayers();
    if (place >= 0) {
      const strong = { ...catchmentStyle(), weight: 2.4, opacity: 1, fillOpacity: 0.14 };
      L.polygon(data.catchments[place], strong).addTo(chosenGroup);
    }
  }

  const boundsOf = (i) => areas[i].getBounds();

  return { use, refresh, boundsOf };
})();
