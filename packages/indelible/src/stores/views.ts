/** Whose views: of one person within one tenant, '' where there is none. */
export interface ViewOwner {
  readonly tenantId: string;
  readonly viewerId: string;
}

/** A question that somebody has kept for themselves. It is no event: it can be changed, and goes when it is told to. */
export interface SavedView {
  readonly id: string;
  readonly name: string;
  /** What was asked, as whoever reads it has written it. */
  readonly query: string;
  readonly savedAt: string;
}

export interface Views {
  /** By their names, and of one name by their ids. */
  list(owner: ViewOwner): Promise<readonly SavedView[]>;
  /** Adds a view, or replaces the owner's own of that id; false, with nothing changed, when the id is somebody else's. */
  save(owner: ViewOwner, view: Omit<SavedView, 'savedAt'>): Promise<boolean>;
  /** False when the owner has none of that id. */
  remove(owner: ViewOwner, id: string): Promise<boolean>;
}
