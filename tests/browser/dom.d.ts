/** The page's own markup, for the compiler: what an element is named for is written there. */
interface Document {
  getElementById(id: string): any;
}

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Element {
  closest(selectors: string): any;
}

/** Controls, of whose events the page hears. */
interface EventTarget {
  checked: any;
  value: any;
  closest(selectors: string): any;
  setAttribute(name: string, value: string): void;
}
