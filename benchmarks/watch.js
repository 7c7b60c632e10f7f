// Called with a selector: notes how many characters its elements show after each painted frame.
(selector) => {
  const watch = { chars: 0, changed: Date.now(), frames: [], dirty: false, over: false };
  const notebook = document.querySelector('.jp-NotebookPanel .jp-Notebook');
  const shown = () => {
    let chars = 0;
    for (const element of notebook.querySelectorAll(selector)) chars += element.textContent.trim().length;
    return chars;
  };
  const look = () => {
    if (!watch.dirty) return;
    watch.dirty = false;
    const chars = shown();
    if (chars === watch.chars) return;
    watch.chars = chars;
    watch.changed = Date.now();
    watch.frames.push([chars, Date.now() / 1000]);
  };
  // A task posted from an animation frame runs after that frame is painted. Every frame posts one,
  // so that text counts in the frame that paints it, whether a task or a frame callback put it there
  // (a frame asked for by the observer would come one too late for the latter).
  const channel = new MessageChannel();
  channel.port1.onmessage = look;
  const everyFrame = () => {
    if (watch.over) return;
    channel.port2.postMessage(null);
    requestAnimationFrame(everyFrame);
  };
  requestAnimationFrame(everyFrame);
  const observer = new MutationObserver(() => { watch.dirty = true; });
  observer.observe(notebook, { childList: true, characterData: true, subtree: true });
  watch.stop = () => {
    watch.over = true;
    observer.disconnect();
    return { chars: watch.chars, last_s: watch.frames.at(-1)?.[1] ?? 0, frames: watch.frames };
  };
  window.__watch = watch;
}
