/** A key within a store: a path from its root. */
export type ZarrKey = `/${string}`;

/** What a Zarr hierarchy is read from; any store of zarrita is one. */
export interface ZarrStore {
  get(key: ZarrKey, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined> | Uint8Array | undefined;
}

/** What a Zarr hierarchy is written to; a Map from keys to bytes is one. */
export interface WritableZarrStore extends ZarrStore {
  set(key: ZarrKey, value: Uint8Array): unknown;
}
