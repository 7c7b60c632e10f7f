/** The one sentence that the loader needs: it lies in every saved notebook, and takes no other words along. */

export const LOADING_FAILED = "streamwidget could not load its interface; showing plain text.";
