// One idea: what a village, a point or an area says of itself when it is pointed at or chosen.

const Popups = (() => {
  const CLOSE = 13; // the zoom at which one village is looked at
  let data;
  let map;
  let tip;
  let opener = null; // the element that had the keyboard when a popup opened

  function use(document_, map_) {
    data = document_;
    map = map_;
    tip = L.tooltip({ direction: "top", offset: [0, -10], className: "tip" });
    map.on("click", (event) => pick(event, Shapes.at(event.latlng)));
    map.on("mousemove", (event) => hover(event, -1));
    map.on("mouseout", leave);
    map.on("popupclose", close);
  }

  const areaName = (i) => (i < 0 ? "" : Words.name(data.areas.name[i]));

  // "Xã Phước Bình, Huyện Bác Ái"
  function whereabouts(i) {
    if (i < 0) return "";
    return [areaName(i), data.areas.parent[i]].filter(Boolean).join(", ");
  }

  const people = (count) =>
    count < 0 ? Words.text("no_data") : Words.text("people_unit", { count: Words.number(count) });

  function open(content, place) {
    const maxWidth = Math.min(320, map.getSize().x - 110); // the buttons at the right stay free
    const options = { maxWidth, minWidth: Math.min(240, maxWidth), autoPanPaddingTopLeft: [20, 20] };
    const right = Math.max(64, Legend.width() + 24);
    const popup = L.popup({ ...options, autoPanPaddingBottomRight: [right, 30] }).setLatLng(place).setContent(content);
    const from = document.activeElement;
    popup.openOn(map);
    opener = from;
    const box = popup.getElement();
    box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", Words.text("close_popup"));
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-labelledby", "popup-title");
    box.tabIndex = -1;
    if (document.activeElement !== document.body) box.focus({ preventScroll: true });
  }

  // Who opened the popup has the keyboard again, unless the reader has moved on.
  function close({ popup }) {
    const active = document.activeElement;
    State.change({ village: -1, place: -1 });
    if (active !== document.body && !popup.getElement()?.contains(active)) return;
    const usable = opener?.isConnected && opener !== document.body && opener.checkVisibility();
    (usable ? opener : map.getContainer()).focus({ preventScroll: true });
  }

  function card(title, line, ...rest) {
    Dom.say(title);
    return Dom.make("div", { class: "popup" }, Dom.make("h3", { id: "popup-title" }, title), Dom.make("p", {}, line), ...rest);
  }

  const SIGNS = ["✗", "✓", "?"];
  const STATES = ["covered_no", "covered_yes", "unknown"];

  function tag(service, status) {
    const name = Words.both(service.name);
    const state = Words.text(STATES[status]);
    return Dom.make(
      "li",
      { class: `tag ${Marks.LOOKS[status]}`, title: `${name}: ${state}` },
      Dom.make("span", { "aria-hidden": "true" }, `${SIGNS[status]} `),
      name,
      Dom.make("span", { class: "unseen" }, `: ${state}`),
    );
  }

  function village(i) {
    const { villages, points, services } = data;
    const nearest = villages.point[i];
    const { technology } = services[State.chosen.service] || { technology: null };
    const tagsOf = (wanted) => services.flatMap((service, s) => (wanted(service) ? [tag(service, villages.status[s][i])] : []));
    const tags = tagsOf((service) => service.operator === null);
    const named = tagsOf((service) => Bars.isNamed(service) && service.technology === technology);
    const content = card(
      Words.name(villages.name[i]),
      whereabouts(villages.area[i]) || Words.text("village"),
      tags.length ? Dom.make("ul", { class: "tags" }, ...tags) : "",
      named.length ? Dom.make("ul", { class: "tags" }, ...named) : "",
      Dom.facts([
        [Words.text("people"), villages.people[i] < 0 ? Words.text("no_data") : Words.number(villages.people[i])],
        [Words.text("nearest"), nearest < 0 ? Words.text("no_data") : Words.name(points.name[nearest])],
        [Words.text("distance"), nearest < 0 ? null : Words.kilometres(villages.distance[i])],
        ...Plan.ways(i),
      ]),
    );
    open(content, [villages.lat[i], villages.lon[i]]);
    State.change({ village: i, place: -1 });
  }

  const valueOf = (measure, i) =>
    measure.values[i] === null ? Words.missing(measure, i) : Words.value(measure.values[i], measure.format);

  function point(j) {
    const { points } = data;
    const place = points.place[j];
    const sharing = place < 0 ? 1 : points.place.filter((other) => other === place).length;
    const content = card(
      Words.name(points.name[j]),
      [Words.kind(points.kind[j]), whereabouts(points.area[j])].filter(Boolean).join(" · ") || Words.text("point"),
      Dom.facts([
        ...Plan.facts(j),
        [Words.text("served_villages"), Words.number(points.villages[j])],
        [Words.text("served_people"), Words.number(points.people[j])],
      ]),
      sharing > 1 ? Dom.make("p", {}, Words.text("shared_place", { count: Words.number(sharing) })) : "",
    );
    open(content, [points.lat[j], points.lon[j]]);
    State.change({ village: -1, place });
  }

  function area(i, spot) {
    const shown = data.measures.filter((measure) => measure.brief);
    const rows = shown.map((measure) => [Words.both(measure.label), valueOf(measure, i)]);
    const content = card(areaName(i), data.areas.parent[i] || Words.text("area"), Dom.facts(rows));
    content.classList.add("long");
    open(content, spot || [data.areas.lat[i], data.areas.lon[i]]);
    State.change({ village: -1, place: -1 });
  }

  function pick(event, areaIndex) {
    const found = Marks.hit(map, event.containerPoint);
    if (found && "village" in found) village(found.village);
    else if (found) point(found.point);
    else if (areaIndex >= 0) area(areaIndex, event.latlng);
  }

  function hover(event, areaIndex) {
    if (event.originalEvent.seen) return; // the area under the mouse has answered already
    event.originalEvent.seen = true;
    const found = Marks.hit(map, event.containerPoint);
    const under = areaIndex < 0 ? Shapes.at(event.latlng) : areaIndex;
    map.getContainer().classList.toggle("pointing", Boolean(found) || under >= 0);
    const [title, line] = hint(found, under);
    if (title === null) leave();
    else hang(event.latlng, title, line);
  }

  function hang(place, title, line) {
    tip.setLatLng(place).setContent(Dom.make("div", {}, Dom.make("b", {}, title), Dom.make("br"), line));
    if (!map.hasLayer(tip)) tip.addTo(map);
  }

  // What the keyboard points at, and opens.
  function pointAt(table, i) {
    const found = { villages: { village: i }, points: { point: i } }[table] || null;
    const [title, line] = hint(found, i);
    hang([data[table].lat[i], data[table].lon[i]], title, line);
    Dom.say(`${title}. ${line}`);
  }

  const show = (table, i) => ({ villages: village, points: point, areas: area })[table](i);

  function hint(found, areaIndex) {
    const { villages, points } = data;
    if (found && "village" in found) {
      const i = found.village;
      const distance = villages.distance[i] < 0 ? "" : ` · ${Words.kilometres(villages.distance[i])}`;
      return [Words.name(villages.name[i]), people(villages.people[i]) + distance];
    }
    if (found) return [Words.name(points.name[found.point]), Words.kind(points.kind[found.point]) || Words.text("point")];
    if (areaIndex < 0) return [null, ""];
    const measure = data.measures[State.chosen.measure];
    const value = measure ? `${Words.both(measure.label)}: ${valueOf(measure, areaIndex)}` : "";
    return [areaName(areaIndex), value];
  }

  function leave() {
    tip.remove();
  }

  // Where the map shows what was chosen: clear of the key.
  function look(bounds, maxZoom, margin) {
    const paddingBottomRight = [margin + Legend.width(), margin];
    map.fitBounds(bounds, { maxZoom, paddingTopLeft: [margin, margin], paddingBottomRight, animate: false });
  }

  // From a list to the map: a village with its nearest point on the screen, a point, an area.
  function goVillage(i) {
    const { villages, points } = data;
    const ends = [[villages.lat[i], villages.lon[i]]];
    if (villages.point[i] >= 0) ends.push([points.lat[villages.point[i]], points.lon[villages.point[i]]]);
    Sheet.close();
    look(ends, CLOSE + 1.5, 90);
    village(i);
  }

  function goPoint(j) {
    if (Plan.isOpened(j)) Plan.show("after");
    Sheet.close();
    map.setView([data.points.lat[j], data.points.lon[j]], CLOSE, { animate: false });
    point(j);
  }

  function goArea(i) {
    Sheet.close();
    look(Shapes.boundsOf(i), CLOSE, 40);
    area(i);
  }

  return { use, pick, hover, leave, pointAt, show, goVillage, goPoint, goArea, whereabouts, people, look };
})();
