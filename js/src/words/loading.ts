/** The only sentence in the loader, which is in every saved notebook and must not import other words. */

export const LOADING_FAILED = "streamwidget could not load its interface; showing plain text.";
