/** Work that can wait, done in short slices between frames. */

/** Length of one slice; the reader would notice longer ones. */
const SLICE_MS = 4;
/** The longest wait for the first slice. */
const WAIT_MS = 200;

export class Idle {
  readonly #jobs = new Set<() => void>();
  #cancel: (() => void) | null = null;

  /** Runs `job` once, soon; a job that is already waiting is not added again. */
  add(job: () => void): void {
    this.#jobs.add(job);
    this.#cancel ??= later(() => this.#slice());
  }

  /** Runs all waiting jobs now. */
  settle(): void {
    while (this.#jobs.size > 0) this.#next();
  }

  clear(): void {
    this.#jobs.clear();
    this.#cancel?.();
    this.#cancel = null;
  }

  #slice(): void {
    this.#cancel = null;
    const end = performance.now() + SLICE_MS;
    while (this.#jobs.size > 0 && performance.now() < end) this.#next();
    if (this.#jobs.size > 0) this.#cancel ??= later(() => this.#slice());
  }

  #next(): void {
    const [job] = this.#jobs;
    this.#jobs.delete(job!);
    job!();
  }
}

function later(call: () => void): () => void {
  if (typeof requestIdleCallback === "function") {
    const handle = requestIdleCallback(call, { timeout: WAIT_MS });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(call, 1);
  return () => clearTimeout(timer);
}
