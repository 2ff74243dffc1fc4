// One idea: the map without a mouse - a cursor that arrow keys move from mark to mark and from area to area.

const Keys = (() => {
  const STRIDE = 120; // pixels that Shift with an arrow moves the map
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const FEW = 3000; // of more marks than this in view the cursor visits areas alone: zoom in for villages
  let data;
  let map;
  let cursor = null; // { table: "villages", i }
  let repaint = () => {};

  function use(document_, map_) {
    data = document_;
    map = map_;
    const stage = map.getContainer();
    stage.tabIndex = 0;
    stage.addEventListener("keydown", (event) => {
      if (event.target === stage) press(event);
    });
    stage.addEventListener("blur", () => move(null));
  }

  function onMove(repaint_) {
    repaint = repaint_;
  }

  function press(event) {
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) map.panBy([arrow[0] * STRIDE, arrow[1] * STRIDE], { animate: false });
    else if (arrow) step(arrow);
    else if (event.key === "+" || event.key === "=") map.zoomIn();
    else if (event.key === "-") map.zoomOut();
    else if (event.key === "Home") Dom.byId("home").click();
    else if ((event.key === "Enter" || event.key === " ") && cursor) Popups.show(cursor.table, cursor.i);
    else return;
    event.preventDefault();
  }

  // Where a feature lies on the screen.
  function spotOf(view, { table, i }) {
    return [data[table].x[i] * view.scale - view.left, data[table].y[i] * view.scale - view.top];
  }

  function candidates(view) {
    const marks = ["villages", "points"].flatMap((table) => {
      const rows = Marks.inView(view, table);
      return rows.length > FEW ? [] : Array.from(rows, (i) => ({ table, i }));
    });
    const areas = State.chosen.shown.areas ? [...data.areas.name.keys()].map((i) => ({ table: "areas", i })) : [];
    return [...marks, ...areas];
  }

  // The nearest feature in a direction; straying to the side counts double, behind does not count.
  function step([right, down]) {
    const view = Screens.viewOf(map);
    const middle = [view.width / 2, view.height / 2];
    const from = cursor ? spotOf(view, cursor) : middle;
    let best = null;
    let least = Infinity;
    candidates(view).forEach((one) => {
      const [x, y] = spotOf(view, one);
      if (x < 0 || y < 0 || x > view.width || y > view.height) return;
      const ahead = (x - from[0]) * right + (y - from[1]) * down;
      const aside = Math.abs((x - from[0]) * down) + Math.abs((y - from[1]) * right);
      const far = cursor ? ahead + 2 * aside : Math.hypot(x - from[0], y - from[1]);
      if (far >= least || (cursor && ahead <= 0.01)) return;
      best = one;
      least = far;
    });
    if (best) move(best);
    else map.panBy([right * STRIDE, down * STRIDE], { animate: false });
  }

  function move(to) {
    if (cursor === to) return;
    cursor = to;
    repaint();
    if (!to) Popups.leave();
    else Popups.pointAt(to.table, to.i);
  }

  function paint(brush, view, ring) {
    if (cursor) ring(brush, spotOf(view, cursor), 13);
  }

  return { use, onMove, paint };
})();
