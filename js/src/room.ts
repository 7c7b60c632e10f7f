/** A line that takes more room when it must, and gives none back: what is below it moves once and never up. */

/** Keeps for `line` the most height that it has had at its width, as long as it is there. */
export function keepRoom(line: HTMLElement): void {
  let [kept_px, width_px] = [0, 0];
  const sizes = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    const same = Math.abs(width - width_px) < 1;
    if (same && height <= kept_px) return;
    if (!same) line.style.minHeight = "";
    width_px = width;
    kept_px = same ? height : line.offsetHeight;
    line.style.minHeight = `${kept_px}px`;
  });
  sizes.observe(line);
}
