import type { Capturing } from '../../capturing.js';
import { Attachment, type AttachParts } from './attachment.js';
import type { Client, ClientClass, PgClientLike } from './driver.js';
import { refused, requireDriver } from './requirements.js';

/** Has a single client of `pg` capture, in place. It must not have connected yet. */
export function attachClient<C extends PgClientLike>(
  capturing: Capturing,
  client: C,
  options: AttachParts = {},
): C {
  const attachment = new Attachment(capturing, options);
  const { constructor } = client;
  if (attachment.has(client, 'client') || attachment.has(constructor, 'client')) return client;
  requireDriver(constructor, 'client');
  if (Reflect.get(client, '_connecting') === true || Reflect.get(client, '_connected') === true)
    throw refused(
      'This client has connected already. Attach it directly after it is made, before connect().',
    );
  attachment.client(client as unknown as Client, constructor as unknown as ClientClass);
  return client;
}
