// One idea: what a mark looks like - its shape, size and colours; shape and colour both tell what a village is.

const Looks = (() => {
  const SPARSE = 400; // villages that a full screen shows at full size
  const MANY = 5000; // of more marks than this, each is smaller when the whole is in view
  const CORNERS = [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ];
  const FILLS = { yes: "covered", no: "page", unknown: "page", point: "point", proposed: "proposed", closed: "gap" };
  const EDGES = { yes: "page", no: "gap", unknown: "unknown", point: "point-edge", proposed: "page", closed: "page" };
  let data;
  let homeZoom = 9;
  let stamps = new Map();

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
    const [least, pace] = data.villages.count > MANY ? [1, 1.4] : [2.4, 1.2];
    const size = (1.7 + Math.sqrt(Math.max(0, people)) / 17) * pace ** (zoom - fullZoom());
    return Math.round(Math.max(least, Math.min(13, size)) * 2) / 2;
  }

  const pointRadius = (zoom) => Math.max(3.6, Math.min(8.5, 4.6 * 1.17 ** (zoom - fullZoom())));

  // Five long rays and five short ones between them.
  function star(brush, size) {
    for (let i = 0; i < 10; i += 1) {
      const [turn, far] = [(i * Math.PI) / 5, i % 2 ? 0.48 : 1.1];
      brush.lineTo(Math.sin(turn) * far * size, -Math.cos(turn) * far * size);
    }
  }

  // Two bars across each other: a plus, an eighth of a turn on.
  function cross(brush, size) {
    const [far, near] = [size * 1.15, size * 0.34];
    const arm = [[near, -far], [near, -near], [far, -near]];
    for (let turn = 0; turn < 4; turn += 1) {
      const angle = ((turn + 0.5) * Math.PI) / 2;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      arm.forEach(([x, y]) => brush.lineTo(x * cos - y * sin, x * sin + y * cos));
    }
  }

  // A disc, a ring, a square, a diamond, a star, a cross: shapes that stay apart without their colours.
  function outline(brush, look, size) {
    brush.beginPath();
    if (look === "unknown") brush.rect(-size * 0.8, -size * 0.8, size * 1.6, size * 1.6);
    else if (look === "point") [0, 1, 2, 3].forEach((i) => brush.lineTo(...CORNERS[i].map((part) => part * size)));
    else if (look === "proposed") star(brush, size);
    else if (look === "closed") cross(brush, size);
    else brush.arc(0, 0, size, 0, 2 * Math.PI);
    brush.closePath();
  }

  function edgeWidth(look, size) {
    if (look === "yes") return Math.min(1, size / 3);
    if (look === "point") return size > 4 ? 1.3 : 0.6;
    if (look === "proposed" || look === "closed") return 1.6;
    return Math.max(1.2, size * 0.42);
  }

  // A mark is drawn once for each look and size, and then only copied.
  function stampOf(look, size) {
    const ratio = Screens.ratio();
    const key = `${look} ${size} ${ratio}`;
    if (!stamps.has(key)) {
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

  function put(brush, look, size, x, y) {
    const { stamp, half } = stampOf(look, size);
    brush.drawImage(stamp, x - half, y - half, 2 * half, 2 * half);
  }

  return { use, forget, setHome, fullZoom, radius, pointRadius, put };
})();
