// One idea: words on the map - degrees at its edges, then names from the most to the least important,
// each only where it covers no other.

const Names = (() => {
  const FONT = '"Segoe UI", "Noto Sans", Roboto, Arial, sans-serif';
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // minutes of arc
  const SPACING = 130; // pixels between two lines of the graticule, at least
  const MOST = 90; // names on one screen; villages may add as many
  const LEAST_ROOM = 30; // pixels; no name is shorter
  const PHONE = 600; // pixels; a narrower map has smaller names
  const MISLEADS = 17; // a name that costs more than this would be taken for a neighbour's
  // Where a name is tried, in pixels to the right of its place and below it, the nearest first.
  const NEAR = spotsOf([0, 20, 40], [0, 18, 34]);
  const AROUND = spotsOf([0, 24, 48], [0, 16, 32, 48]);
  let data;
  let areaOrder = [];
  let membersOf = []; // the areas of each parent

  function spotsOf(aside, along) {
    const both = (steps) => steps.flatMap((step) => (step ? [step, -step] : [0]));
    const spots = both(aside).flatMap((right) => both(along).map((down) => [right, down]));
    return spots.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
  }

  // How wide a shape is, in Mercator units: a name is written where its area has room for it.
  function widths({ shapes, group }, parents) {
    const sides = [...shapes.rings.keys()].map((i) => [shapes.boxes[4 * i], shapes.boxes[4 * i + 2]]);
    const wholes = Array.from({ length: parents.count }, () => [Infinity, -Infinity]);
    sides.forEach(([west, east], i) => {
      const whole = wholes[group[i]];
      if (whole) [whole[0], whole[1]] = [Math.min(whole[0], west), Math.max(whole[1], east)];
    });
    const width = ([west, east]) => Math.max(0, east - west);
    data.areas.width = sides.map(width);
    parents.width = wholes.map(width);
  }

  function use(document_) {
    data = document_;
    widths(data.areas, data.parents);
    membersOf = data.parents.name.map(() => []);
    data.areas.group.forEach((parent, i) => membersOf[parent]?.push(i));
    areaOrder = [...data.areas.name.keys()].sort((a, b) => data.areas.width[b] - data.areas.width[a]);
  }

  // A halo keeps the letters clear of the map; a plate keeps a line from showing between them.
  function write(brush, text, x, y, { size, weight = 500, colour = "ink", align = "center", halo = 3.4, plate = false }) {
    brush.font = `${weight} ${size}px ${FONT}`;
    brush.textAlign = align;
    brush.textBaseline = "middle";
    if (plate) {
      const width = brush.measureText(text).width + 10;
      brush.fillStyle = Colours.of("page");
      brush.fillRect(x - width / 2, y - size * 0.8, width, size * 1.6);
    }
    brush.lineJoin = "round";
    brush.lineWidth = halo;
    brush.strokeStyle = Colours.of("page");
    brush.strokeText(text, x, y);
    brush.fillStyle = Colours.of(colour);
    brush.fillText(text, x, y);
  }

  function stepOf(view) {
    const minute = (view.scale * 256) / 360 / 60;
    return STEPS.find((step) => step * minute >= SPACING) || STEPS[STEPS.length - 1];
  }

  // Calls draw(minutes, position) for each meridian, then for each parallel, that crosses the screen.
  function eachLine(view, meridian, parallel) {
    const bounds = view.map.getBounds();
    const step = stepOf(view);
    const lines = (from, to) => {
      const first = Math.ceil((from * 60) / step);
      const count = Math.floor((to * 60) / step) - first + 1;
      return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
    };
    lines(bounds.getWest(), bounds.getEast()).forEach((minutes) =>
      meridian(minutes, Data.across(minutes / 60) * view.scale - view.left),
    );
    lines(Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())).forEach((minutes) =>
      parallel(minutes, Data.down(minutes / 60) * view.scale - view.top),
    );
  }

  function paintGraticule(brush, view) {
    brush.strokeStyle = Colours.of("quiet");
    brush.globalAlpha = 0.32;
    brush.lineWidth = 0.8;
    brush.setLineDash([2, 4]);
    const line = (x1, y1, x2, y2) => {
      brush.beginPath();
      brush.moveTo(x1, y1);
      brush.lineTo(x2, y2);
      brush.stroke();
    };
    eachLine(
      view,
      (_, x) => line(x, 0, x, view.height),
      (_, y) => line(0, y, view.width, y),
    );
  }

  function degrees(minutes, positive, negative) {
    const size = Math.abs(minutes);
    const whole = Math.floor(size / 60);
    const rest = String(size - 60 * whole).padStart(2, "0");
    const side = minutes === 0 ? "" : Words.text(minutes > 0 ? positive : negative);
    return `${whole}°${rest === "00" ? "" : `${rest}′`}${side}`;
  }

  function paintDegrees(brush, view, taken) {
    const label = (text, x, y, align) => {
      write(brush, text, x, y, { size: 11, colour: "quiet", align });
      taken.push([x - 30, y - 9, x + 60, y + 9]);
    };
    eachLine(
      view,
      (minutes, x) => {
        if (x > 70 && x < view.width - 110) label(degrees(minutes, "east", "west"), x, 10, "center");
      },
      (minutes, y) => {
        if (y > 30 && y < view.height - 60) label(degrees(minutes, "north", "south"), 5, y, "left");
      },
    );
  }

  const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  // Writes a name at the spot that covers least, of those on the screen and free; gives whether it stands.
  function place(brush, view, taken, name) {
    const x = name.x * view.scale - view.left;
    const y = name.y * view.scale - view.top;
    if (x < 0 || y < 0 || x > view.width || y > view.height) return false;
    if (name.room && name.room * view.scale < LEAST_ROOM) return false;
    brush.font = `${name.weight ?? 500} ${name.size}px ${FONT}`;
    const half = brush.measureText(name.text).width / 2 + 3;
    if (name.room && name.room * view.scale < 2 * half) return false;
    const rise = name.size * 0.7;
    const boxAt = ([right, down]) => [x + right - half, y + down - rise, x + right + half, y + down + rise];
    const inside = ([left, top, right, bottom]) =>
      left > 2 && top > 2 && right < view.width - 2 && bottom < view.height - 2;
    const isFree = (box) => inside(box) && !taken.some((other) => meets(box, other));
    let best = null;
    let least = Infinity;
    for (const spot of name.spots) {
      const cost = isFree(boxAt(spot)) ? name.cost(boxAt(spot), spot) : Infinity;
      if (cost < least) [best, least] = [spot, cost];
      if (least === 0) break;
    }
    if (best === null || least > name.bears) return false;
    taken.push(boxAt(best));
    write(brush, name.text, x + best[0], y + best[1], name);
    return true;
  }

  // How many of a name's two ends lie in none of these areas; a name whose middle does would be another's.
  function strays(view, members, [left, top, right, bottom]) {
    const y = ((top + bottom) / 2 + view.top) / view.scale;
    const isOutside = (x) => !members.some((i) => Data.holds(data.areas.shapes, i, (x + view.left) / view.scale, y));
    return isOutside((left + right) / 2) ? Infinity : [left + 3, right - 3].filter(isOutside).length;
  }

  // Where the key lies on the map, if it does.
  function keyBox(view) {
    const legend = Dom.byId("key").getBoundingClientRect();
    const stage = view.map.getContainer().getBoundingClientRect();
    const [left, top] = [legend.left - stage.left, legend.top - stage.top];
    return left < 0 || legend.left > stage.right ? [0, 0, 0, 0] : [left, top, left + legend.width, top + legend.height];
  }

  function paint(brush, view) {
    // The buttons at the top right, the scale at the bottom left, the key at the bottom right.
    const taken = [
      [view.width - 60, 0, view.width, 190],
      [0, view.height - 44, 170, view.height],
      keyBox(view),
    ];
    paintDegrees(brush, view, taken);
    if (!State.chosen.shown.names) return;
    const paintAll = (rows, nameOf) => rows.forEach((i) => taken.length > MOST || place(brush, view, taken, nameOf(view, i)));
    data.about.labels.forEach((label) => place(brush, view, taken, labelName(label)));
    paintAll([...data.parents.name.keys()], parentName);
    paintAll(areaOrder.filter((i) => data.areas.width[i] * view.scale >= LEAST_ROOM), areaName);
    if (view.zoom >= Looks.fullZoom() + 2.5) paintVillages(brush, view, taken);
  }

  const row = (table, i, look) => ({ text: table.name[i], x: table.x[i], y: table.y[i], ...look });

  function labelName(label) {
    const look = { size: 14, weight: 600, colour: "quiet", spots: [[0, 0]], cost: () => 0, bears: 0 };
    return { text: Words.both(label.name), x: Data.across(label.lon), y: Data.down(label.lat), ...look };
  }

  // A district's name may cover marks and reach across its border if it must: few, little, and near its place.
  function parentName(view, i) {
    const cost = (box, spot) => Marks.under(box) + 4 * strays(view, membersOf[i], box) + Math.hypot(...spot) / 12;
    const look = { size: view.width < PHONE ? 12 : 14, weight: 700, halo: 4.5, room: data.parents.width[i] * 1.5 };
    return row(data.parents, i, { ...look, spots: AROUND, cost, bears: MISLEADS });
  }

  // A commune's name covers no mark, and one of its ends at most leaves the commune.
  function areaName(view, i) {
    const cost = (box) => (Marks.under(box) ? Infinity : strays(view, [i], box));
    return row(data.areas, i, { size: view.width < PHONE ? 11 : 12, room: data.areas.width[i], spots: NEAR, cost, bears: 1 });
  }

  function paintVillages(brush, view, taken) {
    const { villages } = data;
    const inView = Marks.inView(view, "villages").sort((a, b) => villages.people[b] - villages.people[a]);
    const look = { size: 11, weight: 400, colour: "quiet", cost: Marks.under, bears: 0 };
    for (let rank = 0, written = 0; rank < inView.length && written < MOST; rank += 1) {
      const i = inView[rank];
      if (i === State.chosen.village || !villages.name[i]) continue; // the popup of the chosen one names it
      const beside = Looks.radius(villages.people[i], view.zoom) + 10;
      const spots = [[0, beside], [0, -beside]];
      if (place(brush, view, taken, row(villages, i, { ...look, spots }))) written += 1;
    }
  }

  return { use, write, paint, paintGraticule };
})();
