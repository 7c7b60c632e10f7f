/**
 * The style sheets of the views, in the document or shadow root of each view.
 *
 * A sheet is made once per document and adopted once per root. Hosts put an element into its place after
 * they had it drawn, so a view adopts again when it is first laid out.
 */

const texts: string[] = [];
const sheets = new WeakMap<Document, CSSStyleSheet[]>();
/** Number of sheets that each root has adopted; weak, because roots come and go. */
const adopted = new WeakMap<Document | ShadowRoot, number>();
const known = new Set<WeakRef<Document | ShadowRoot>>();

/** Adds a sheet for all views, including those already shown. */
export function addStyle(css: string): void {
  texts.push(css);
  for (const ref of known) {
    const root = ref.deref();
    if (root) adopt(root);
    else known.delete(ref);
  }
}

/** Adopts the sheets in the root of `element`; in its document while it is not attached. */
export function adoptStyles(element: Element): void {
  const root = element.getRootNode();
  const isRoot = root instanceof ShadowRoot || root.nodeType === Node.DOCUMENT_NODE;
  adopt(isRoot ? (root as Document | ShadowRoot) : element.ownerDocument);
}

function adopt(root: Document | ShadowRoot): void {
  const count = adopted.get(root) ?? 0;
  if (count === texts.length) return;
  if (count === 0) known.add(new WeakRef(root));
  adopted.set(root, texts.length);
  root.adoptedStyleSheets.push(...sheetsOf(root.nodeType === Node.DOCUMENT_NODE ? (root as Document) : root.ownerDocument!).slice(count));
}

/** A document accepts only sheets that were created in it. */
function sheetsOf(owner: Document): readonly CSSStyleSheet[] {
  const made = sheets.get(owner) ?? [];
  sheets.set(owner, made);
  const Sheet = owner.defaultView?.CSSStyleSheet ?? CSSStyleSheet;
  for (let at = made.length; at < texts.length; at += 1) {
    const sheet = new Sheet();
    sheet.replaceSync(texts[at]!);
    made.push(sheet);
  }
  return made;
}
