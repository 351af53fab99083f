/** One that watches a request, and the others that do. */
interface Watch<W> {
  readonly watching: object;
  readonly watch: W;
  readonly next: Watch<W> | undefined;
}

/**
 * Of each request what watches it for each trail: attaching twice records once. It is kept at the request itself,
 * since a WeakMap of so many that live so briefly costs more than all the rest.
 */
export class WatchedRequests<R extends object, W> {
  readonly #key = Symbol('indelible');

  of(watching: object, request: R): W | undefined {
    let known = this.#first(request);
    while (known !== undefined && known.watching !== watching) known = known.next;
    return known?.watch;
  }

  keep(watching: object, request: R, watch: W): void {
    Reflect.set(request, this.#key, { watching, watch, next: this.#first(request) } satisfies Watch<W>);
  }

  #first(request: R): Watch<W> | undefined {
    return Reflect.get(request, this.#key) as Watch<W> | undefined;
  }
}
