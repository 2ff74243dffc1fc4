// One idea: thousands of polygons on one canvas - filled by class or outlined, drawn only where the screen shows them.

const Mosaic = (() => {
  const SPECK = 2.5; // pixels; areas that are smaller on average are drawn as their boxes
  const BORDERS = 9; // pixels; areas that are smaller on average have no borders of their own
  const OUTLINES = 45; // the same for the outlines of their parents

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
    const { boxes } = shapes;
    const all = [...shapes.rings.keys()];
    // A polygon's width on average.
    const size = all.reduce((sum, i) => sum + Math.max(0, boxes[4 * i + 2] - boxes[4 * i]), 0) / (all.length || 1);
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
    function dot(brush, view, i) {
      const [west, north, east, south] = boxes.subarray(4 * i, 4 * i + 4);
      const width = Math.max(1, Math.round((east - west) * view.scale));
      const height = Math.max(1, Math.round((south - north) * view.scale));
      brush.rect(Math.round(west * view.scale - view.left), Math.round(north * view.scale - view.top), width, height);
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
      const seen = all.filter((i) => Data.meets(shapes, i, screen));
      const byColour = grouped(seen, colourOf);
      brush.globalAlpha = opacity;
      byColour.forEach((rows, colour) => {
        brush.beginPath();
        brush.fillStyle = colour;
        if (size * view.scale < SPECK) rows.forEach((i) => dot(brush, view, i));
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

    function under({ lat, lng }) {
      const [x, y] = [Data.across(lng), Data.down(lat)];
      return all.findIndex((i) => Data.holds(shapes, i, x, y));
    }

    // The outlines of all that is in sight, in one colour.
    function paintLines(brush, view, colour) {
      const screen = Grid.boxOf(view, 2);
      brush.beginPath();
      all.forEach((i) => {
        if (Data.meets(shapes, i, screen)) trace(brush, view, shapes.rings[i]);
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
