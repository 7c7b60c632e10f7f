/**
 * The style sheets of the views, in the document or shadow root that each view stands in.
 *
 * A sheet is made once per document and adopted once per root. Hosts put an element into its place after
 * they had it drawn, so a view adopts again when it is first laid out.
 */

const texts: string[] = [];
const sheets = new WeakMap<Document, CSSStyleSheet[]>();
/** How many of the sheets each root has, by the root itself: roots come and go. */
const adopted = new WeakMap<Document | ShadowRoot, number>();
const known = new Set<WeakRef<Document | ShadowRoot>>();

/** Adds a sheet for all views, those that are shown included. */
export function addStyle(css: string): void {
  texts.push(css);
  for (const ref of known) {
    const root = ref.deref();
    if (root) adopt(root);
    else known.delete(ref);
  }
}

/** Makes the sheets hold where `element` stands; in its document, while it stands nowhere yet. */
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

/** A document takes only sheets that were made in it. */
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
