// One idea: a canvas that covers the map and is painted anew whenever the map has moved.

const Screens = (() => {
  const QUICK_MS = 12; // a painting faster than this is repeated while the map is dragged

  const PAPER_RATIO = 3; // pixels of a canvas for each CSS pixel on paper, where a screen's would look coarse

  function ratio() {
    const screen = window.devicePixelRatio || 1;
    return document.documentElement.classList.contains("printing") ? Math.max(PAPER_RATIO, screen) : screen;
  }

  // What a painter needs: the size in CSS pixels, and the way from Mercator units to pixels:
  // x * scale - left, y * scale - top.
  function viewOf(map) {
    const size = map.getSize();
    const corner = map.getPixelBounds().min;
    const zoom = map.getZoom();
    return { map, zoom, width: size.x, height: size.y, scale: 2 ** zoom, left: corner.x, top: corner.y };
  }

  const Canvas = L.Layer.extend({
    initialize(options, paint) {
      L.setOptions(this, options);
      this._paint = paint;
    },

    onAdd(map) {
      this._canvas = L.DomUtil.create("canvas", "screen leaflet-zoom-animated", map.getPane(this.options.pane));
      this._canvas.id = this.options.id;
      this.repaint();
    },

    onRemove() {
      this._canvas.remove();
    },

    getEvents() {
      return {
        moveend: this.repaint,
        resize: this.repaint,
        viewreset: this.repaint,
        move: this._whileMoving,
        zoomanim: this._whileZooming,
      };
    },

    repaint() {
      if (!this._map) return;
      const started = performance.now();
      const view = viewOf(this._map);
      const dense = ratio();
      const canvas = this._canvas;
      this._corner = this._map.containerPointToLatLng([0, 0]);
      L.DomUtil.setPosition(canvas, this._map.containerPointToLayerPoint([0, 0]));
      canvas.width = Math.round(view.width * dense);
      canvas.height = Math.round(view.height * dense);
      canvas.style.width = `${view.width}px`;
      canvas.style.height = `${view.height}px`;
      const brush = canvas.getContext("2d");
      brush.scale(dense, dense);
      this._paint(brush, view);
      this._milliseconds = performance.now() - started;
      if (this.options.id !== "marks") return;
      performance.clearMeasures("geo-redraw"); // what benchmarks read: the last redraw alone
      performance.measure("geo-redraw", { start: started, end: performance.now() });
    },

    _whileMoving() {
      if (this._milliseconds < QUICK_MS) this.repaint();
    },

    // During the animation of a zoom the old picture is stretched along; Leaflet says where to.
    _whileZooming(event) {
      const scale = this._map.getZoomScale(event.zoom);
      const offset = this._map._latLngToNewLayerPoint(this._corner, event.zoom, event.center);
      L.DomUtil.setTransform(this._canvas, offset, scale);
    },
  });

  return { ratio, viewOf, canvas: (options, paint) => new Canvas(options, paint) };
})();
