// One idea: villages and points as marks on the canvas; shape and colour both tell what a village is.

const Marks = (() => {
  const NO = 0;
  const YES = 1;
  const UNKNOWN = 2;
  const LOOKS = ["no", "yes", "unknown"];
  const MARGIN = 16;
  const CROWD = 5000; // of more marks than this, those that would hide under another are left out
  const CELL = 2; // pixels; a crowd has at most one mark of a look in each cell of this size
  const SPECK = 2.2; // pixels; smaller marks of a crowd are plain specks, no eye could tell their shape
  const CORNERS = [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ];
  const SPARSE = 400; // villages that a full screen shows at full size
  let data;
  let homeZoom = 9;
  let stamps = new Map();
  let painted = { villages: [], points: [] }; // where marks stand on the screen, while they are few

  function use(document_) {
    data = document_;
  }

  // Called after a change of theme: stamps carry colours.
  function forget() {
    stamps = new Map();
  }

  function setHome(zoom) {
    homeZoom = zoom;
  }

  // The zoom at which marks have their full size: the more villages, the closer.
  function fullZoom() {
    return homeZoom + Math.max(0, Math.log2(data.villages.count / SPARSE) / 2);
  }

  function radius(people, zoom) {
    const [least, pace] = data.villages.count > CROWD ? [0.7, 1.4] : [2.4, 1.2];
    const size = (1.7 + Math.sqrt(Math.max(0, people)) / 17) * pace ** (zoom - fullZoom());
    return Math.round(Math.max(least, Math.min(13, size)) * 2) / 2;
  }

  const pointRadius = (zoom) =>
    Math.max(data.points.count > CROWD ? 2 : 3.6, Math.min(8.5, 4.6 * 1.17 ** (zoom - fullZoom())));

  const FILLS = { yes: "covered", no: "page", unknown: "page", point: "point" };
  const EDGES = { yes: "page", no: "gap", unknown: "unknown", point: "point-edge" };

  const SPECKS = { yes: "covered", no: "gap", unknown: "unknown", point: "point" };

  // A disc, a ring, a square, a diamond: shapes that stay apart without their colours.
  function outline(brush, look, size) {
    brush.beginPath();
    if (look === "unknown") brush.rect(-size * 0.8, -size * 0.8, size * 1.6, size * 1.6);
    else if (look === "point") [0, 1, 2, 3].forEach((i) => brush.lineTo(...CORNERS[i].map((part) => part * size)));
    else brush.arc(0, 0, size, 0, 2 * Math.PI);
    brush.closePath();
  }

  function edgeWidth(look, size) {
    if (look === "yes") return Math.min(1, size / 3);
    if (look === "point") return size > 4 ? 1.3 : 0.6;
    return Math.max(1.2, size * 0.42);
  }

  // Each look and size is drawn once and then stamped: one cheap copy per mark.
  function stampOf(look, size) {
    const key = `${look} ${size}`;
    if (!stamps.has(key)) {
      const ratio = window.devicePixelRatio || 1;
      const half = Math.ceil(size + 3);
      const stamp = document.createElement("canvas");
      stamp.width = 2 * half * ratio;
      stamp.height = stamp.width;
      const brush = stamp.getContext("2d");
      brush.scale(ratio, ratio);
      brush.translate(half, half);
      outline(brush, look, size);
      brush.fillStyle = Colours.of(FILLS[look]);
      brush.fill();
      brush.lineWidth = edgeWidth(look, size);
      brush.strokeStyle = Colours.of(EDGES[look]);
      brush.stroke();
      stamps.set(key, { stamp, half });
    }
    return stamps.get(key);
  }

  // Gives a function that stamps marks of a look, unless they are a crowd and one of them stands there already.
  function stamper(brush, view, look, count, spots) {
    brush.fillStyle = Colours.of(SPECKS[look]);
    const width = Math.ceil(view.width / CELL) + 1;
    const taken = count > CROWD ? new Uint8Array(width * (Math.ceil(view.height / CELL) + 1)) : null;
    return (x, y, sizeOf) => {
      const left = x * view.scale - view.left;
      const top = y * view.scale - view.top;
      if (left < -MARGIN || top < -MARGIN || left > view.width + MARGIN || top > view.height + MARGIN) return;
      if (!taken) spots.push([left, top]);
      else if (left >= 0 && top >= 0 && left < view.width && top < view.height) {
        const cell = Math.floor(top / CELL) * width + Math.floor(left / CELL);
        if (taken[cell]) return;
        taken[cell] = 1;
      }
      const size = sizeOf();
      if (taken && size < SPECK) {
        brush.fillRect(left - size, top - size, 2 * size, 2 * size);
        return;
      }
      const { stamp, half } = stampOf(look, size);
      brush.drawImage(stamp, left - half, top - half, 2 * half, 2 * half);
    };
  }

  const statusColumn = () => (State.chosen.service < 0 ? null : data.villages.status[State.chosen.service]);

  function paintVillages(brush, view, status) {
    if (!State.chosen.shown[LOOKS[status]]) return;
    const { x, y, people, byPeople, count } = data.villages;
    const column = statusColumn();
    const put = stamper(brush, view, LOOKS[status], count, painted.villages);
    for (let rank = 0; rank < count; rank += 1) {
      const i = byPeople[rank];
      if ((column ? column[i] : YES) === status) put(x[i], y[i], () => radius(people[i], view.zoom));
    }
  }

  function paintPoints(brush, view) {
    if (!State.chosen.shown.points) return;
    const { x, y, count } = data.points;
    const put = stamper(brush, view, "point", count, painted.points);
    const size = pointRadius(view.zoom);
    for (let j = 0; j < count; j += 1) put(x[j], y[j], () => size);
  }

  // The line from the chosen village to its nearest point, with its length, and a ring around the village.
  function paintChosen(brush, view) {
    const i = State.chosen.village;
    if (i < 0) return;
    const { villages, points } = data;
    const from = [villages.x[i] * view.scale - view.left, villages.y[i] * view.scale - view.top];
    brush.strokeStyle = Colours.of("ink");
    brush.lineWidth = 2.5;
    brush.beginPath();
    brush.arc(from[0], from[1], radius(villages.people[i], view.zoom) + 5, 0, 2 * Math.PI);
    brush.stroke();
    const j = villages.point[i];
    if (j < 0) return;
    const to = [points.x[j] * view.scale - view.left, points.y[j] * view.scale - view.top];
    brush.setLineDash([6, 4]);
    brush.lineWidth = 2;
    brush.beginPath();
    brush.moveTo(...from);
    brush.lineTo(...to);
    brush.stroke();
    brush.setLineDash([]);
    const long = Math.hypot(to[0] - from[0], to[1] - from[1]) > 70;
    const label = Words.kilometres(villages.distance[i]);
    if (long) Names.write(brush, label, (from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { size: 13, weight: 700, plate: true });
  }

  // Whether a mark is drawn inside a box of the screen; a name asks before it stands there.
  function under([left, top, right, bottom], spares) {
    if (!spares || spares === "none") return false;
    const inBox = ([x, y]) => x > left && x < right && y > top && y < bottom;
    return painted.points.some(inBox) || (spares === "all" && painted.villages.some(inBox));
  }

  function paint(brush, view) {
    painted = { villages: [], points: [] };
    paintVillages(brush, view, YES);
    paintVillages(brush, view, UNKNOWN);
    paintPoints(brush, view);
    paintVillages(brush, view, NO);
    paintChosen(brush, view);
  }

  // The mark under a spot of the screen: { village }, { point } or null. A finger needs more room than a mouse.
  function hit(map, spot) {
    const view = Screen.viewOf(map);
    const reach = L.Browser.mobile ? 14 : 5;
    const column = statusColumn();
    let best = null;
    let nearest = reach;
    const look = (table, i, size, found) => {
      const across = table.x[i] * view.scale - view.left - spot.x;
      if (Math.abs(across) > size + reach) return;
      const away = Math.hypot(across, table.y[i] * view.scale - view.top - spot.y) - size;
      if (away >= nearest) return;
      nearest = away;
      best = found;
    };
    for (let i = 0; i < data.villages.count; i += 1) {
      if (!State.chosen.shown[LOOKS[column ? column[i] : YES]]) continue;
      look(data.villages, i, radius(data.villages.people[i], view.zoom), { village: i });
    }
    for (let j = 0; State.chosen.shown.points && j < data.points.count; j += 1) {
      look(data.points, j, pointRadius(view.zoom), { point: j });
    }
    return best;
  }

  return { NO, YES, UNKNOWN, LOOKS, use, forget, setHome, fullZoom, radius, paint, hit, statusColumn, under };
})();
