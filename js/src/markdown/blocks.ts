/** What Markdown has beside text and lists: it comes when a text first has one. */

export { CodeView } from "./view/code.ts";
export { NoteView } from "./view/notes.ts";
export { MathView } from "./view/formula.ts";
export { makePicture } from "./view/picture.ts";
export { TableView } from "./view/table.ts";
