declare module 's3rver' {
  /** What the tests use of it. */
  export default class S3rver {
    constructor(options: {
      port: number;
      address: string;
      silent: boolean;
      directory: string;
      resetOnClose: boolean;
    });
    run(): Promise<{ port: number }>;
    close(): Promise<void>;
  }
}
