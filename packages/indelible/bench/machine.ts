import os from 'node:os';

/** What a result was measured on. */
export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly processor: string | undefined;
  readonly cores: number;
  readonly memoryGiB: number;
}

export function machine(): Machine {
  return {
    node: process.version,
    system: `${os.type()} ${os.release()}`,
    processor: os.cpus()[0]?.model.trim(),
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
  };
}
