// Called once in a page: how long keys take, until `window.__frames.take()`.
() => {
  const probe = { keys: [] };
  // From the key, as the browser stamped it, to the task after the frame that paints what it did.
  document.addEventListener("keydown", (event) => {
    const at = event.timeStamp;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => probe.keys.push(performance.now() - at);
      painted.port2.postMessage(null);
    });
  }, { capture: true });
  probe.take = () => {
    const { keys } = probe;
    probe.keys = [];
    return { keys };
  };
  window.__frames = probe;
}
