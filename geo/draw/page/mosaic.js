// One idea: thousands of polygons on one canvas - filled by class or outlined, drawn only where the screen shows them.

const Mosaic = (() => {
  const SPECK = 2.5; // pixels; areas that are smaller on average are drawn as their boxes
  const BORDERS = 9; // pixels; areas that are smaller on average have no borders of their own
  const OUTLINES = 45; // the same for the outlines of their parents

  const meets = (box, other) => box[0] <= other[2] && box[2] >= other[0] && box[1] <= other[3] && box[3] >= other[1];

  function grouped(rows, keyOf) {
    const groups = new Map();
    rows.forEach((row) => {
      const key = keyOf(row);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    });
    return groups;
  }

  // A mosaic of polygons, as Data reads them.
  function of(shapes) {
    // West, north, east, south of each polygon, in Mercator units.
    const boxes = shapes.rings.map((rings) => {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      rings.forEach(([from, to]) => {
        for (let i = from; i < to; i += 1) {
          box[0] = Math.min(box[0], shapes.x[i]);
          box[1] = Math.min(box[1], shapes.y[i]);
          box[2] = Math.max(box[2], shapes.x[i]);
          box[3] = Math.max(box[3], shapes.y[i]);
        }
      });
      return box;
    });
    // A polygon's width on average.
    const size = boxes.reduce((sum, box) => sum + Math.max(0, box[2] - box[0]), 0) / (boxes.length || 1);
    let outlines = null;

    // Corners are rounded to half pixels and those that fall together drawn once: neighbours round alike.
    function trace(brush, view, rings) {
      rings.forEach(([from, to]) => {
        let [lastX, lastY, firstX, firstY] = [NaN, NaN, NaN, NaN];
        for (let i = from; i < to; i += 1) {
          const x = Math.round((shapes.x[i] * view.scale - view.left) * 2) / 2;
          const y = Math.round((shapes.y[i] * view.scale - view.top) * 2) / 2;
          if (x === lastX && y === lastY) continue;
          if (i === from) {
            brush.moveTo(x, y);
            [firstX, firstY] = [x, y];
          } else brush.lineTo(x, y);
          lastX = x;
          lastY = y;
        }
        brush.lineTo(firstX, firstY); // closePath takes the longer, the more rings there are
      });
    }

    // Areas as small as a speck are a speck.
    function dot(brush, view, box) {
      const width = Math.max(1, Math.round((box[2] - box[0]) * view.scale));
      const height = Math.max(1, Math.round((box[3] - box[1]) * view.scale));
      brush.rect(Math.round(box[0] * view.scale - view.left), Math.round(box[1] * view.scale - view.top), width, height);
    }

    function paintOutlines(brush, view, group, parents) {
      if (!parents.count || size * Math.sqrt(shapes.count / parents.count) * view.scale < OUTLINES) return;
      outlines ??= Outlines.between(shapes, group).map((degrees, k) => (k % 2 ? Data.down(degrees) : Data.across(degrees)));
      brush.beginPath();
      for (let k = 0; k < outlines.length; k += 4) {
        const at = (i) => [outlines[i] * view.scale - view.left, outlines[i + 1] * view.scale - view.top];
        const [one, other] = [at(k), at(k + 2)];
        if (Math.max(one[0], other[0]) < 0 || Math.min(one[0], other[0]) > view.width) continue;
        if (Math.max(one[1], other[1]) < 0 || Math.min(one[1], other[1]) > view.height) continue;
        brush.moveTo(...one);
        brush.lineTo(...other);
      }
      brush.strokeStyle = Colours.of("outline");
      brush.lineWidth = 1.4;
      brush.stroke();
    }

    // paint(brush, view, { colourOf, group, parents, opacity }): colourOf(i) is the colour of area i.
    function paint(brush, view, { colourOf, group, parents, opacity }) {
      const screen = Grid.boxOf(view, 2);
      const seen = [...boxes.keys()].filter((i) => meets(boxes[i], screen));
      const byColour = grouped(seen, colourOf);
      brush.globalAlpha = opacity;
      byColour.forEach((rows, colour) => {
        brush.beginPath();
        brush.fillStyle = colour;
        if (size * view.scale < SPECK) rows.forEach((i) => dot(brush, view, boxes[i]));
        else rows.forEach((i) => trace(brush, view, shapes.rings[i]));
        brush.fill(size * view.scale < SPECK ? "nonzero" : "evenodd");
      });
      brush.globalAlpha = 1;
      if (size * view.scale >= BORDERS) {
        brush.beginPath();
        seen.forEach((i) => trace(brush, view, shapes.rings[i]));
        brush.strokeStyle = Colours.of("border");
        brush.lineWidth = 0.8;
        brush.stroke();
      }
      paintOutlines(brush, view, group, parents);
    }

    // Whether a place lies in an area: a ray from it crosses the area's borders an odd number of times.
    function holds(i, x, y) {
      let inside = false;
      shapes.rings[i].forEach(([from, to]) => {
        for (let a = from, b = to - 1; a < to; b = a, a += 1) {
          const crosses = shapes.y[a] > y !== shapes.y[b] > y;
          const at = ((shapes.x[b] - shapes.x[a]) * (y - shapes.y[a])) / (shapes.y[b] - shapes.y[a]) + shapes.x[a];
          if (crosses && x < at) inside = !inside;
        }
      });
      return inside;
    }

    function under({ lat, lng }) {
      const [x, y] = [Data.across(lng), Data.down(lat)];
      const point = [x, y, x, y];
      return boxes.findIndex((box, i) => meets(box, point) && holds(i, x, y));
    }

    // The outlines of all that is in sight, in one colour.
    function paintLines(brush, view, colour) {
      const screen = Grid.boxOf(view, 2);
      brush.beginPath();
      boxes.forEach((box, i) => {
        if (meets(box, screen)) trace(brush, view, shapes.rings[i]);
      });
      brush.strokeStyle = colour;
      brush.lineWidth = 0.8;
      brush.globalAlpha = 0.6;
      brush.stroke();
      brush.globalAlpha = 1;
    }

    return { paint, paintLines, under };
  }

  return { of };
})();
