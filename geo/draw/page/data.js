// One idea: turn the packed columns of the page's data block back into arrays (the reverse of pack.py).

const Data = (() => {
  const DEGREES = 1e-5;

  async function inflate(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // Each number is the zigzag step from the one before, in groups of seven bits, lowest first.
  function integers(bytes, count) {
    const numbers = new Float64Array(count);
    let at = 0;
    let sum = 0;
    for (let i = 0; i < count; i += 1) {
      let zigzag = 0;
      let weight = 1;
      let byte;
      do {
        byte = bytes[at];
        at += 1;
        zigzag += (byte & 127) * weight;
        weight *= 128;
      } while (byte & 128);
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
  function project(lon, lat) {
    const sin = Math.max(-0.9999, Math.min(0.9999, Math.sin((lat * Math.PI) / 180)));
    return [((lon + 180) / 360) * 256, 128 - (Math.log((1 + sin) / (1 - sin)) * 64) / Math.PI];
  }

  // Gives a table of places its Mercator columns `x` and `y`, and degrees in `lon` and `lat`.
  function place(table) {
    const count = table.lon.length;
    table.x = new Float64Array(count);
    table.y = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      table.lon[i] *= DEGREES;
      table.lat[i] *= DEGREES;
      [table.x[i], table.y[i]] = project(table.lon[i], table.lat[i]);
    }
  }

  // Gives one list of polygons per owner; a polygon is its outer ring and its holes, a ring is [lat, lon] pairs.
  function polygons(shape, count) {
    const shapes = Array.from({ length: count }, () => []);
    let at = 0;
    let last = -1;
    shape.size.forEach((size, ring) => {
      const vertices = [];
      for (const end = at + size; at < end; at += 1) {
        vertices.push([shape.y[at] * DEGREES, shape.x[at] * DEGREES]);
      }
      const owner = shapes[shape.owner[ring]];
      if (shape.part[ring] !== last) owner.push([]);
      last = shape.part[ring];
      owner[owner.length - 1].push(vertices);
    });
    return shapes;
  }

  async function read() {
    const data = await unpack(JSON.parse(document.getElementById("geo-data").textContent));
    [data.areas, data.parents, data.villages, data.points].forEach(place);
    data.areas.shapes = polygons(data.areas.shape, data.areas.count);
    data.parents.shapes = polygons(data.parents.shape, data.parents.count);
    const places = data.catchments.owner.reduce((most, owner) => Math.max(most, owner + 1), 0);
    data.catchments = polygons(data.catchments, places);
    // Drawn and listed from the most people to the fewest; those without a count come last.
    const { people } = data.villages;
    data.villages.byPeople = Uint32Array.from(people.keys()).sort((a, b) => people[b] - people[a]);
    return data;
  }

  return { read, project };
})();
