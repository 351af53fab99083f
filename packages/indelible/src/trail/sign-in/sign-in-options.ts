/** What `audit.auth` needs to know of the application. */
export interface SignInOptions {
  /**
   * The key that attempted names are digested with, of at least 16 bytes. By default one is made and kept in the
   * folder of the spool, or, where there is no disk, one for the life of the process.
   */
  readonly digestKey?: string | Uint8Array | undefined;
  /** The model that accounts are records of; `User` by default. */
  readonly userModel?: string | undefined;
}
