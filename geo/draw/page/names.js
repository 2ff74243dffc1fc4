// One idea: words on the map - degrees at its edges, then names from the most to the least important,
// each only where it covers no other.

const Names = (() => {
  const FONT = '"Segoe UI", "Noto Sans", Roboto, Arial, sans-serif';
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // minutes of arc
  const SPACING = 130; // pixels between two lines of the graticule, at least
  const MOST = 90; // names on one screen; villages may add as many
  const LEAST_ROOM = 30; // pixels; no name is shorter
  const SPOTS = [0, -18, 18, -34, 34]; // pixels below its place that a name is tried at
  let data;
  let areaOrder = [];

  // How wide a shape is, in Mercator units: a name is written where its area has room for it.
  function widths({ shapes, group }, parents) {
    const spans = shapes.rings.map(() => [Infinity, -Infinity]);
    const wholes = Array.from({ length: parents.count }, () => [Infinity, -Infinity]);
    shapes.rings.forEach((rings, i) => {
      rings.forEach(([from, to]) => {
        for (let k = from; k < to; k += 1) {
          if (shapes.x[k] < spans[i][0]) spans[i][0] = shapes.x[k];
          if (shapes.x[k] > spans[i][1]) spans[i][1] = shapes.x[k];
        }
      });
      const whole = wholes[group[i]];
      if (whole) [whole[0], whole[1]] = [Math.min(whole[0], spans[i][0]), Math.max(whole[1], spans[i][1])];
    });
    const width = ([west, east]) => Math.max(0, east - west);
    data.areas.width = spans.map(width);
    parents.width = wholes.map(width);
  }

  function use(document_) {
    data = document_;
    widths(data.areas, data.parents);
    areaOrder = [...data.areas.name.keys()].sort((a, b) => data.areas.width[b] - data.areas.width[a]);
  }

  // A halo keeps the letters clear of the map; a plate keeps a line from showing between them.
  function write(brush, text, x, y, { size, weight = 500, colour = "ink", align = "center", plate = false }) {
    brush.font = `${weight} ${size}px ${FONT}`;
    brush.textAlign = align;
    brush.textBaseline = "middle";
    if (plate) {
      const width = brush.measureText(text).width + 10;
      brush.fillStyle = Colours.of("page");
      brush.fillRect(x - width / 2, y - size * 0.8, width, size * 1.6);
    }
    brush.lineJoin = "round";
    brush.lineWidth = 3.4;
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

  // Writes a name at the first of its spots that is on the screen and free; gives whether it stands.
  function place(brush, view, taken, name) {
    const x = name.x * view.scale - view.left;
    const y = name.y * view.scale - view.top;
    if (x < 0 || y < 0 || x > view.width || y > view.height) return false;
    if (name.room && name.room * view.scale < LEAST_ROOM) return false;
    brush.font = `${name.weight} ${name.size}px ${FONT}`;
    const half = brush.measureText(name.text).width / 2 + 3;
    if (name.room && name.room * view.scale < 2 * half) return false;
    const boxAt = (down) => [x - half, y + down - name.size * 0.7, x + half, y + down + name.size * 0.7];
    const inside = ([left, top, right, bottom]) =>
      left > 2 && top > 2 && right < view.width - 2 && bottom < view.height - 2;
    const isFree = (down) => inside(boxAt(down)) && !taken.some((other) => meets(boxAt(down), other));
    const spot = name.spots.filter(isFree).find((down) => !Marks.under(boxAt(down), name.spares));
    if (spot === undefined) return false;
    taken.push(boxAt(spot));
    write(brush, name.text, x, y + spot, name);
    return true;
  }

  // Where the legend lies on the map, if it does.
  function legendBox(view) {
    const legend = Dom.byId("section-colour").getBoundingClientRect();
    const stage = view.map.getContainer().getBoundingClientRect();
    const [left, top] = [legend.left - stage.left, legend.top - stage.top];
    return left < 0 || legend.left > stage.right ? [0, 0, 0, 0] : [left, top, left + legend.width, top + legend.height];
  }

  function paint(brush, view) {
    // The buttons at the top right, the scale at the bottom left, the legend at the bottom right.
    const taken = [
      [view.width - 60, 0, view.width, 190],
      [0, view.height - 44, 170, view.height],
      legendBox(view),
    ];
    paintDegrees(brush, view, taken);
    if (!State.chosen.shown.names) return;
    const { about, parents, areas, villages } = data;
    about.labels.forEach((label) => {
      const [x, y] = [Data.across(label.lon), Data.down(label.lat)];
      const look = { size: 14, weight: 600, colour: "quiet", spots: [0] };
      place(brush, view, taken, { text: Words.both(label.name), x, y, ...look });
    });
    const row = (table, i, look) => ({ text: table.name[i], x: table.x[i], y: table.y[i], ...look });
    // A district's name may cover a village if it must; a commune's name covers no mark at all.
    parents.name.forEach((_, i) => {
      if (taken.length > MOST) return;
      const look = { size: 14, weight: 700, room: parents.width[i] * 1.5, spares: "points" };
      const calm = { ...look, spares: "all", spots: SPOTS };
      if (place(brush, view, taken, row(parents, i, calm))) return;
      if (place(brush, view, taken, row(parents, i, { ...look, spots: SPOTS }))) return;
      place(brush, view, taken, row(parents, i, { ...look, spares: "none", spots: [0] }));
    });
    areaOrder.forEach((i) => {
      if (taken.length > MOST) return;
      const look = { size: 12, weight: 500, room: areas.width[i], spares: "all", spots: SPOTS };
      place(brush, view, taken, row(areas, i, look));
    });
    if (view.zoom < Looks.fullZoom() + 2.5) return;
    const inView = Marks.inView(view, "villages").sort((a, b) => villages.people[b] - villages.people[a]);
    for (let rank = 0, written = 0; rank < inView.length && written < MOST; rank += 1) {
      const i = inView[rank];
      const beside = Looks.radius(villages.people[i], view.zoom) + 10;
      const look = { size: 11, weight: 400, colour: "quiet", spares: "all", spots: [beside, -beside] };
      if (i === State.chosen.village) continue; // its popup names it
      if (villages.name[i] && place(brush, view, taken, row(villages, i, look))) written += 1;
    }
  }

  return { use, write, paint, paintGraticule };
})();
