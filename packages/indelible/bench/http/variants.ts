export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** The application as it is, and the ways in which it may record its requests. The first is what the others are measured against. */
export const VARIANTS = ['plain', 'soon', 'before', 'with-change', 'net'] as const;
export type Variant = (typeof VARIANTS)[number];

export const MEANING: Readonly<Record<Variant, string>> = {
  plain: 'no Indelible',
  soon: 'the adapter with `auditRead` and `auditList`, one READ or LIST a request, spooled at once (the default)',
  before: 'the same, in the store before the answer leaves',
  'with-change':
    'the adapter; the handler records the READ or LIST by hand with the connection of its own database, into the outbox',
  net: 'the adapter alone: one API_REQUEST a request, with no limit to how many of one user in a minute',
};
