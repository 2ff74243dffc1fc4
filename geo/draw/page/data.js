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

  async function inflate(base64) {
    const stream = new Blob([decoded(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
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

  // Gives a table of places its Mercator columns `x` and `y`, and degrees in `lon` and `lat`.
  function place(table) {
    table.lon.forEach((lon, i) => {
      table.lon[i] = lon * DEGREES;
    });
    table.lat.forEach((lat, i) => {
      table.lat[i] = lat * DEGREES;
    });
    table.x = table.lon.map(across);
    table.y = table.lat.map(down);
  }

  // Polygons: vertices in Mercator `x` and `y`; `rings[owner]` lists [first vertex, end, polygon] of each ring.
  function polygons(shape, count) {
    const rings = Array.from({ length: count }, () => []);
    let at = 0;
    shape.size.forEach((size, ring) => {
      rings[shape.owner[ring]].push([at, at + size, shape.part[ring]]);
      at += size;
    });
    const lon = shape.x.map((steps) => steps * shape.quantum);
    const lat = shape.y.map((steps) => steps * shape.quantum);
    return { count, rings, lon, lat, x: lon.map(across), y: lat.map(down) };
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

  // Rows from the most people to the fewest, those without a count last. Numbers sort ten times faster
  // than rows by a comparison, so each row travels inside its key.
  function byPeople(people) {
    const rows = people.length;
    const keys = people.map((count, row) => (count + 1) * rows + (rows - 1 - row)).sort();
    return Uint32Array.from(keys, (key) => rows - 1 - (key % rows)).reverse();
  }

  // Catchments, the heaviest shapes, wait packed until somebody wants to see them.
  function later({ count, shape }) {
    let shapes = null;
    return { count, shapes: async () => (shapes ??= polygons(await unpack(shape), count)) };
  }

  async function read() {
    const packed = JSON.parse(document.getElementById("geo-data").textContent);
    const { catchments, ...rest } = packed;
    const data = await unpack(rest);
    Object.assign(data, data.words);
    data.measures = data.measures.told.map((told, i) => ({ ...told, values: data.measures.values[i] }));
    [data.areas, data.parents, data.villages, data.points].forEach(place);
    data.areas.shapes = polygons(data.areas.shape, data.areas.count);
    delete data.areas.shape;
    data.catchments = later(catchments);
    data.villages.byPeople = byPeople(data.villages.people);
    return data;
  }

  return { read, across, down, latLngs };
})();
