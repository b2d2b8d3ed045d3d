/*
 * What the scripts of static/js may take for granted of the pages, beyond what TypeScript knows of browsers: they are
 * HTML throughout, so what is found in them and what an event is about is an HTML element; what is typed into or changed
 * is a field, what is submitted a form.
 */

type Field = HTMLInputElement | HTMLTextAreaElement;

type OnPage<E extends Event, T extends EventTarget = HTMLElement> = E & { readonly target: T };

/** `elt`: the element that came in, or that asked. */
type HtmxEvent = OnPage<
  CustomEvent<{ elt: HTMLElement; target: HTMLElement; xhr: XMLHttpRequest; shouldSwap: boolean }>
>;

interface Window {
  htmx?: { ajax(verb: string, path: string, context: Record<string, unknown>): Promise<void> };
}

interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K] | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(selectors: K): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelector<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
  querySelectorAll<E extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<E>;
}

interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends HTMLElement = HTMLElement>(selectors: string): E | null;
}

interface HTMLFormControlsCollection {
  readonly [name: string]: any;
}

interface Document {
  getElementById<E extends HTMLElement = HTMLElement>(id: string): E | null;
  addEventListener(type: "input", listener: (event: OnPage<InputEvent, HTMLInputElement>) => unknown): void;
  addEventListener(type: "change", listener: (event: OnPage<Event, HTMLInputElement>) => unknown): void;
  addEventListener(
    type: "submit",
    listener: (event: OnPage<SubmitEvent, HTMLFormElement>) => unknown,
    capture?: boolean,
  ): void;
  addEventListener(
    type: "compositionend",
    listener: (event: OnPage<CompositionEvent, HTMLInputElement>) => unknown,
  ): void;
  addEventListener<K extends keyof DocumentEventMap>(
    type: K,
    listener: (event: OnPage<DocumentEventMap[K]>) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: `htmx:${string}`, listener: (event: HtmxEvent) => unknown): void;
  addEventListener(type: "upload:changed", listener: (event: OnPage<CustomEvent>) => unknown): void;
  addEventListener(type: `form:${string}`, listener: (event: OnPage<CustomEvent, HTMLFormElement>) => unknown): void;
  addEventListener(type: "draft:filled", listener: (event: OnPage<CustomEvent, HTMLFormElement>) => unknown): void;
  addEventListener(type: "row:selected", listener: (event: OnPage<CustomEvent>) => unknown): void;
}

interface HTMLElement {
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: OnPage<HTMLElementEventMap[K]>) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

interface HTMLFormElement {
  addEventListener(type: "input", listener: (event: OnPage<InputEvent, HTMLInputElement>) => unknown): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: OnPage<HTMLElementEventMap[K], HTMLInputElement>) => unknown,
  ): void;
}

interface HTMLInputElement {
  addEventListener(type: "input", listener: (event: OnPage<InputEvent, HTMLInputElement>) => unknown): void;
}
