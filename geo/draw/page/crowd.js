// One idea: more marks than an eye could tell apart become a density, mixed pixel by pixel.

const Crowd = (() => {
  let pixels = null;

  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  // Lays a colour over a pixel: what lies in one place adds up to a stronger tone.
  function mix(bytes, at, [red, green, blue], share) {
    const below = (bytes[at + 3] / 255) * (1 - share);
    const whole = share + below;
    bytes[at] = (red * share + bytes[at] * below) / whole;
    bytes[at + 1] = (green * share + bytes[at + 1] * below) / whole;
    bytes[at + 2] = (blue * share + bytes[at + 2] * below) / whole;
    bytes[at + 3] = whole * 255;
  }

  function spread(bytes, view, width, height, { x, y, rows, colour, size, share }) {
    const ratio = width / view.width;
    const tone = channels(Colours.of(colour));
    const side = Math.max(1, Math.round(size * ratio));
    rows.forEach((row) => {
      const left = Math.round((x[row] * view.scale - view.left) * ratio - side / 2);
      const top = Math.round((y[row] * view.scale - view.top) * ratio - side / 2);
      if (left < 0 || top < 0 || left + side > width || top + side > height) return;
      for (let line = top; line < top + side; line += 1) {
        for (let column = left; column < left + side; column += 1) mix(bytes, 4 * (line * width + column), tone, share);
      }
    });
  }

  // paint(brush, view, [{ x, y, rows, colour, size, share }]): layers of marks, the later above the earlier;
  // size in CSS pixels, share is how much of its colour one mark gives (0 to 1).
  function paint(brush, view, layers) {
    const { width, height } = brush.canvas;
    if (!pixels || pixels.width !== width || pixels.height !== height) pixels = new ImageData(width, height);
    pixels.data.fill(0);
    layers.forEach((layer) => spread(pixels.data, view, width, height, layer));
    brush.putImageData(pixels, 0, 0);
  }

  return { paint };
})();
