// One idea: every element of the page is made here, and text enters it as text, never as markup.

const Dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const byId = (id) => document.getElementById(id);

  // make("li", { class: "row", onclick: f }, "text", child): strings become text nodes, null is left out.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, value);
    });
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function fill(element, ...children) {
    element.replaceChildren(...children.filter((child) => child !== null));
  }

  // A list of name and value, as popups and accounts show it; rows without a value are left out.
  function facts(rows) {
    const known = rows.filter(([, value]) => value !== null);
    return make("dl", {}, ...known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  const SHAPES = {
    yes: ["circle", { cx: 10, cy: 10, r: 6, class: "mark-yes" }],
    no: ["circle", { cx: 10, cy: 10, r: 5.2, class: "mark-no" }],
    unknown: ["rect", { x: 5.5, y: 5.5, width: 9, height: 9, class: "mark-unknown" }],
    points: ["path", { d: "M10 2.5 17 10l-7 7.5L3 10z", class: "mark-point" }],
    proposed: ["path", { d: "M10 1l2.6 6 6.4.6-4.9 4.2 1.5 6.4L10 14.8 4.4 18.2l1.5-6.4L1 7.6 7.4 7z", class: "mark-proposed" }],
    closed: ["path", { d: "M4 4l12 12M16 4L4 16", class: "mark-closed" }],
    holes: ["circle", { cx: 10, cy: 10, r: 7, class: "mark-hole" }],
    catchments: ["path", { d: "M10 2l7.5 5-2 9.5-10 .5L2.5 8z", class: "mark-catchment" }],
    names: ["path", { d: "M4 5h12M10 5v11", class: "mark-line" }],
    areas: ["path", { d: "M3 6l7-3 7 4-2 9-9 1z", class: "mark-area" }],
    home: ["path", { d: "M3 10l7-6.5 7 6.5M5.5 8.5V16h9V8.5", class: "mark-line" }],
    info: ["path", { d: "M10 5.2v.1M10 9v6M3 10a7 7 0 1 0 14 0 7 7 0 1 0-14 0", class: "mark-info" }],
  };

  function icon(name, size = 20) {
    const svg = document.createElementNS(SVG, "svg");
    const [tag, attributes] = SHAPES[name];
    const shape = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([key, value]) => shape.setAttribute(key, value));
    Object.entries({ viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true" }).forEach(
      ([key, value]) => svg.setAttribute(key, value),
    );
    svg.append(shape);
    return svg;
  }

  function say(text) {
    byId("live").textContent = text;
  }

  return { byId, make, fill, facts, icon, say };
})();
