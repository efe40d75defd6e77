/*
 * The part of a browser's world that functions of the tests look at, which run in the editor's page. The compiler's own `dom` library would
 * let every file of the project, the nodes' too, use a browser's globals.
 */
interface Element {
	readonly scrollHeight: number;
	readonly clientHeight: number;
	getAttribute(name: string): string | null;
	getBoundingClientRect(): { readonly top: number; readonly bottom: number };
	querySelector(selectors: string): Element | null;
	querySelectorAll(selectors: 'input'): Iterable<Element & { readonly value: string }>;
	querySelectorAll(selectors: string): Iterable<Element>;
}

declare const document: Element;

declare function getComputedStyle(element: Element): { readonly overflowY: string };

interface HTMLElement extends Element {
	readonly innerText: string;
	blur(): void;
}

/** Playwright hands either to a function; what the tests look for is always the former. */
type SVGElement = HTMLElement;
