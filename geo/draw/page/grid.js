// One idea: find the marks in a box without looking at all of them - a grid of cells, each with its rows.

const Grid = (() => {
  const PER_CELL = 24;

  function extent(values) {
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < values.length; i += 1) {
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
    return [least, most];
  }

  // Gives a function: visit([left, top, right, bottom], look) calls look(row) for every row inside.
  function make(x, y) {
    const [west, east] = extent(x);
    const [north, south] = extent(y);
    const side = Math.max(1, Math.ceil(Math.sqrt(x.length / PER_CELL)));
    const column = (value) => Math.max(0, Math.min(side - 1, Math.floor(((value - west) / (east - west || 1)) * side)));
    const line = (value) => Math.max(0, Math.min(side - 1, Math.floor(((value - north) / (south - north || 1)) * side)));
    const cells = new Uint32Array(x.length);
    const starts = new Uint32Array(side * side + 1);
    for (let row = 0; row < x.length; row += 1) {
      cells[row] = line(y[row]) * side + column(x[row]);
      starts[cells[row] + 1] += 1;
    }
    for (let cell = 0; cell < side * side; cell += 1) starts[cell + 1] += starts[cell];
    const next = starts.slice();
    const rows = new Uint32Array(x.length);
    for (let row = 0; row < x.length; row += 1) {
      rows[next[cells[row]]] = row;
      next[cells[row]] += 1;
    }

    return (box, look) => {
      const [left, top, right, bottom] = box;
      const [first, last] = [column(left), column(right)];
      for (let at = line(top); at <= line(bottom); at += 1) {
        for (let k = starts[at * side + first]; k < starts[at * side + last + 1]; k += 1) {
          const row = rows[k];
          if (x[row] >= left && x[row] <= right && y[row] >= top && y[row] <= bottom) look(row);
        }
      }
    };
  }

  // The part of the world on the screen, and `margin` pixels around it.
  function boxOf(view, margin = 0) {
    return [
      (view.left - margin) / view.scale,
      (view.top - margin) / view.scale,
      (view.left + view.width + margin) / view.scale,
      (view.top + view.height + margin) / view.scale,
    ];
  }

  return { make, boxOf };
})();
