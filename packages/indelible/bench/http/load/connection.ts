import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';
const LENGTH = /^content-length: *(\d+)/im;

/**
 * One connection that is kept alive, and asks for one thing at a time. It reads no more of an answer than where it
 * ends: a whole client would take more time for itself than what is to be measured.
 */
export class Connection {
  readonly #socket: Socket;
  #received = 0;
  /** Undefined before the head is there; infinite for an answer in chunks. */
  #expected: number | undefined;
  #answered: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('close', () => this.#failed?.(new Error('The server closed a connection.')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  ask(request: Buffer, answered: () => void, failed: (error: Error) => void): void {
    this.#received = 0;
    this.#expected = undefined;
    this.#answered = answered;
    this.#failed = failed;
    // A server closes what nobody has asked for long.
    if (this.#socket.destroyed) failed(new Error('The server had closed a connection.'));
    else this.#socket.write(request);
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#expected ??= this.#expectedBy(chunk);
    this.#received += chunk.length;
    const isWhole =
      this.#expected === Infinity
        ? chunk.toString('latin1', chunk.length - LAST_CHUNK.length) === LAST_CHUNK
        : this.#received >= this.#expected;
    if (isWhole) this.#answered?.();
  }

  /** Heads as small as these come in one piece. */
  #expectedBy(chunk: Buffer): number {
    const end = chunk.indexOf(HEAD_END);
    const head = chunk.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200')) this.#failed?.(new Error(`The server answered ${head}`));
    const length = LENGTH.exec(head)?.[1];
    return length === undefined ? Infinity : end + HEAD_END.length + Number(length);
  }
}
