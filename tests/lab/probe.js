// Runs in the page before any of its own scripts. Counts what crosses the kernel websockets (bytes
// and messages per msg_type, both ways), keeps the sockets so that a test can close them, and notes
// the wall clock of every click.
(() => {
  const fresh = () => ({ count: 0, bytes: 0, types: {} });
  const probe = {
    received: fresh(), sent: fresh(), sockets: [], opened: 0, closed: 0, clicks: [],
    sizes: [],
    receivedOver(bytes) { return probe.sizes.filter((size) => size > bytes).length; },
    reset() { probe.received = fresh(); probe.sent = fresh(); },
    closeSockets() { for (const socket of probe.sockets) if (socket.readyState <= 1) socket.close(); },
  };
  window.__probe = probe;
  document.addEventListener('click', () => probe.clicks.push(Date.now() / 1000), { capture: true });

  const decoder = new TextDecoder();
  // The binary protocol v1.kernel.websocket.jupyter.org: a count, that many offsets, then the
  // segments; segment 1 is the header, 4 the content.
  const segmentOf = (data, index, most = Infinity) => {
    const view = new DataView(data);
    const at = (i) => Number(view.getBigUint64(8 * (i + 1), true));
    const size = Math.min(at(index + 1) - at(index), most);
    return decoder.decode(new Uint8Array(data, at(index), size));
  };
  const headerOf = (data) =>
    typeof data === 'string' ? JSON.parse(data).header : JSON.parse(segmentOf(data, 1));
  // A trait update counts by its trait: `comm_msg:patch`. Only the beginning is looked at.
  const traitOf = (data) => /"state": *\{"(\w+)"/.exec(segmentOf(data, 4, 200))?.[1];
  const typeOf = (data) => {
    try {
      const type = headerOf(data)?.msg_type ?? '?';
      const trait = type === 'comm_msg' && typeof data !== 'string' ? traitOf(data) : undefined;
      return trait ? `${type}:${trait}` : type;
    } catch { return '?'; }
  };
  const account = (side, data) => {
    const bytes = typeof data === 'string' ? data.length : data.byteLength ?? 0;
    const type = (side.types[typeOf(data)] ??= { count: 0, bytes: 0 });
    for (const counter of [side, type]) { counter.count++; counter.bytes += bytes; }
  };

  const Native = window.WebSocket;
  const isKernel = (address) => String(address).includes('/channels');
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      if (!isKernel(args[0])) return;
      probe.opened++;
      probe.sockets.push(this);
      this.addEventListener('message', ({ data }) => {
        probe.sizes.push(data.byteLength ?? data.length);
        account(probe.received, data);
      });
      this.addEventListener('close', () => { probe.closed++; });
    }
    send(data) {
      if (isKernel(this.url)) account(probe.sent, ArrayBuffer.isView(data) ? data.buffer : data);
      return super.send(data);
    }
  };
})();
