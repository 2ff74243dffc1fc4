// One idea: on a phone the panel is a sheet that follows the finger and rests closed, half open or open.

const Sheet = (() => {
  const RESTS = ["closed", "half", "open"];
  // As in page.css: the open sheet leaves the buttons of the map free.
  const HEIGHTS = { closed: () => 148, half: (screen) => 0.52 * screen, open: (screen) => Math.min(0.86 * screen, screen - 156) };
  const TAP = 8; // pixels; a shorter way of the finger is a tap
  const FLICK = 0.5; // pixels in a millisecond; a faster finger goes on to the next rest
  let rest = "closed";
  let drag = null;
  let dragged = false; // whether the click that follows ends a drag

  const heightOf = (name) => HEIGHTS[name](window.innerHeight);

  function use() {
    const handle = Dom.byId("sheet-handle");
    handle.addEventListener("pointerdown", grab);
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", release);
    handle.addEventListener("pointercancel", () => set(rest));
    handle.addEventListener("click", toggle);
    handle.addEventListener("keydown", key);
  }

  function grab(event) {
    Dom.byId("sheet-handle").setPointerCapture(event.pointerId);
    const height = Dom.byId("panel").getBoundingClientRect().height;
    drag = { from: event.clientY, height, last: event.clientY, time: event.timeStamp, pace: 0 };
  }

  function follow(event) {
    if (!drag) return;
    const way = drag.from - event.clientY;
    if (Math.abs(way) < TAP && !drag.moved) return;
    drag.moved = true;
    drag.pace = (drag.last - event.clientY) / Math.max(1, event.timeStamp - drag.time);
    Object.assign(drag, { last: event.clientY, time: event.timeStamp });
    const panel = Dom.byId("panel");
    panel.classList.add("dragged", "open");
    panel.style.height = `${Math.max(heightOf("closed"), Math.min(heightOf("open"), drag.height + way))}px`;
  }

  function release() {
    if (!drag) return;
    const { moved, pace } = drag;
    drag = null;
    dragged = Boolean(moved);
    if (!moved) return; // the click that follows opens or closes
    const height = Dom.byId("panel").getBoundingClientRect().height;
    const away = (name) => Math.abs(heightOf(name) - height);
    const nearest = RESTS.reduce((best, name) => (away(name) < away(best) ? name : best));
    const beyond = RESTS.filter((name) => (pace > 0 ? heightOf(name) > height : heightOf(name) < height));
    const next = pace > 0 ? beyond[0] : beyond[beyond.length - 1];
    set(Math.abs(pace) > FLICK && next ? next : nearest);
  }

  // On the click and not before it: a sheet that opens earlier puts a button under the finger that is still down.
  function toggle() {
    if (!dragged) set(rest === "closed" ? "open" : "closed");
    dragged = false;
  }

  function key(event) {
    const at = RESTS.indexOf(rest);
    const next = { ArrowUp: at + 1, ArrowDown: at - 1, Enter: at ? 0 : 2, " ": at ? 0 : 2 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set(RESTS[Math.max(0, Math.min(2, next))]);
  }

  function set(name) {
    rest = name;
    const panel = Dom.byId("panel");
    panel.classList.remove("dragged");
    panel.classList.toggle("open", name !== "closed");
    panel.dataset.rest = name;
    panel.style.removeProperty("height");
    Dom.byId("sheet-handle").setAttribute("aria-expanded", String(name !== "closed"));
  }

  return { use, open: () => set("open"), close: () => set("closed") };
})();
