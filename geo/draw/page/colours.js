// One idea: which class a value falls into, and which colour that class has in the theme that is chosen.

const Colours = (() => {
  const MARKS = ["covered", "gap", "unknown", "point", "point-edge", "proposed"];
  const BASE = ["page", "ink", "quiet", "line", "paper", "border", "outline", "accent", "no-data"];
  const RAMPS = ["good", "bad", "amount"].flatMap((ramp) => [0, 1, 2, 3, 4].map((step) => `${ramp}-${step}`));
  const NAMES = [...MARKS, ...BASE, ...RAMPS];
  let palette = {};

  // The palette is written once, in style.py, as custom properties; canvas drawing needs their values.
  function refresh() {
    const style = getComputedStyle(document.documentElement);
    palette = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  const of = (name) => palette[name];

  // Class i runs from break i - 1 (inclusive) to break i (exclusive); null is no value.
  function classOf(value, breaks) {
    if (value === null) return null;
    let found = 0;
    while (found < breaks.length && value >= breaks[found]) found += 1;
    return found;
  }

  // Fewer classes than colours are spread over the whole ramp.
  function ofClass(measure, index) {
    if (index === null) return palette["no-data"];
    const classes = measure.breaks.length + 1;
    const step = classes === 1 ? 2 : Math.round((index * 4) / (classes - 1));
    return palette[`${measure.ramp}-${step}`];
  }

  // How many areas fall into each class; the last entry counts those without a value.
  function counts(measure) {
    const found = new Array(measure.breaks.length + 2).fill(0);
    measure.values.forEach((value) => {
      const index = classOf(value, measure.breaks);
      found[index === null ? found.length - 1 : index] += 1;
    });
    return found;
  }

  return { refresh, of, classOf, ofClass, counts };
})();
