// One idea: villages and points on the canvas - each as its mark while they are few, as specks in a crowd.

const Marks = (() => {
  const NO = 0;
  const YES = 1;
  const UNKNOWN = 2;
  const LOOKS = ["no", "yes", "unknown"];
  // In a crowd: the colour of a mark, its size, and how much stronger it is than a covered village.
  const SPECKS = { yes: ["covered", 1, 1], unknown: ["unknown", 1, 1], point: ["point", 1.3, 1.3], no: ["gap", 1.3, 2] };
  const CLEAR = 9; // pixels between two marks of a crowd at which each has its full colour
  const MARGIN = 16;
  const CROWD = { villages: 3500, points: 1200, pointsAmongMany: 300 }; // more in view than this are a crowd
  let data;
  let finders;
  const CELL = 32; // pixels
  const REACH = 4; // pixels that a mark reaches from its middle, where a name would cover it
  let painted = new Map(); // where marks stand on the screen, while they are few, by cell of the screen

  function use(document_) {
    data = document_;
    finders = { villages: Grid.make(data.villages.x, data.villages.y), points: Grid.make(data.points.x, data.points.y) };
  }

  const statusColumn = () => (State.chosen.service < 0 ? null : data.villages.status[State.chosen.service]);

  function statusOf(i) {
    const column = statusColumn();
    return column ? column[i] : YES;
  }

  // The rows of a table that the screen shows, layers that are switched off left out.
  function inView(view, name) {
    const { shown } = State.chosen;
    const rows = new Uint32Array(data[name].count);
    let count = 0;
    const column = statusColumn();
    const asked = name === "points" ? (j) => Plan.lookOf(j) !== null : (i) => shown[LOOKS[column ? column[i] : YES]];
    finders[name](Grid.boxOf(view, MARGIN), (i) => {
      if (!asked(i)) return;
      rows[count] = i;
      count += 1;
    });
    return rows.subarray(0, count);
  }

  // The thicker the crowd, the smaller and fainter each of its marks: the colours of the areas stay in sight.
  function specks(name, rows, look, spacing) {
    const [colour, size, weight] = SPECKS[look];
    const room = Math.min(1, spacing / CLEAR);
    return { ...data[name], rows, colour, size: size * (1 + room), share: Math.min(1, weight * room ** 1.5) };
  }

  // Rows of villages by what they are, in one pass: byStatus(rows)[YES] are the covered ones.
  function byStatus(rows) {
    const found = LOOKS.map(() => new Uint32Array(rows.length));
    const counts = LOOKS.map(() => 0);
    const column = statusColumn();
    for (let k = 0; k < rows.length; k += 1) {
      const status = column ? column[rows[k]] : YES;
      found[status][counts[status]] = rows[k];
      counts[status] += 1;
    }
    return found.map((some, status) => some.subarray(0, counts[status]));
  }

  function crowd(brush, view, villages, points) {
    const spacing = Math.sqrt((view.width * view.height) / (villages.length + points.length));
    const sorted = byStatus(villages);
    const of = (status) => specks("villages", sorted[status], LOOKS[status], spacing);
    Crowd.paint(brush, view, [of(YES), of(UNKNOWN), specks("points", points, "point", spacing), of(NO)]);
  }

  const cellOf = (column, line) => column * 65536 + line;

  function remember([x, y]) {
    const cell = cellOf(Math.floor(x / CELL), Math.floor(y / CELL));
    if (!painted.has(cell)) painted.set(cell, []);
    painted.get(cell).push([x, y]);
  }

  // Large villages first, so that small ones stay in sight.
  function stampVillages(brush, view, rows, status) {
    const { x, y, people } = data.villages;
    rows.sort((a, b) => people[b] - people[a]);
    rows.forEach((i) => {
      const spot = [x[i] * view.scale - view.left, y[i] * view.scale - view.top];
      remember(spot);
      Looks.put(brush, LOOKS[status], Looks.radius(people[i], view.zoom), ...spot);
    });
  }

  const FIRST = 1.9; // marks of a plan are so much larger than other points

  function stampPoints(brush, view, rows) {
    const size = Looks.pointRadius(view.zoom);
    rows.forEach((j) => {
      const look = Plan.lookOf(j);
      const spot = [data.points.x[j] * view.scale - view.left, data.points.y[j] * view.scale - view.top];
      remember(spot);
      Looks.put(brush, look, look === "point" ? size : FIRST * size, ...spot);
    });
  }

  // The line from the chosen village to its nearest point, with its length, and a ring around the village.
  function paintChosen(brush, view) {
    const i = State.chosen.village;
    if (i < 0) return;
    const { villages, points } = data;
    const from = [villages.x[i] * view.scale - view.left, villages.y[i] * view.scale - view.top];
    ring(brush, from, Looks.radius(villages.people[i], view.zoom) + 5);
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
    if (!Plan.isOpened(j)) Looks.put(brush, "point", Looks.pointRadius(view.zoom), ...to);
    const long = Math.hypot(to[0] - from[0], to[1] - from[1]) > 70;
    const label = Words.kilometres(villages.distance[i]);
    const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    if (long) Names.write(brush, label, ...middle, { size: 13, weight: 700, plate: true });
  }

  function ring(brush, [x, y], size) {
    brush.strokeStyle = Colours.of("ink");
    brush.lineWidth = 2.5;
    brush.beginPath();
    brush.arc(x, y, size, 0, 2 * Math.PI);
    brush.stroke();
  }

  // How many marks a box of the screen covers; a name asks before it stands there.
  function under(box) {
    const [left, top, right, bottom] = [box[0] - REACH, box[1] - REACH, box[2] + REACH, box[3] + REACH];
    const isIn = ([x, y]) => x > left && x < right && y > top && y < bottom;
    let count = 0;
    for (let column = Math.floor(left / CELL); column <= right / CELL; column += 1) {
      for (let line = Math.floor(top / CELL); line <= bottom / CELL; line += 1) {
        count += (painted.get(cellOf(column, line)) || []).filter(isIn).length;
      }
    }
    return count;
  }

  function paint(brush, view) {
    painted = new Map();
    const [villages, all] = [inView(view, "villages"), inView(view, "points")];
    const points = all.filter((j) => Plan.lookOf(j) === "point");
    const many = villages.length > CROWD.villages;
    const manyPoints = points.length > (many ? CROWD.pointsAmongMany : CROWD.points);
    const none = new Uint32Array(0);
    if (many || manyPoints) crowd(brush, view, many ? villages : none, manyPoints ? points : none);
    const sorted = byStatus(many ? none : villages);
    [YES, UNKNOWN].forEach((status) => stampVillages(brush, view, sorted[status], status));
    if (!manyPoints) stampPoints(brush, view, points);
    stampVillages(brush, view, sorted[NO], NO);
    stampPoints(brush, view, all.filter((j) => Plan.lookOf(j) !== "point"));
    paintChosen(brush, view);
    Keys.paint(brush, view, ring);
  }

  // The mark under a spot of the screen: { village }, { point } or null. A finger needs more room than a mouse.
  function hit(map, spot) {
    const view = Screens.viewOf(map);
    const reach = L.Browser.mobile ? 14 : 5;
    const around = { ...view, left: view.left + spot.x, top: view.top + spot.y, width: 0, height: 0 };
    let best = null;
    let nearest = reach;
    const look = (table, i, size, found) => {
      const across = table.x[i] * view.scale - around.left;
      const away = Math.hypot(across, table.y[i] * view.scale - around.top) - size;
      if (away >= nearest) return;
      nearest = away;
      best = found;
    };
    const box = Grid.boxOf(around, reach + MARGIN);
    finders.villages(box, (i) => {
      const size = Looks.radius(data.villages.people[i], view.zoom);
      if (State.chosen.shown[LOOKS[statusOf(i)]]) look(data.villages, i, size, { village: i });
    });
    finders.points(box, (j) => {
      const kind = Plan.lookOf(j);
      const size = Looks.pointRadius(view.zoom) * (kind === "point" ? 1 : FIRST);
      if (kind === "point") look(data.points, j, size, { point: j });
      else if (kind) look(data.points, j, Math.max(size, 13.5), { point: j }); // it lies above the villages
    });
    return best;
  }

  return { NO, YES, UNKNOWN, LOOKS, use, paint, hit, statusColumn, inView, under };
})();
