/** The clock that all other modules use, so that tests can pass their own. */

export interface Clock {
  /** Milliseconds; only differences are meaningful. */
  now(): number;
  /** Runs `call` once after `ms`; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** Runs `call` once when the page is next painted; the result cancels. */
  paint(call: () => void): () => void;
}

/** Frames stop in hidden tabs, so a timer takes over: nothing can queue up without limit. */
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
