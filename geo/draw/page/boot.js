// One idea: start the page's scripts in their order, Leaflet first, which travels deflated; or say why not.

(async () => {
  const blocks = document.querySelectorAll("script[data-run]");

  async function inflated(base64) {
    const { readable, writable } = new DecompressionStream("deflate");
    const writer = writable.getWriter();
    writer.write(Uint8Array.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
    writer.close();
    return new Response(readable).text();
  }

  if (!("DecompressionStream" in window)) {
    const data = JSON.parse(document.getElementById("geo-data").textContent);
    document.getElementById("title").textContent = data.refusal;
    return;
  }
  for (const block of blocks) {
    const script = document.createElement("script");
    // The policy of the page knows each text by its hash; any other text would not run.
    script.textContent = block.dataset.run === "packed" ? await inflated(block.textContent) : block.textContent;
    document.head.append(script);
  }
})();
