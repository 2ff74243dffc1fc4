// One idea: the outline of each parent, found from its areas: the borders that no two areas of one parent share.

const Outlines = (() => {
  // Gives the border pieces as [x1, y1, x2, y2, ...] in one row of Mercator units.
  function between(shapes, group) {
    const corner = new Map(); // a place, as one number, to its own small number
    const numberOf = (i) => {
      const key = Math.round(shapes.lon[i] * 1e5) * 67108864 + Math.round(shapes.lat[i] * 1e5);
      if (!corner.has(key)) corner.set(key, corner.size);
      return corner.get(key);
    };
    const places = shapes.x.map((_, i) => numberOf(i));
    const sides = new Map(); // a border piece to the parent on its one side, or -2 where both sides agree
    const ends = [];
    shapes.rings.forEach((rings, area) => {
      if (group[area] < 0) return;
      rings.forEach(([from, to]) => {
        for (let i = from; i < to; i += 1) {
          const j = i + 1 < to ? i + 1 : from;
          const key = Math.min(places[i], places[j]) * 67108864 + Math.max(places[i], places[j]);
          if (!sides.has(key)) {
            sides.set(key, { parent: group[area], inside: false });
            ends.push([key, i, j]);
          } else sides.get(key).inside = sides.get(key).parent === group[area];
        }
      });
    });
    const kept = ends.filter(([key]) => !sides.get(key).inside);
    return Float64Array.from(kept.flatMap(([, i, j]) => [shapes.lon[i], shapes.lat[i], shapes.lon[j], shapes.lat[j]]));
  }

  // Joins pieces end to end, so that a line is drawn in one go: lists of [lat, lon].
  function chained(pieces) {
    const at = new Map();
    const key = (k) => Math.round(pieces[k] * 1e5) * 67108864 + Math.round(pieces[k + 1] * 1e5);
    const add = (k, piece) => {
      if (at.has(key(k))) at.get(key(k)).push(piece);
      else at.set(key(k), [piece]);
    };
    for (let piece = 0; piece < pieces.length / 4; piece += 1) [4 * piece, 4 * piece + 2].forEach((k) => add(k, piece));
    const used = new Uint8Array(pieces.length / 4);
    const lines = [];
    for (let piece = 0; piece < used.length; piece += 1) {
      if (used[piece]) continue;
      used[piece] = 1;
      const line = [4 * piece, 4 * piece + 2];
      for (let next = piece; next !== undefined; ) {
        const end = line[line.length - 1];
        next = at.get(key(end)).find((other) => !used[other]);
        if (next === undefined) break;
        used[next] = 1;
        line.push(key(4 * next) === key(end) ? 4 * next + 2 : 4 * next);
      }
      lines.push(line.map((k) => [pieces[k + 1], pieces[k]]));
    }
    return lines;
  }

  return { between, chained };
})();
