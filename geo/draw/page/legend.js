// One idea: the key to the map - the chosen measure with its classes, the layers with their counts, mark sizes.

const Legend = (() => {
  const SIZES = [500, 2000, 5000]; // people
  let data;

  function use(document_) {
    data = document_;
    Dom.byId("measure").addEventListener("change", (event) => {
      State.chooseMeasure(data, Number(event.target.value));
    });
  }

  function select() {
    const box = Dom.byId("measure");
    box.hidden = data.measures.length === 0;
    const options = data.measures.map((measure, i) => {
      const unit = Words.unit(measure.format);
      const label = Words.both(measure.label) + (unit ? ` (${unit})` : "");
      return Dom.make("option", { value: i, selected: i === State.chosen.measure }, label);
    });
    const chosen = options[State.chosen.measure];
    Dom.byId("colour-by").dataset.measure = chosen ? chosen.textContent : ""; // for print, where there is no list
    const groups = [
      ["coverage", (measure) => measure.format.percent && measure.operator === null],
      ["operators", (measure) => measure.operator !== null],
      ["summary", (measure) => !measure.format.percent && measure.operator === null],
    ].map(([key, belongs]) => {
      const members = options.filter((_, i) => belongs(data.measures[i]));
      return members.length ? Dom.make("optgroup", { label: Words.text(key) }, ...members) : null;
    });
    Dom.fill(box, ...groups);
  }

  // Whole numbers are named by those that belong to the class: 2 – 3 rather than 2 – 4.
  function className(measure, index) {
    const { breaks, format } = measure;
    const counts = measure.values.every((value) => value === null || Number.isInteger(value));
    const limit = (value) => Words.limit(value, format);
    if (!breaks.length) return Words.text("any_value");
    if (index === 0) return Words.text("below", { to: limit(breaks[0]) });
    if (index === breaks.length) return Words.text("from", { from: limit(breaks[index - 1]) });
    const from = breaks[index - 1];
    const to = counts && Number.isInteger(breaks[index]) ? breaks[index] - 1 : breaks[index];
    if (counts && from === to) return limit(from);
    return Words.text("between", { from: format.percent ? Words.plain(from * 100) : Words.plain(from), to: limit(to) });
  }

  function row(colour, name, count) {
    const swatch = Dom.make("s", { style: `background:${colour}` });
    const number = Words.text("area_count", { count: Words.number(count) });
    return Dom.make("li", { "data-count": count }, swatch, Dom.make("span", {}, name), Dom.make("em", {}, number));
  }

  function classes() {
    const measure = data.measures[State.chosen.measure];
    const box = Dom.byId("legend");
    if (!measure) {
      Dom.fill(box, Dom.make("li", { class: "note" }, Words.text("no_areas")));
      return;
    }
    const counts = Colours.counts(measure);
    const unknown = counts.pop();
    const rows = counts.map((count, i) => row(Colours.ofClass(measure, i), className(measure, i), count)).reverse();
    rows.push(row(Colours.ofClass(measure, null), Words.text("no_data"), unknown));
    Dom.fill(box, ...rows);
  }

  // The layers that this study has, each with its mark, its name and how many there are.
  function layerRows() {
    const { services, villages, catchments, areas } = data;
    const service = services[State.chosen.service];
    const rows = [];
    if (service && villages.count) {
      const name = { service: Words.both(service.name) };
      rows.push(["yes", Words.text("villages_with", name), service.counts[Marks.YES]]);
      rows.push(["no", Words.text("villages_without", name), service.counts[Marks.NO]]);
      const unknown = service.counts[Marks.UNKNOWN];
      if (unknown) rows.push(["unknown", Words.text("villages_unknown"), unknown]);
    } else if (villages.count) rows.push(["yes", Words.text("villages"), villages.count]);
    const standing = Plan.standing(data);
    if (standing) rows.push(["points", Words.text("points"), standing]);
    if (Plan.count(Plan.OPENS)) rows.push(["proposed", Words.text("proposed"), Plan.count(Plan.OPENS)]);
    if (Plan.count(Plan.CLOSES)) rows.push(["closed", Words.text("closing"), Plan.count(Plan.CLOSES)]);
    if (data.holes) rows.push(["holes", Words.text("holes"), data.holes.count + data.holes.rest]);
    if (catchments.count) rows.push(["catchments", Words.text("catchments"), catchments.count]);
    if (areas.count) rows.push(["areas", Words.text("areas"), areas.count]);
    rows.push(["names", Words.text("names"), null]);
    return rows;
  }

  function layerRow([layer, name, count]) {
    const box = Dom.make("input", {
      type: "checkbox",
      id: `layer-${layer}`,
      checked: State.chosen.shown[layer],
      onchange: (event) => State.show(layer, event.target.checked),
    });
    const number = count === null ? null : Dom.make("em", {}, Words.number(count));
    return Dom.make("label", { class: "layer" }, box, Dom.icon(layer), Dom.make("span", {}, name), number);
  }

  function sizes() {
    const box = Dom.byId("sizes");
    if (!data.villages.count) {
      Dom.fill(box);
      return;
    }
    const mark = (people) => {
      const size = 2 * Looks.radius(people, Looks.fullZoom());
      const dot = Dom.make("i", { style: `width:${size}px;height:${size}px` });
      return Dom.make("span", {}, dot, Words.number(people));
    };
    Dom.fill(box, Dom.make("span", {}, Words.text("village_size")), ...SIZES.map(mark));
  }

  // How much of the map's right side the key covers, in pixels; on a narrow screen it stands in the panel.
  function width() {
    const key = Dom.byId("key");
    return key.open && getComputedStyle(key).position !== "static" ? key.offsetWidth : 0;
  }

  function refresh() {
    select();
    classes();
    Dom.fill(Dom.byId("layers"), ...layerRows().map(layerRow));
    sizes();
  }

  return { use, refresh, width };
})();
