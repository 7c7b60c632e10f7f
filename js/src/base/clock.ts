/** Time as the rest sees it, so that tests can pass a clock of their own. */

export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Runs `call` once after `ms`; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** Runs `call` once when the page is next painted; the result cancels. */
  paint(call: () => void): () => void;
}

/** Frames stop in hidden tabs; a timer goes on, so nothing ever queues up without end. */
const PAINT_AT_LATEST_MS = 200;

export const pageClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  paint: (call) => {
    const cancel = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    const once = (): void => {
      cancel();
      call();
    };
    const frame = requestAnimationFrame(once);
    const timer = setTimeout(once, PAINT_AT_LATEST_MS);
    return cancel;
  },
};
