// One idea: turn the packed columns of the page's data block back into arrays (the reverse of pack.py).

const Data = (() => {
  const DEGREES = 1e-5;

  function decoded(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  // Written straight into the stream: a Blob goes by way of another process, which takes many times as long.
  async function inflate(base64) {
    const { readable, writable } = new DecompressionStream("deflate");
    const writer = writable.getWriter();
    writer.write(decoded(base64));
    writer.close();
    return new Uint8Array(await new Response(readable).arrayBuffer());
  }

  // Each number is the zigzag step from the one before, in groups of seven bits, lowest first.
  function integers(bytes, count) {
    const numbers = new Float64Array(count);
    let at = 0;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      let byte = bytes[at];
      let zigzag = byte & 127;
      let weight = 128;
      at += 1;
      while (byte & 128) {
        byte = bytes[at];
        zigzag += (byte & 127) * weight;
        weight *= 128;
        at += 1;
      }
      sum += zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
      numbers[i] = sum;
    }
    return numbers;
  }

  function texts(bytes, count) {
    return count ? new TextDecoder().decode(bytes).split("\n") : [];
  }

  const READERS = {
    records: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
    integers,
    texts,
    bytes: (bytes) => bytes,
    numbers: (bytes, count) => texts(bytes, count).map((text) => (text === "" ? null : Number(text))),
  };

  // Walks the document and puts an array in the place of each packed column.
  async function unpack(node) {
    if (node === null || typeof node !== "object") return node;
    if (typeof node.packed === "string" && typeof node.data === "string") {
      return READERS[node.packed](await inflate(node.data), node.count);
    }
    const keys = Object.keys(node);
    const values = await Promise.all(keys.map((key) => unpack(node[key])));
    keys.forEach((key, i) => {
      node[key] = values[i];
    });
    return node;
  }

  // Web Mercator at zoom 0: the world is 256 units wide; at zoom z a unit is 2^z pixels.
  const across = (lon) => ((lon + 180) / 360) * 256;
  function down(lat) {
    const sin = Math.max(-0.9999, Math.min(0.9999, Math.sin((lat * Math.PI) / 180)));
    return 128 - (Math.log((1 + sin) / (1 - sin)) * 64) / Math.PI;
  }

  // Turns steps of a quantum into degrees, in their place, and gives them with their Mercator columns.
  function placed({ lon, lat }, quantum) {
    const x = new Float64Array(lon.length);
    const y = new Float64Array(lon.length);
    for (let i = 0; i < lon.length; i += 1) {
      lon[i] *= quantum;
      lat[i] *= quantum;
      x[i] = across(lon[i]);
      y[i] = down(lat[i]);
    }
    return { lon, lat, x, y };
  }

  // Polygons: vertices in degrees and in Mercator `x` and `y`; `rings[owner]` lists [first vertex, end, polygon] of
  // each ring; `boxes` holds west, north, east, south of one owner after the other, in Mercator units.
  function polygons(shape, count) {
    const rings = Array.from({ length: count }, () => []);
    const vertices = placed({ lon: shape.x, lat: shape.y }, shape.quantum);
    const boxes = new Float64Array(4 * count).map((_, side) => (side % 4 < 2 ? Infinity : -Infinity));
    let at = 0;
    shape.size.forEach((size, ring) => {
      const owner = shape.owner[ring];
      rings[owner].push([at, at + size, shape.part[ring]]);
      widen(boxes, 4 * owner, vertices, at, at + size);
      at += size;
    });
    return { count, rings, boxes, ...vertices };
  }

  function widen(boxes, box, { x, y }, from, to) {
    for (let i = from; i < to; i += 1) {
      if (x[i] < boxes[box]) boxes[box] = x[i];
      if (y[i] < boxes[box + 1]) boxes[box + 1] = y[i];
      if (x[i] > boxes[box + 2]) boxes[box + 2] = x[i];
      if (y[i] > boxes[box + 3]) boxes[box + 3] = y[i];
    }
  }

  // Whether the box of a shape and a box meet.
  function meets({ boxes }, i, [left, top, right, bottom]) {
    const box = 4 * i;
    return boxes[box] <= right && boxes[box + 2] >= left && boxes[box + 1] <= bottom && boxes[box + 3] >= top;
  }

  // Whether a place lies in a shape: a ray from it crosses the shape's borders an odd number of times.
  function holds(shapes, i, x, y) {
    let inside = false;
    if (!meets(shapes, i, [x, y, x, y])) return inside;
    shapes.rings[i].forEach(([from, to]) => {
      for (let a = from, b = to - 1; a < to; b = a, a += 1) {
        const crosses = shapes.y[a] > y !== shapes.y[b] > y;
        const at = ((shapes.x[b] - shapes.x[a]) * (y - shapes.y[a])) / (shapes.y[b] - shapes.y[a]) + shapes.x[a];
        if (crosses && x < at) inside = !inside;
      }
    });
    return inside;
  }

  // One shape as Leaflet wants it: polygons of rings of [lat, lon]; the first ring is the outer one.
  function latLngs(shapes, owner) {
    const parts = new Map();
    shapes.rings[owner].forEach(([from, to, part]) => {
      const vertices = [];
      for (let i = from; i < to; i += 1) vertices.push([shapes.lat[i], shapes.lon[i]]);
      if (!parts.has(part)) parts.set(part, []);
      parts.get(part).push(vertices);
    });
    return [...parts.values()];
  }

  // Catchments, the heaviest shapes, wait packed until somebody wants to see them.
  function later({ count, shape }) {
    let shapes = null;
    return { count, shapes: async () => (shapes ??= polygons(await unpack(shape), count)) };
  }

  // Of thirty measures one colours the map when the page opens: the values of each are read when they are asked for.
  async function measured({ told, values }) {
    const columns = await Promise.all(values.map(({ data }) => inflate(data)));
    const measure = (one, column, count) => {
      let read_ = null;
      return Object.defineProperty(one, "values", { get: () => (read_ ??= READERS.numbers(column, count)) });
    };
    return (await unpack(told)).map((one, i) => measure(one, columns[i], values[i].count));
  }

  async function read() {
    const { catchments, measures, ...rest } = JSON.parse(document.getElementById("geo-data").textContent);
    const waiting = rest.plan && { measures: rest.plan.other.measures, catchments: rest.plan.other.catchments };
    if (waiting) rest.plan.other = { ...rest.plan.other, measures: null, catchments: null };
    const [data, measures_] = await Promise.all([unpack(rest), measured(measures)]);
    Object.assign(data, data.words, { measures: measures_, catchments: later(catchments) });
    [data.areas, data.parents, data.villages, data.points].forEach((table) => Object.assign(table, placed(table, DEGREES)));
    if (waiting) {
      Object.assign(data.plan.other, { measures: await measured(waiting.measures), catchments: later(waiting.catchments) });
    }
    if (data.holes) data.holes.shapes = polygons(data.holes.shape, data.holes.count);
    data.areas.shapes = polygons(data.areas.shape, data.areas.count);
    delete data.areas.shape;
    return data;
  }

  return { read, across, down, meets, holds, latLngs };
})();
