/** Work that can wait, done in short slices between frames. */

/** One slice; longer ones would be felt. */
const SLICE_MS = 4;
/** The first slice comes at latest then. */
const WAIT_MS = 200;

export class Idle {
  readonly #jobs = new Set<() => void>();
  #cancel: (() => void) | null = null;

  /** Has `job` done once, soon; a job that waits already is not done twice. */
  add(job: () => void): void {
    this.#jobs.add(job);
    this.#cancel ??= later(() => this.#slice());
  }

  /** Does everything now. */
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
