// One idea: the polygons - areas coloured by the chosen measure, outlines of their parents, catchments.

const Shapes = (() => {
  const MANY = 2000; // above this many one canvas draws the areas; below, SVG prints sharply
  const LEVELS = { ground: 300, areas: 380, outlines: 390, marks: 450 };
  let data;
  let map;
  let many;
  let areas = []; // Leaflet polygons, while they are few
  let mosaic = null; // the areas on one canvas, where they are many
  let canvas = null; // that canvas
  let areaGroup;
  let catchmentGroup = null;
  let chosenGroup;
  let proposedGroup;
  let opacity = 1;

  function use(document_, map_) {
    data = document_;
    map = map_;
    many = data.areas.count > MANY;
    opacity = data.basemap ? 0.6 : 1;
    Object.entries(LEVELS).forEach(([name, level]) => {
      map.createPane(name).style.zIndex = level;
    });
    ["marks", "outlines", "ground"].forEach((name) => {
      map.getPane(name).style.pointerEvents = "none";
    });
    map.getPane("areas").classList.toggle("raised", !many && !data.basemap);
    if (many) mosaic = Mosaic.of(data.areas.shapes);
    areaGroup = many ? L.layerGroup() : few();
    chosenGroup = L.layerGroup().addTo(map);
    proposedGroup = L.layerGroup().addTo(map);
  }

  // Areas as SVG, and the outlines of their parents above them.
  function few() {
    const { shapes, group } = data.areas;
    areas = [...data.areas.name.keys()].map(areaPolygon);
    const lines = Outlines.chained(data.parents.count ? Outlines.between(shapes, group) : []);
    const look = { pane: "outlines", renderer: L.svg({ pane: "outlines" }), interactive: false, weight: 1.7 };
    return L.layerGroup([...areas, L.polyline(lines, { ...look, className: "parents" })]);
  }

  function areaPolygon(i) {
    const polygon = L.polygon(Data.latLngs(data.areas.shapes, i), { pane: "areas", smoothFactor: 0.5 });
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

  function colourOf(i) {
    const measure = data.measures[State.chosen.measure];
    return measure ? Colours.ofClass(measure, Colours.classOf(measure.values[i], measure.breaks)) : Colours.of("card");
  }

  const styleOf = (i) => ({
    fillColor: colourOf(i),
    fillOpacity: opacity,
    color: Colours.of("border"),
    weight: 1,
    opacity: 1,
  });

  const catchmentStyle = () => ({
    color: Colours.of("accent"),
    weight: 1,
    opacity: 0.55,
    fillColor: Colours.of("accent"),
    fillOpacity: 0.04,
    pane: "outlines",
    interactive: false,
  });

  function toggle(group, on) {
    if (on) group.addTo(map);
    else group.remove();
  }

  // Catchments travel packed until they are wanted; by then the reader may have changed their mind.
  async function paintCatchments() {
    if (!State.chosen.shown.catchments && !catchmentGroup) return;
    const { when } = State.chosen;
    const shapes = await data.catchments.shapes();
    if (when !== State.chosen.when) return;
    catchmentGroup ??= shapes.count > MANY ? manyCatchments(shapes) : fewCatchments(shapes);
    toggle(catchmentGroup, State.chosen.shown.catchments);
    if (shapes.count > MANY) catchmentGroup.repaint();
    else catchmentGroup.eachLayer((one) => one.setStyle(catchmentStyle()));
  }

  function fewCatchments(shapes) {
    const renderer = L.svg({ pane: "outlines" });
    const polygon = (_, place) => L.polygon(Data.latLngs(shapes, place), { ...catchmentStyle(), renderer });
    return L.layerGroup(shapes.rings.map(polygon));
  }

  function manyCatchments(shapes) {
    const cells = Mosaic.of(shapes);
    const paint = (brush, view) => cells.paintLines(brush, view, Colours.of("accent"));
    return Screens.canvas({ pane: "outlines", id: "catchments" }, paint);
  }

  // A plan changes the catchments: those that were drawn are made anew.
  function forget() {
    catchmentGroup?.remove();
    catchmentGroup = null;
  }

  // The catchments of the points that a plan opens.
  async function paintProposed() {
    if (!data.plan) return;
    const wanted = () => State.chosen.when === "after" && State.chosen.shown.proposed;
    const shapes = wanted() ? await data.catchments.shapes() : null;
    proposedGroup.clearLayers();
    if (!shapes || !wanted()) return;
    const colour = Colours.of("proposed");
    const look = { ...catchmentStyle(), color: colour, fillColor: colour, weight: 2, opacity: 0.9, fillOpacity: 0.14 };
    const renderer = L.svg({ pane: "outlines" });
    Plan.places().forEach((place) => {
      L.polygon(Data.latLngs(shapes, place), { ...look, renderer, className: "proposed" }).addTo(proposedGroup);
    });
  }

  // The catchment of the chosen point, stronger than the others.
  async function paintChosen() {
    const { place } = State.chosen;
    chosenGroup.clearLayers();
    if (place < 0) return;
    const shapes = await data.catchments.shapes();
    if (place !== State.chosen.place) return;
    const strong = { ...catchmentStyle(), weight: 2.4, opacity: 1, fillOpacity: 0.14, className: "catchment" };
    L.polygon(Data.latLngs(shapes, place), strong).addTo(chosenGroup);
    paintReach(place);
  }

  // How far the chosen distance reaches from the chosen point.
  function paintReach(place) {
    const service = data.services[State.chosen.service];
    if (!service || service.within === null) return;
    const j = data.points.place.indexOf(place);
    const ring = { pane: "outlines", renderer: L.svg({ pane: "outlines" }), interactive: false, fill: false };
    const look = { ...ring, color: Colours.of("ink"), weight: 1.6, dashArray: "5 4", className: "reach" };
    L.circle([data.points.lat[j], data.points.lon[j]], { ...look, radius: service.within * 1000 }).addTo(chosenGroup);
  }

  // Brings all polygons in line with what is chosen.
  function refresh() {
    areas.forEach((polygon, i) => polygon.setStyle(styleOf(i)));
    areaGroup.eachLayer((one) => {
      if (one.options.className === "parents") one.setStyle({ color: Colours.of("outline") });
    });
    toggle(areaGroup, State.chosen.shown.areas);
    if (many && !canvas) canvas = Screens.canvas({ pane: "areas", id: "mosaic" }, paintMosaic).addTo(map);
    else if (many) canvas.repaint();
    paintCatchments();
    paintProposed();
    paintChosen();
    Holes.paint();
  }

  function paintMosaic(brush, view) {
    if (!State.chosen.shown.areas) return;
    mosaic.paint(brush, view, { colourOf, group: data.areas.group, parents: data.parents, opacity });
  }

  // The area under a place; few areas tell of themselves when they are pointed at.
  const at = (place) => (many && State.chosen.shown.areas ? mosaic.under(place) : -1);

  const boundsOf = (i) => L.latLngBounds(Data.latLngs(data.areas.shapes, i).flat(2));

  return { use, refresh, forget, at, boundsOf };
})();
