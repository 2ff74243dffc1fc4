// One idea: the panel's place - at the side of a desk screen, a sheet that is pulled up on a phone, a column on paper.

const Sheet = (() => {
  const DRAG = 30; // pixels that tell a drag from a tap
  let map;
  let home;

  function use(map_, home_) {
    map = map_;
    home = home_;
    const handle = Dom.byId("sheet-handle");
    let from = null;
    handle.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointerup", (event) => {
      const moved = from === null ? 0 : event.clientY - from;
      from = null;
      if (Math.abs(moved) > DRAG) set(moved < 0);
      else set(!isOpen());
    });
    handle.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      set(!isOpen());
    });
    Dom.byId("tool-print").addEventListener("click", print);
    window.addEventListener("afterprint", () => layout(false));
  }

  const isOpen = () => Dom.byId("panel").classList.contains("open");

  function set(on) {
    Dom.byId("panel").classList.toggle("open", on);
    Dom.byId("sheet-handle").setAttribute("aria-expanded", String(on));
  }

  // Paper has a fixed size in millimetres, which the map must know before the browser takes the picture.
  function layout(on) {
    document.documentElement.classList.toggle("printing", on);
    if (on) State.change({ theme: "light" });
    map.invalidateSize({ animate: false });
    home();
  }

  function print() {
    const { theme } = State.chosen;
    layout(true);
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        window.print();
        State.change({ theme });
      }),
    );
  }

  return { use, open: () => set(true), close: () => set(false) };
})();
